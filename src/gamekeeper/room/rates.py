"""Token buckets: how often one seat may send one command."""

from gamekeeper.core.errors import Rejected
from gamekeeper.core.messages import Command, Rate
from gamekeeper.core.seats import SYSTEM

MAX_BUCKETS = 100_000


class Repeat(Command, by=SYSTEM, rate=Rate(128)):
    """The bucket of repeats of whatever took effect already. They are let in where a new command would be refused, so
    that a repeat gets the first answer; a client that keeps to the protocol never has more than 32 at once."""


class Buckets:
    """One bucket per (seat, command). Full buckets are forgotten when there are too many."""

    __slots__ = ("_buckets", "_factor")

    def __init__(self, factor: float = 1.0) -> None:
        self._factor = factor
        self._buckets: dict[tuple[int, type[Command]], tuple[float, float]] = {}

    def take(self, seat: int, kind: type[Command], now: float) -> None:
        """Spend one token. Raises `Rejected` with the rate's code and `retry_after_s` when there is none."""
        rate = kind.__rate__
        key = (seat, kind)
        full = rate.count * self._factor
        tokens, then = self._buckets.get(key, (full, now))
        tokens = min(full, tokens + (now - then) * full / rate.per_s)
        if tokens < 1.0:
            self._buckets[key] = (tokens, now)
            wait_s = (1.0 - tokens) * rate.per_s / full
            raise Rejected(
                rate.code, f"at most {rate.count} in {rate.per_s:g} s", retry_after_s=round(wait_s + 0.001, 3)
            )
        self._buckets[key] = (tokens - 1.0, now)
        if len(self._buckets) > MAX_BUCKETS:
            self._forget_full(now)

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            key: (tokens, then)
            for key, (tokens, then) in self._buckets.items()
            if tokens + (now - then) * self._full(key[1]) / key[1].__rate__.per_s < self._full(key[1])
        }

    def _full(self, kind: type[Command]) -> float:
        return kind.__rate__.count * self._factor

    def __len__(self) -> int:
        return len(self._buckets)
