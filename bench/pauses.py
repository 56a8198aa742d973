"""How long clients waited for an answer while something was done to their servers."""

import asyncio
import time
from statistics import median

from bench.crash import Watched
from bench.results import percentile

PULSE_S = 0.005


class Pauses:
    """Looks at every client's answers all the time. A pause is the longest time one client had none."""

    def __init__(self) -> None:
        self.watched: list[Watched] = []
        self._seen: list[int] = []
        self._last: list[float] = []
        self._longest: list[float] = []
        self.found: dict[str, list[float]] = {}

    @property
    def acknowledged(self) -> int:
        return sum(self._answered())

    def _answered(self) -> list[int]:
        return [len(each.witness.acknowledged) for each in self.watched]

    async def watch(self) -> None:
        """Look until cancelled."""
        self._seen, self._last = self._answered(), [time.monotonic()] * len(self.watched)
        self.begin()
        while True:
            now = time.monotonic()
            for number, count in enumerate(self._answered()):
                self._longest[number] = max(self._longest[number], now - self._last[number])
                if count > self._seen[number]:
                    self._seen[number], self._last[number] = count, now
            await asyncio.sleep(PULSE_S)

    def begin(self) -> None:
        """Something is about to be done."""
        self._longest = [0.0] * len(self.watched)

    async def end(self, kind: str, limit_s: float) -> None:
        """Wait until every client has had an answer since, and note the longest pause. Raises `TimeoutError`."""
        before = self._answered()
        async with asyncio.timeout(limit_s):
            while any(map(int.__ge__, before, self._answered())):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(PULSE_S)
        await asyncio.sleep(2 * PULSE_S)
        self.found.setdefault(kind, []).append(max(self._longest))

    def waiting(self) -> str:
        """Who has had no answer for long, and where they stand."""
        now = time.monotonic()
        return "; ".join(
            f"client {number} {now - last:.0f} s, {each.connection.state} at {each.connection.url},"
            f" {len(each.connection.replica.unanswered)} unanswered"
            for number, (each, last) in enumerate(zip(self.watched, self._last, strict=True))
            if now - last > 1.0
        )

    def figures(self, lease_s: float) -> dict[str, float]:
        """Seconds by what was done: how often, the usual pause, the 99th percentile and the longest. `failover`: beyond
        the moment at which the dead node's lease could expire."""
        found = self.found | {"failover": [max(0.0, one - lease_s) for one in self.found.get("failover", ())]}
        figures: dict[str, float] = {}
        for kind, seconds in sorted(found.items()):
            if seconds:
                figures[kind] = len(seconds)
                figures[f"{kind}_pause_s_median"] = round(median(seconds), 2)
                figures[f"{kind}_pause_s_p99"] = round(percentile(seconds, 0.99), 2)
                figures[f"{kind}_pause_s_longest"] = round(max(seconds), 2)
        return figures
