"""How often who may ask over HTTP. Commands on sockets have their own buckets in the room.

A rate class is written as `20/minute;200/hour`; all parts hold. Counting is in memory, bounded in keys: when there is
no room for another address, new ones are refused rather than let through uncounted. Several nodes count together
besides (`sharedrates`).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from gamekeeper.core.errors import ErrorCode, Rejected

IPV6_SITE_BITS = 64


def parse(rate: str) -> list[RateLimitItem]:
    """The limits a rate class is made of. Raises `ValueError`."""
    return parse_many(rate)


class Shared(Protocol):
    """Counting together with other nodes."""

    async def passed(self, items: Sequence[RateLimitItem], *key: str) -> tuple[RateLimitItem, float] | None:
        """Count one request; the limit that is passed by it and when that is over (seconds since the epoch)."""
        ...

    async def close(self) -> None: ...


class HttpLimits:
    """Counts requests per rate class and key."""

    def __init__(
        self, classes: Mapping[str, str], max_keys: int = 100_000, now: Callable[[], float] = time.time
    ) -> None:
        self._classes = {name: parse(rate) for name, rate in classes.items()}
        self._now = now
        self.storage = BoundedStorage(max_keys, now)
        self.shared: Shared | None = None
        """Where all nodes count together; None: this is the only one."""
        self._limiter = FixedWindowRateLimiter(self.storage)

    async def take(self, rate_class: str, key: str) -> None:
        """Count one request, here and with the other nodes. Raises `Rejected("rate_limited")` with the time to wait."""
        self.hit(rate_class, key)
        if self.shared is not None:
            passed = await self.shared.passed(self._classes[rate_class], rate_class, key)
            if passed is not None:
                raise self._refusal(*passed)

    def count(self, rate_class: str, key: str) -> None:
        """Count one, whatever is left."""
        for item in self._classes[rate_class]:
            self._limiter.hit(item, rate_class, key)

    def spent(self, rate_class: str, key: str) -> float | None:
        """Seconds to wait where nothing is left; None: something is. Counts nothing."""
        for item in self._classes[rate_class]:
            if not self._limiter.test(item, rate_class, key):
                reset_at = self._limiter.get_window_stats(item, rate_class, key).reset_time
                return max(1.0, round(reset_at - self._now(), 1))
        return None

    def hit(self, rate_class: str, key: str) -> None:
        """Count one request here. Raises `Rejected("rate_limited")` with the time to wait."""
        for item in self._classes[rate_class]:
            if not self._limiter.hit(item, rate_class, key):
                raise self._refusal(item, self._limiter.get_window_stats(item, rate_class, key).reset_time)

    def _refusal(self, item: RateLimitItem, reset_at: float) -> Rejected:
        wait_s = max(1.0, round(reset_at - self._now(), 1))
        return Rejected(ErrorCode.RATE_LIMITED, f"at most {item}", retry_after_s=wait_s)


def site(address: str) -> str:
    """The key of an address: itself, or for IPv6 its /64, as one customer has a whole one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> IPV6_SITE_BITS << IPV6_SITE_BITS)}/{IPV6_SITE_BITS}"
    return address


class BoundedStorage(Storage):
    """Fixed-window counters in memory, at most `max_keys` of them; those that expired make room first."""

    STORAGE_SCHEME = None

    def __init__(self, max_keys: int, now: Callable[[], float] = time.time, **_: Any) -> None:
        super().__init__()
        self._max_keys = max_keys
        self._now = now
        self._counters: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def __len__(self) -> int:
        return len(self._counters)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        count, expires_at = self._live(key)
        if not count:
            self._make_room()
            expires_at = self._now() + expiry
        self._counters[key] = (count + amount, expires_at)
        return count + amount

    def get(self, key: str) -> int:
        return self._live(key)[0]

    def get_expiry(self, key: str) -> float:
        return self._live(key)[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._counters)
        self._counters.clear()
        return count

    def clear(self, key: str) -> None:
        self._counters.pop(key, None)

    def _live(self, key: str) -> tuple[int, float]:
        count, expires_at = self._counters.get(key, (0, 0.0))
        if count and expires_at <= self._now():
            del self._counters[key]
            return 0, self._now()
        return count, expires_at

    def _make_room(self) -> None:
        if len(self._counters) < self._max_keys:
            return
        now = self._now()
        for key in [key for key, (_, expires_at) in self._counters.items() if expires_at <= now]:
            del self._counters[key]
        if len(self._counters) >= self._max_keys:
            raise Rejected(ErrorCode.CAPACITY, "too many callers at once", retry_after_s=60.0)
