"""Request rates: counted per class and key, bounded, with the time to wait."""

import pytest

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.server.limits import BoundedStorage, HttpLimits, parse, site


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_the_request_past_the_limit_is_refused_with_the_time_to_wait() -> None:
    clock = Clock()
    limits = HttpLimits({"login": "3/minute"}, now=clock)
    for _ in range(3):
        limits.hit("login", "a")
    clock.now_s += 20
    with pytest.raises(Rejected) as caught:
        limits.hit("login", "a")
    assert caught.value.code == ErrorCode.RATE_LIMITED
    assert caught.value.retry_after_s == 40
    clock.now_s += 41
    limits.hit("login", "a")


def test_keys_and_classes_are_counted_apart() -> None:
    limits = HttpLimits({"read": "1/minute", "write": "1/minute"}, now=Clock())
    for rate_class in ("read", "write"):
        for key in ("a", "b"):
            limits.hit(rate_class, key)


def test_every_part_of_a_class_holds() -> None:
    clock = Clock()
    limits = HttpLimits({"x": "2/second;3/hour"}, now=clock)
    limits.hit("x", "a")
    limits.hit("x", "a")
    with pytest.raises(Rejected):
        limits.hit("x", "a")
    clock.now_s += 2
    limits.hit("x", "a")
    clock.now_s += 2
    with pytest.raises(Rejected, match="3 per 1 hour"):
        limits.hit("x", "a")


def test_memory_is_bounded_and_strangers_are_refused_when_it_is_full() -> None:
    clock = Clock()
    limits = HttpLimits({"x": "5/minute"}, max_keys=3, now=clock)
    for key in "abc":
        limits.hit("x", key)
    with pytest.raises(Rejected) as caught:
        limits.hit("x", "d")
    assert caught.value.code == ErrorCode.CAPACITY
    limits.hit("x", "a")
    clock.now_s += 61
    limits.hit("x", "d")
    assert len(limits.storage) == 1


def test_an_unreadable_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="rate limit"):
        parse("sometimes")


def test_an_ipv6_customer_is_one_key() -> None:
    assert site("2001:db8:1:2:aaaa::1") == site("2001:db8:1:2:bbbb::9") != site("2001:db8:1:3::1")
    assert site("::ffff:192.0.2.1") == "192.0.2.1" == site("192.0.2.1")
    assert site("no address") == "no address"


def test_a_storage_can_be_emptied() -> None:
    storage = BoundedStorage(2, Clock())
    storage.incr("a", 60)
    storage.incr("b", 60)
    storage.clear("a")
    assert storage.check() and storage.get("a") == 0 and storage.reset() == 1 and len(storage) == 0
