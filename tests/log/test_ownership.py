"""Who owns which room: one suite for every storage that nodes share."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gamekeeper.log.ownership import Claim, LeaseLost, MemoryOwnership, OwnedBy, Ownership, Territory
from tests.log.places import MemoryPlace, Place, PostgresPlace

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "postgres"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    place: Place = (
        MemoryPlace() if request.param == "memory" else PostgresPlace(request.getfixturevalue("postgres_url"))
    )
    yield place
    await place.close()


@pytest.fixture
async def one(place: Place) -> Ownership:
    one = place.ownership("one")
    await one.register()
    return one


@pytest.fixture
async def two(place: Place) -> Ownership:
    two = place.ownership("two")
    await two.register()
    return two


async def test_nodes_tell_whose_rooms_they_run(place: Place) -> None:
    made = [place.ownership("all"), place.ownership("games", owns=("chsh", "quiz")), place.ownership("gate", owns=())]
    for one in made:
        await one.register()
    told = {one.node: one.owns for one in await made[0].nodes()}
    assert told == {"all": None, "games": ("chsh", "quiz"), "gate": ()} == {one.node: one.owns for one in made}


async def test_a_room_nobody_has_is_taken(one: Ownership) -> None:
    assert await one.owner("room") is None
    assert await one.claim("room") == Claim("room", 1)
    assert one.epoch_of("room") == 1
    assert await one.owner("room") == OwnedBy("room", "one", "one:8000")


async def test_a_room_somebody_has_is_not_taken(one: Ownership, two: Ownership) -> None:
    await one.claim("room")
    assert await two.claim("room") == OwnedBy("room", "one", "one:8000")
    assert two.epoch_of("room") is None
    assert one.epoch_of("room") == 1


async def test_claiming_again_raises_the_epoch(one: Ownership) -> None:
    """What the same process had under way is fenced too."""
    await one.claim("room")
    assert await one.claim("room") == Claim("room", 2)
    assert one.epoch_of("room") == 2


async def test_a_room_that_was_given_back_is_taken(one: Ownership, two: Ownership) -> None:
    await one.claim("room")
    await one.release(["room"])
    assert one.epoch_of("room") is None
    assert await one.owner("room") is None
    assert isinstance(await two.claim("room"), Claim)


async def test_a_claim_of_another_is_not_given_back(one: Ownership, two: Ownership) -> None:
    await one.claim("room")
    await two.release(["room"])
    assert isinstance(await two.claim("room"), OwnedBy)


async def test_the_rooms_of_a_lease_that_ran_out_are_taken(place: Place, one: Ownership, two: Ownership) -> None:
    await one.claim("room")
    await place.expire("one")
    assert await two.owner("room") is None
    assert await two.claim("room") == Claim("room", 2)
    assert await one.claim("room") == OwnedBy("room", "two", "two:8000")


async def test_many_rooms_in_one_step(one: Ownership, two: Ownership) -> None:
    await one.claim("b")
    answers = await two.claim_all(["c", "b", "a", "c"])
    assert answers == [Claim("c", 1), OwnedBy("b", "one", "one:8000"), Claim("a", 1), Claim("c", 1)]
    assert await two.claim_all([]) == []


async def test_two_nodes_claim_at_once(one: Ownership, two: Ownership) -> None:
    """Exactly one of them has each room."""
    rooms = [f"room {number}" for number in range(200)]
    backwards = list(reversed(rooms))
    first, second = await asyncio.gather(one.claim_all(rooms), two.claim_all(backwards))
    won = [{answer.room for answer in answers if isinstance(answer, Claim)} for answers in (first, second)]
    assert won[0] | won[1] == set(rooms)
    assert not won[0] & won[1]


async def test_nodes_are_those_whose_lease_runs(place: Place, one: Ownership, two: Ownership) -> None:
    nodes = await one.nodes()
    assert [(node.node, node.address) for node in nodes] == [("one", "one:8000"), ("two", "two:8000")]
    assert all(node.started_at < node.expires_at for node in nodes)
    await place.expire("two")
    assert [node.node for node in await one.nodes()] == ["one"]
    assert not await two.renew(), "it had run out"
    assert await two.renew()
    assert [node.node for node in await one.nodes()] == ["one", "two"]


async def test_a_process_of_the_same_name_takes_over_at_once(place: Place, one: Ownership) -> None:
    await one.claim("room")
    again = place.ownership("one")
    await again.register()
    assert again.epoch_of("room") is None
    assert await again.claim("room") == Claim("room", 2)
    with pytest.raises(LeaseLost, match="node one has lost its lease"):
        await one.renew()
    assert not one.believes
    assert one.epoch_of("room") is None
    assert again.believes


async def test_who_never_began_believes_nothing(place: Place) -> None:
    ownership = place.ownership("one")
    assert not ownership.believes
    with pytest.raises(LeaseLost):
        await ownership.renew()


async def test_leaving_gives_everything_back(one: Ownership, two: Ownership) -> None:
    await one.claim_all(["a", "b"])
    await one.leave()
    assert not one.believes
    assert [node.node for node in await two.nodes()] == ["two"]
    assert [type(answer) for answer in await two.claim_all(["a", "b"])] == [Claim, Claim]


async def test_rooms_that_were_never_given_back_are_orphans(place: Place, one: Ownership, two: Ownership) -> None:
    """Somebody has to keep their deadlines."""
    three = place.ownership("three")
    await three.register()
    await one.claim_all(["a", "b"])
    await three.claim("c")
    await two.claim("d")
    await one.release(["b"])
    assert await two.orphans(10) == []
    await one.leave()
    assert await two.orphans(10) == ["a"]
    await place.expire("three")
    assert sorted(await two.orphans(10)) == ["a", "c"]
    assert len(await two.orphans(1)) == 1
    await two.claim_all(["a", "c"])
    assert await two.orphans(10) == []


async def test_what_the_log_refused_is_forgotten(one: Ownership) -> None:
    await one.claim("room")
    one.lost("room")
    assert one.epoch_of("room") is None


async def test_belief_ends_before_the_lease_does() -> None:
    now = [100.0]
    ownership = MemoryOwnership(Territory(lambda: now[0]), "one", lease_s=6.0, margin_s=1.0)
    await ownership.register()
    await ownership.claim("room")
    now[0] = 104.9
    assert ownership.believes
    now[0] = 105.0
    assert not ownership.believes
    assert ownership.epoch_of("room") is None
    assert ownership.territory.alive("one"), "the others wait a little longer"
    await ownership.renew()
    assert ownership.epoch_of("room") == 1


async def test_an_append_asks_for_owner_and_epoch() -> None:
    ownership = MemoryOwnership()
    await ownership.register()
    await ownership.claim("room")
    assert ownership.territory.fits("room", "here", 1)
    await ownership.claim("room")
    assert not ownership.territory.fits("room", "here", 1)
    assert not ownership.territory.fits("room", "there", 2)


async def test_nobody_waits_for_the_lease_of_a_process_that_has_ended(one: Ownership, two: Ownership) -> None:
    await one.claim("room")
    await two.bury("nobody")
    assert await two.claim("room") == OwnedBy("room", "one", "one:8000")
    await two.bury("one")
    assert await two.orphans(10) == ["room"]
    assert await two.claim("room") == Claim("room", 2)
    assert not await one.renew(), "should it be alive after all, it is told that it may have lost rooms"
