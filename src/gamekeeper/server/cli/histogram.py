"""Latencies, counted in buckets that are one hundredth wide: any percentile to that precision in little memory."""

import math
from collections import Counter

_WIDTH = math.log(1.01)
LEAST_S = 1e-6


class Histogram:
    """Counts durations in seconds; those below a microsecond count as one."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.longest_s = 0.0

    def __len__(self) -> int:
        return self._buckets.total()

    def add(self, duration_s: float) -> None:
        self._buckets[round(math.log(max(duration_s, LEAST_S)) / _WIDTH)] += 1
        self.longest_s = max(self.longest_s, duration_s)

    def at(self, share: float) -> float | None:
        """The duration that this share of all did not exceed; None: nothing was counted."""
        wanted, seen = math.ceil(share * len(self)), 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= wanted:
                return math.exp(bucket * _WIDTH)
        return None
