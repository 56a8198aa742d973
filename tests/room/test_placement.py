"""Which node runs which room, where nodes say whose they run."""

import pytest

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.log.ownership import MemoryOwnership, Territory
from gamekeeper.room.placement import new_room_id, place_of, runs

pytestmark = pytest.mark.anyio


async def node(land: Territory, name: str, *owns: str) -> MemoryOwnership:
    ownership = MemoryOwnership(land, name, owns=owns)
    await ownership.register()
    return ownership


def test_who_says_nothing_runs_everything() -> None:
    assert [runs(None, "quiz"), runs(("quiz",), "quiz"), runs(("chsh",), "quiz"), runs((), "quiz")] == [
        True, True, False, False,
    ]  # fmt: skip


async def test_a_room_is_sent_to_a_node_that_runs_its_application() -> None:
    land = Territory()
    gateway, games, quizzes = await node(land, "gate"), await node(land, "games", "chsh"), await node(land, "q", "quiz")
    assert await place_of(games, "room", "chsh") is None
    assert [await place_of(one, "room", "chsh") for one in (gateway, quizzes)] == ["games", "games"]
    assert [await place_of(one, "room", "quiz") for one in (gateway, games)] == ["q", "q"]


async def test_a_room_that_somebody_has_is_asked_there() -> None:
    land = Territory()
    gateway, general = await node(land, "gate"), MemoryOwnership(land, "general")
    await general.register()
    await node(land, "games", "chsh")
    await general.claim("room")
    assert await place_of(gateway, "room", "chsh") == "general"


async def test_of_several_all_take_the_same_and_rooms_are_spread() -> None:
    land = Territory()
    gates = [await node(land, "gate"), await node(land, "other gate")]
    for name in ("a", "b"):
        await node(land, name, "chsh")
    places = [[await place_of(gate, f"room{number}", "chsh") for number in range(40)] for gate in gates]
    assert places[0] == places[1] and set(places[0]) == {"a", "b"}


async def test_without_such_a_node_it_is_refused_by_name() -> None:
    land = Territory()
    gateway = await node(land, "gate")
    games = await node(land, "games", "chsh")
    land.expire("games")
    assert games.owns == ("chsh",)
    with pytest.raises(Rejected, match="no node that runs rooms of 'chsh'") as caught:
        await place_of(gateway, "room", "chsh")
    assert caught.value.code == ErrorCode.UNAVAILABLE and caught.value.retry_after_s


def test_ids_of_rooms_never_begin_like_an_option() -> None:
    ids = {new_room_id() for _ in range(500)}
    assert len(ids) == 500 and all(len(id) == 22 and id[0].isalnum() for id in ids)
