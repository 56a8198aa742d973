"""Any two things that can be done to a room, done at once: none hangs, none harms."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from gamekeeper import PLAYER, Rejected
from gamekeeper.client import Client, ConnectionClosed
from gamekeeper.core.record import records
from gamekeeper.testing import House, house
from gamekeeper.testing.tally import app
from gamekeeper.wire.closing import ClosingCode

pytestmark = pytest.mark.anyio

HANGS_AFTER_S = 10.0
ORDINARY = {
    "capacity", "conflict", "forbidden", "not_found", "room_closed", "unavailable", "unknown_code", "unknown_room",
}  # fmt: skip


class Evening:
    """A room with two who play, on live connections, and two who do not yet."""

    def __init__(self, house: House, people: list[Client], room: dict[str, str]) -> None:
        self.server = house._server
        self.ann, self.bob, self.carl, self.dora = people
        self.id = room["id"]
        self.code = room["code"]
        self.live = self.ann.connect(self.id, device="a")
        self.other = self.bob.connect(self.id, device="b")

    async def connect(self) -> None:
        async with self.bob.connect(self.id, device="another"):
            pass

    async def reconnect(self) -> None:
        self.live.drop()
        await self.live.until(lambda: self.live.state in ("live", "closed"))

    async def disconnect(self) -> None:
        await self.other.close()

    async def play(self) -> None:
        for _ in range(5):
            await self.live.send("add", {"amount": 1})

    async def add_participant(self) -> None:
        await self.carl.join(self.code)

    async def add_the_same_participant(self) -> None:
        await self.carl.join(self.code)
        async with self.carl.connect(self.id):
            pass

    async def leave(self) -> None:
        await self.bob.request("POST", f"/rooms/{self.id}/leave")

    async def look(self) -> None:
        await self.ann.request("GET", f"/rooms/{self.id}")
        await self.server.health()

    async def sweep(self) -> None:
        self.server.registry.sweep()
        await self.server.settled()

    async def sleep(self) -> None:
        """The room is put to sleep under everybody's feet, and woken."""
        room = self.server.registry.rooms.get(self.id)
        if room is not None:
            room.stop(ClosingCode.IDLE, "asleep")
        await self.server.registry.get(self.id)

    async def close(self) -> None:
        await self.server.registry.close(self.id, "over")

    async def open_another(self) -> None:
        await self.dora.open("tally")


OPERATIONS: list[Callable[[Evening], Awaitable[None]]] = [
    Evening.connect, Evening.reconnect, Evening.disconnect, Evening.play, Evening.add_participant,
    Evening.add_the_same_participant, Evening.leave, Evening.look, Evening.sweep, Evening.sleep, Evening.close,
    Evening.open_another,
]  # fmt: skip


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(app, tmp_path_factory.mktemp("pairs")) as place:
        yield place


@pytest.fixture(scope="module")
async def people(place: House) -> AsyncIterator[list[Client]]:
    people = [place.client() for _ in range(4)]
    for person, name in zip(people, ("Ann", "Bob", "Carl", "Dora"), strict=True):
        await person.guest(name)
    yield people
    for person in people:
        await person.__aexit__(None, None, None)


async def orderly(operation: Callable[[Evening], Awaitable[None]], evening: Evening) -> None:
    """Carry it out; being refused by name is an ordinary end."""
    try:
        await operation(evening)
    except Rejected as rejected:
        assert rejected.code in ORDINARY, rejected
    except ConnectionClosed as closed:
        assert closed.code in {"room_closed", "forbidden", "closed", "unknown_room", "replaced"}, closed


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations_with_replacement(OPERATIONS, 2)),
    ids=lambda operation: operation.__name__,
)
async def test_any_two_operations_at_once(
    place: House, people: list[Client], one: Callable[[Evening], Awaitable[None]],
    other: Callable[[Evening], Awaitable[None]],
) -> None:  # fmt: skip
    """R2-123, R2-121: both end, and what is in memory is what is in the log."""
    room = await people[0].open("tally")
    await people[1].join(room["code"])
    evening = Evening(place, people, room)
    async with asyncio.timeout(HANGS_AFTER_S), evening.live, evening.other:
        await asyncio.gather(orderly(one, evening), orderly(other, evening))
    registry = evening.server.registry
    entries = await registry.log.read(evening.id)
    seqs = [record.seq for entry in entries for record in records(entry)]
    assert seqs == list(range(1, len(seqs) + 1))
    awake = registry.rooms.get(evening.id)
    if awake is not None and awake.fold.closed is None:
        await registry.join(evening.id, evening.ann.user["id"], "Ann", PLAYER)  # answered once all before it is written
        assert awake.stage.seq == awake.fold.seq
    assert len(evening.server.door) == len(evening.server.reception.connections) == 0
