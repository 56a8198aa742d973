"""Are rounds left unanswered more often in some cells than in others? A permutation test."""

from collections.abc import Sequence

VOID_WARNING_P = 0.01
PERMUTATIONS = 20_000
SEED = 20_000
"""Fixed, so that a file has one answer."""


def void_rates_p(asked: Sequence[int], void: Sequence[int]) -> float:
    """P of Pearson's chi-square over the cells, given how many voids there are in all; 1 where there is nothing to
    compare. The permutations are drawn from the multivariate hypergeometric law."""
    import numpy as np

    cells = [(n, v) for n, v in zip(asked, void, strict=True) if n]
    total, voids = sum(n for n, _ in cells), sum(v for _, v in cells)
    if len(cells) < 2 or not 0 < voids < total:
        return 1.0
    sizes = np.array([n for n, _ in cells])
    expected = sizes * voids / total

    seen = float(((np.array([v for _, v in cells]) - expected) ** 2 / expected).sum())
    generator = np.random.default_rng(SEED)
    draws = generator.multivariate_hypergeometric(sizes, voids, PERMUTATIONS, method="marginals")
    drawn = ((draws - expected) ** 2 / expected).sum(axis=1)
    as_extreme = int((drawn >= seen * (1 - 1e-12)).sum())
    return (as_extreme + 1) / (PERMUTATIONS + 1)
