"""Request rates of all nodes together, counted in Redis.

Each node counts by itself as well. When Redis does not answer that is all there is for a while: rates are then as many
times as generous as there are nodes, and nobody waits.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger("gamekeeper.limits")

ANSWER_S = 0.25
REST_S = 5.0
"""How long Redis is left alone after it did not answer."""


class SharedRates:
    """Counts in one Redis for all nodes of a cluster."""

    def __init__(self, url: str, prefix: str, now: Callable[[], float] = time.monotonic) -> None:
        """Raises `limits.errors.ConfigurationError` on an address that is none."""
        self._storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix=f"{prefix}:rates",
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
        )
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._now = now
        self._resting_until = float("-inf")

    async def passed(self, items: Sequence[RateLimitItem], *key: str) -> tuple[RateLimitItem, float] | None:
        """Count one request; the limit that is passed by it and when that is over (seconds since the epoch)."""
        if self._now() < self._resting_until:
            return None
        try:
            for item in items:
                if not await self._limiter.hit(item, *key):
                    return item, (await self._limiter.get_window_stats(item, *key)).reset_time
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("rates are counted by each node alone for %g s: %s", REST_S, error)
            self._resting_until = self._now() + REST_S
        return None

    async def close(self) -> None:
        """Let go of the connections."""
        bridge: Any = self._storage.bridge
        await bridge.storage.aclose()
