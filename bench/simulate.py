"""More seeds than the test suite has time for: `python -m bench.simulate --seeds 100000 [--first 0] [--cluster]`."""

import argparse
import logging
import time

from gamekeeper.testing.simulation import Violation, simulate, simulate_cluster
from gamekeeper.testing.tally import Tally, wish


def history(seed: int, steps: int, cluster: bool) -> tuple[int, int]:
    """One seed's events, and how often something went wrong. Raises `Violation`."""
    if cluster:
        several = simulate_cluster(Tally, seed, wish, steps=steps)
        return several.seq, several.faults
    one = simulate(Tally, seed, wish, steps=steps)
    return one.seq, one.crashes + one.cuts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--cluster", action="store_true", help="several nodes instead of one")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    events = faults = 0
    for seed in range(options.first, options.first + options.seeds):
        try:
            found, went_wrong = history(seed, options.steps, options.cluster)
        except Violation as violation:
            print(violation)
            return 1
        events += found
        faults += went_wrong
        if seed % 1_000 == 999:
            print(f"seed {seed}: {events:,} events, {faults:,} faults, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{options.seeds:,} seeds, {events:,} events, {faults:,} faults: every promise held")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
