"""One statement for many rooms, refused room by room."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gamekeeper.core.record import encode_entries
from gamekeeper.log.ownership import Claim
from gamekeeper.log.postgres import writer
from gamekeeper.log.postgres.line import KEYED, Line
from gamekeeper.log.postgres.ownership import PostgresOwnership
from gamekeeper.log.postgres.writer import Writer
from gamekeeper.log.protocol import Conflict, Fenced, LogError, LogFull, LogUnavailable
from tests import postgres
from tests.log.logs import append_when_ready, entry
from tests.log.places import PostgresPlace

pytestmark = pytest.mark.anyio


class Node:
    """An ownership and a writer that counts its statements."""

    def __init__(self, place: PostgresPlace, name: str, capacity: int = 1_000, lease_s: float = 60.0) -> None:
        self.ownership = place.ownership(name, lease_s=lease_s)
        self.line = _Counting(place.connector, **KEYED)
        self.writer = Writer(self.line, self.ownership, 0, capacity)

    async def append(self, room: str, seq: int = 1, body: bytes = b"") -> LogError | None:
        answered: asyncio.Future[LogError | None] = asyncio.get_running_loop().create_future()
        self.writer.append(room, seq, seq, body or encode_entries([entry(seq)]), answered.set_result)
        return await answered

    async def append_all(self, *rooms: str, seq: int = 1) -> list[str]:
        outcomes = await asyncio.gather(*(self.append(room, seq) for room in rooms))
        return [type(outcome).__name__ for outcome in outcomes]


class _Counting(Line):
    appends = 0
    broken: Exception | None = None

    async def fetch(self, statement: str, *values: object) -> list[object]:
        self.appends += statement == writer.APPEND
        if self.broken is not None:
            fault, self.broken = self.broken, None
            raise LogUnavailable("planted") from fault
        return await super().fetch(statement, *values)


@pytest.fixture
async def place(postgres_url: str) -> AsyncIterator[PostgresPlace]:
    place = PostgresPlace(postgres_url)
    yield place
    await place.close()


@pytest.fixture
async def one(place: PostgresPlace) -> AsyncIterator[Node]:
    node = Node(place, "one")
    await node.ownership.register()
    yield node
    await node.writer.close()


@pytest.fixture
async def two(place: PostgresPlace) -> AsyncIterator[Node]:
    node = Node(place, "two")
    await node.ownership.register()
    yield node
    await node.writer.close()


async def test_rooms_wait_while_a_commit_is_under_way_and_then_fill_the_next(one: Node) -> None:
    ready: list[str] = []
    first = asyncio.ensure_future(append_when_ready(one.writer, "first", ready))
    for _ in range(3):  # it has begun, and asks the database whose the room is
        await asyncio.sleep(0)
    rest = [asyncio.ensure_future(append_when_ready(one.writer, f"room {number}", ready)) for number in range(50)]
    await asyncio.sleep(0)
    assert ready == ["first"], "it was free; now it is not"
    assert await first is None
    assert await asyncio.gather(*rest) == [None] * 50
    assert one.line.appends == 2


async def test_many_rooms_are_one_statement(one: Node) -> None:
    rooms = [f"room {number}" for number in range(300)]
    assert set(await one.append_all(*rooms)) == {"NoneType"}
    assert set(await one.append_all(*rooms, seq=2)) == {"NoneType"}
    assert one.line.appends == 2


async def test_what_comes_during_a_commit_is_the_next(one: Node) -> None:
    first = asyncio.ensure_future(one.append("a"))
    await postgres.until(lambda: one.line.appends)
    rest = [asyncio.ensure_future(one.append(f"b{number}")) for number in range(50)]
    assert await asyncio.gather(first, *rest) == [None] * 51
    assert one.line.appends == 2


async def test_a_fenced_room_fails_alone(one: Node, two: Node, place: PostgresPlace) -> None:
    """Its owner believes what it likes: another node has taken it over."""
    await one.append_all("a", "b", "c")
    await place.expire("one")
    assert isinstance(await two.ownership.claim("b"), Claim)
    assert one.ownership.epoch_of("b") == 1, "it knows nothing of it"
    assert await one.append_all("a", "b", "c", seq=2) == ["NoneType", "Fenced", "NoneType"]
    assert one.ownership.epoch_of("b") is None
    assert await two.append("b", 2) is None


async def test_a_claim_waits_for_an_append_and_comes_after_it(one: Node, two: Node, postgres_url: str) -> None:
    """Claim, then read: what the former owner had under way is in the log, or never will be."""
    await one.append("room")
    claim = one.ownership.epoch_of("room")

    async def halfway(connection: postgres.Connection) -> None:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetch(writer.APPEND, ["room"], [claim], [2], [2], [encode_entries([entry(2)])], "one", 0)
        await one.ownership.release([])
        taking = asyncio.ensure_future(one.ownership.claim("room"))
        await _until_blocked(postgres_url)
        assert not taking.done()
        await transaction.commit()
        assert await taking == Claim("room", 2)

    await postgres.connected(postgres_url, halfway)
    rows = await postgres.fetch(postgres_url, "SELECT head FROM gamekeeper_log.rooms")
    assert rows[0][0] == 2


async def test_an_append_under_way_when_the_room_is_claimed_is_fenced(one: Node, postgres_url: str) -> None:
    await one.append("room")

    async def halfway(connection: postgres.Connection) -> None:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetch("UPDATE gamekeeper_log.rooms SET node = 'two', epoch = 2")
        waiting = asyncio.ensure_future(one.append("room", 2))
        await _until_blocked(postgres_url)
        await transaction.commit()
        assert isinstance(await waiting, Fenced)

    await postgres.connected(postgres_url, halfway)


async def _until_blocked(url: str) -> None:
    await postgres.until_async(lambda: _blocked(url))


async def _blocked(url: str) -> int:
    rows = await postgres.fetch(url, "SELECT count(*) FROM pg_locks WHERE NOT granted")
    waiting: int = rows[0][0]
    return waiting


async def test_a_room_of_another_node_is_refused(one: Node, two: Node) -> None:
    await one.append("room")
    outcome = await two.append("room", 2)
    assert isinstance(outcome, Fenced)
    assert str(outcome) == "room room is run by node one"


async def test_a_position_that_does_not_fit_is_named(one: Node) -> None:
    await one.append("room")
    outcome = await one.append("room", 5)
    assert type(outcome) is Conflict
    assert str(outcome) == "room room ends at 1, not before 5"


async def test_a_node_whose_lease_ran_out_writes_nothing(place: PostgresPlace) -> None:
    node = Node(place, "late", lease_s=0.0)
    await node.ownership.register()
    outcome = await node.append("room")
    assert isinstance(outcome, Fenced)
    assert "lease of node late has run out" in str(outcome)
    assert node.line.appends == 0
    await node.writer.close()


async def test_what_one_append_is_unfit_for_the_others_are_not(one: Node, postgres_url: str) -> None:
    """A room whose row and batches disagree must not hold up every other room's commit."""
    await one.append("bad")
    await postgres.fetch(postgres_url, "UPDATE gamekeeper_log.rooms SET head = 0")
    outcomes = await asyncio.gather(one.append("bad"), one.append("good"), one.append("better"))
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable, type(None), type(None)]


async def test_what_the_database_gave_up_is_tried_once_more(one: Node) -> None:
    one.line.broken = writer.NOT_WRITTEN[0]("planted")
    await one.ownership.claim("room")
    assert await one.append("room") is None
    assert one.line.appends == 2


async def test_a_fault_fails_its_commit_alone_and_the_room_is_claimed_anew(one: Node) -> None:
    await one.append("room")
    one.line.broken = OSError("planted")
    assert isinstance(await one.append("room", 2), LogUnavailable)
    assert one.ownership.epoch_of("room") is None
    assert await one.append("room", 2) is None
    assert one.ownership.epoch_of("room") == 2


async def test_what_waits_is_limited(place: PostgresPlace) -> None:
    node = Node(place, "small", capacity=3)
    await node.ownership.register()
    outcomes = await node.append_all(*"abcdef")
    assert outcomes == ["NoneType"] * 3 + ["LogFull"] * 3
    await node.writer.close()


async def test_bytes_that_wait_are_limited(one: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "QUEUED_BYTES", 100)
    assert isinstance(await one.append("room", body=b"x" * 101), LogFull)


async def test_a_commit_is_limited(one: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ROOMS_PER_COMMIT", 10)
    assert set(await one.append_all(*map(str, range(25)))) == {"NoneType"}
    assert one.line.appends == 3
    monkeypatch.setattr(writer, "BYTES_PER_COMMIT", 250)
    await asyncio.gather(*(one.append(f"large {number}", body=b"x" * 100) for number in range(5)))
    assert one.line.appends == 6


async def test_closing_writes_what_is_queued(one: Node) -> None:
    outcomes: list[LogError | None] = []
    for room in "ab":
        one.writer.append(room, 1, 1, encode_entries([entry(1)]), outcomes.append)
    await one.writer.close()
    await asyncio.sleep(0)
    assert outcomes == [None, None]
    assert isinstance(await one.append("c"), LogUnavailable)


async def test_should_the_task_end_everybody_is_told(place: PostgresPlace) -> None:
    class Mad(PostgresOwnership):
        async def claim_all(self, rooms: object) -> list[object]:  # type: ignore[override]
            raise ZeroDivisionError

    mad = Mad(place.connector, "mad")
    await mad.register()
    node = Node(place, "unused")
    node.writer = Writer(node.line, mad, 0, 10)
    assert await node.append_all("a", "b") == ["LogUnavailable"] * 2
    assert await node.append_all("a") == ["LogUnavailable"]
    await node.writer.close()
    await mad.leave()
