"""What every number means, in the words that stand beside it on every screen and in every report."""

LABELS = {
    "p_local": "chance that a local pair does at least this well; n fixed in advance",
    "p_quantum": "chance that a quantum pair does at least this well",
    "p_holm": "p local, corrected for all pairs of the run",
    "e_value": "evidence that may be watched live",
    "badge": "beats every local strategy, corrected for all pairs",
    "S": "description, not a test",
    "alarm": "more than nature allows: the pair communicates, or something leaks",
    "device": "the device is simulated by the server",
    "balanced": "balanced schedule: later questions can be predicted, so there are no P- or e-values",
    "seeded": "the questions came from a seed and could be known beforehand",
    "voids": "void rounds are left out of the main result and counted as lost beside it",
    "pooled_S": "description only: counts over different pairs may exceed 2 by the noise of who got which cell",
}

DISCLAIMER = (
    "All phones talk to one server: this demonstrates the theorem, it does not test nature. A pair that talks and "
    "stops at 85 % cannot be told from the device by any statistic; the host prevents talking, not the software."
)

WATCHING = (
    "The P-value holds for a number of rounds fixed in advance. Who looks at it after every round and stops at 5 % "
    "raises a false alarm in 12.8, 17.2, 21.6 and 26.2 % of local runs by 50, 100, 200 and 400 rounds; the e-value "
    "in 3.5 to 4 %."
)


def bias_label(bias: float) -> str:
    """What an assumed bias of the settings does to the figures."""
    return f"settings assumed biased by at most {bias:g}: the bounds are raised, so P- and e-values are weaker"
