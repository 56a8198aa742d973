"""Rates of several nodes, counted in a real Redis that may go away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gamekeeper import Rejected
from gamekeeper.server.limits import HttpLimits
from gamekeeper.server.sharedrates import SharedRates
from tests.cluster.redis import Redis, redis_in

pytestmark = pytest.mark.anyio


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with redis_in(tmp_path) as redis:
        yield redis


def node(redis: Redis) -> HttpLimits:
    limits = HttpLimits({"login": "4/hour"})
    limits.shared = SharedRates(redis.url, "test")
    return limits


async def test_nodes_count_together(redis: Redis) -> None:
    """A limit is one limit, however many nodes there are."""
    one, two = node(redis), node(redis)
    for limits in (one, two, one, two):
        await limits.take("login", "a")
    with pytest.raises(Rejected) as caught:
        await one.take("login", "a")
    assert caught.value.code == "rate_limited"
    assert caught.value.retry_after_s and 1 <= caught.value.retry_after_s <= 3600
    await two.take("login", "b")
    for limits in (one, two):
        assert limits.shared is not None
        await limits.shared.close()


async def test_without_redis_each_counts_alone(redis: Redis) -> None:
    limits = node(redis)
    redis.kill()
    for _ in range(4):
        await limits.take("login", "a")
    with pytest.raises(Rejected):
        await limits.take("login", "a")
    assert limits.shared is not None
    await limits.shared.close()
