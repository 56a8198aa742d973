"""Where a node stands, from its settings."""

from pathlib import Path

import pytest

from gamekeeper.cluster.bus import MemoryBus
from gamekeeper.cluster.bus_redis import RedisBus
from gamekeeper.server.place import node_name, open_bus
from gamekeeper.server.settings import BadSettings
from tests.server.kit import settings_in

pytestmark = pytest.mark.anyio


async def test_with_redis_a_node_reaches_the_others(tmp_path: Path) -> None:
    settings = settings_in(
        tmp_path, log_store="postgres", database_url="postgresql://127.0.0.1/x", redis_url="redis://127.0.0.1:1"
    )
    bus = open_bus(settings, "north-1")
    assert isinstance(bus, RedisBus)
    await bus.close()


async def test_without_redis_a_node_hears_nobody(tmp_path: Path) -> None:
    bus = open_bus(settings_in(tmp_path), "north-1")
    assert isinstance(bus, MemoryBus)
    await bus.close()


def test_a_node_is_called_as_chosen_with_something_new(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, node="north")
    assert node_name(settings).startswith("north-")
    assert node_name(settings) != node_name(settings)
    assert len(node_name(settings_in(tmp_path))) > 9


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"log_store": "postgres"}, "LOG_STORE"),
        ({"redis_url": "redis://127.0.0.1"}, "REDIS_URL"),
        ({"redis_url": "http://127.0.0.1"}, "REDIS_URL"),
        ({"redis_prefix": "a b"}, "REDIS_PREFIX"),
        ({"lease_s": 0.1}, "LEASE_S"),
        ({"node": "a/b"}, "NODE"),
    ],
)
def test_settings_of_a_cluster_that_cannot_be(tmp_path: Path, chosen: dict[str, object], field: str) -> None:
    with pytest.raises(BadSettings) as caught:
        settings_in(tmp_path, **chosen)
    assert f"GAMEKEEPER_{field}" in caught.value.problems
