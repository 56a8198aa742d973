"""Leases and rooms as rows, beyond what every storage of ownership promises (`tests/log/test_ownership.py`)."""

from collections.abc import AsyncIterator

import pytest

from gamekeeper.log.ownership import Claim, OwnedBy
from tests import postgres
from tests.log.places import PostgresPlace

pytestmark = pytest.mark.anyio
COUNT = "SELECT count(*) FROM gamekeeper_log.rooms"
FORGOTTEN = "UPDATE gamekeeper_log.nodes SET expires_at = now() - interval '2 days' WHERE node = 'old'"


@pytest.fixture
async def place(postgres_url: str) -> AsyncIterator[PostgresPlace]:
    place = PostgresPlace(postgres_url)
    yield place
    await place.close()


async def test_a_claim_of_a_room_that_does_not_exist_leaves_nothing(place: PostgresPlace, postgres_url: str) -> None:
    one = place.ownership("one")
    await one.register()
    await one.claim("nowhere")
    await one.release(["nowhere"])
    assert postgres.run(postgres_url, COUNT)[0][0] == 0


async def test_only_the_last_claim_can_be_given_back(place: PostgresPlace) -> None:
    former, present = place.ownership("one"), place.ownership("one")
    await former.register()
    await former.claim("room")
    await present.register()
    await present.claim("room")
    await former.release(["room"])
    assert await present.owner("room") == OwnedBy("room", "one", "one:8000")
    await former.leave()
    assert await present.owner("room") == OwnedBy("room", "one", "one:8000"), "nor does the former's end touch it"


async def test_a_node_believes_by_its_own_clock(place: PostgresPlace) -> None:
    one = place.ownership("one", lease_s=0.5)
    await one.register()
    await one.claim("room")
    assert not one.believes, "the margin is longer than the lease"
    assert one.epoch_of("room") is None


async def test_nodes_long_gone_are_cleared_away(place: PostgresPlace, postgres_url: str) -> None:
    old, new = place.ownership("old"), place.ownership("new")
    await old.register()
    await old.claim("room")
    postgres.run(postgres_url, FORGOTTEN)
    await new.register()
    assert [row[0] for row in postgres.run(postgres_url, "SELECT node FROM gamekeeper_log.nodes")] == ["new"]
    assert await new.claim("room") == Claim("room", 2)
