"""What every log promises, asked of every log."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from gamekeeper.core.personal import Aside, Personal
from gamekeeper.core.record import Entry, encode_entries
from gamekeeper.log.protocol import Batch, Conflict, EventLog, Fenced, LogDamaged, LogError, LogUnavailable, Snapshot
from tests.log.logs import KINDS, all_of, append, append_when_ready, entry, open_log

pytestmark = pytest.mark.anyio


@pytest.fixture(params=KINDS)
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventLog]:
    log = await open_log(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url"))
    yield log
    await log.close()


async def test_what_is_appended_is_read(log: EventLog) -> None:
    entries = [entry(1, events=2), entry(3), entry(4, events=3)]
    assert await append(log, "room", *entries) is None
    assert await append(log, "room", entry(7)) is None
    assert await log.read("room") == [*entries, entry(7)]
    assert await log.last_seq("room") == 7


async def test_an_unknown_room_is_empty(log: EventLog) -> None:
    assert await log.read("nowhere") == []
    assert await log.last_seq("nowhere") == 0
    assert await log.load_snapshot("nowhere") is None


async def test_reading_goes_on_after_a_seq(log: EventLog) -> None:
    for seq in range(1, 30, 3):
        await append(log, "room", entry(seq, events=3))
    assert [each.seq for each in await log.read("room", after=9)] == list(range(10, 30, 3))
    assert [each.seq for each in await log.read("room", after=10)] == list(range(10, 30, 3)), "an entry may straddle"
    assert [each.seq for each in await log.read("room", after=0, limit=2)][:2] == [1, 4]


@pytest.mark.parametrize("first", [1, 2, 4, 9])
async def test_an_append_elsewhere_is_refused_and_writes_nothing(log: EventLog, first: int) -> None:
    await append(log, "room", entry(1, events=2))
    assert isinstance(await append(log, "room", entry(first)), Conflict)
    assert await log.last_seq("room") == 2
    assert await append(log, "room", entry(3)) is None


async def test_a_room_that_conflicts_fails_alone(log: EventLog) -> None:
    outcomes = await all_of(
        append(log, "one", entry(1)), append(log, "two", entry(5)), append(log, "three", entry(1)),
        append(log, "two", entry(1)),
    )  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict, type(None), type(None)]


async def test_two_writers_at_one_position(log: EventLog) -> None:
    """R1-77: exactly one of two concurrent appends wins."""
    outcomes = await all_of(*(append(log, "room", entry(1, session=str(number))) for number in range(50)))
    assert outcomes.count(None) == 1
    assert len(await log.read("room")) == 1


async def test_whoever_waits_for_the_log_is_called_once_and_then_written(log: EventLog) -> None:
    """Beside commits under way, and still when it is closed: nobody waits for ever."""
    calls: list[str] = []
    waiting: list[asyncio.Task[LogError | None]] = []
    for number in range(60):
        waiting.append(asyncio.create_task(append(log, f"at once {number}", entry(1))))
        waiting.append(asyncio.create_task(append_when_ready(log, f"later {number}", calls)))
        await asyncio.sleep(0.0005 * (number % 3))
    assert await all_of(*waiting) == [None] * 120
    assert sorted(calls) == sorted(f"later {number}" for number in range(60))
    last = [
        asyncio.create_task(append(log, "last", entry(1))),
        asyncio.create_task(append_when_ready(log, "after it", calls)),
    ]
    await asyncio.sleep(0)
    await log.close()
    assert (await all_of(*last))[0] is None
    assert isinstance(await append_when_ready(log, "closed", calls), LogUnavailable)


async def test_appends_of_one_room_keep_their_order(log: EventLog) -> None:
    outcomes = await all_of(*(append(log, "room", entry(seq)) for seq in range(1, 501)))
    assert outcomes == [None] * 500
    assert [each.seq for each in await log.read("room")] == list(range(1, 501))


async def test_the_tail_orders_all_rooms(log: EventLog) -> None:
    for number in range(1, 6):
        await append(log, "a", entry(number))
        await append(log, "b", entry(number))
    batches = await log.tail(0)
    positions = [batch.position for batch in batches]
    assert positions == sorted(set(positions))
    assert sorted((batch.room, batch.first) for batch in batches) == [(room, n) for room in "ab" for n in range(1, 6)]
    assert await log.tail(positions[3], limit=2) == batches[4:6]
    assert await log.tail(positions[-1]) == []


async def test_rooms_are_listed_in_pages(log: EventLog) -> None:
    for name in ("c", "a", "b"):
        await append(log, name, entry(1, events=2))
    assert [(head.room, head.seq) for head in await log.rooms()] == [("a", 2), ("b", 2), ("c", 2)]
    assert [head.room for head in await log.rooms("a", limit=1)] == ["b"]


async def test_the_newest_snapshot_is_kept(log: EventLog) -> None:
    await log.save_snapshot(Snapshot("room", 5, 1, b"five"))
    await log.save_snapshot(Snapshot("room", 9, 1, b"nine"))
    assert await log.load_snapshot("room") == Snapshot("room", 9, 1, b"nine")


async def test_a_closed_log_refuses(log: EventLog) -> None:
    await log.ping()
    await log.close()
    assert isinstance(await append(log, "room", entry(1)), LogUnavailable)
    with pytest.raises(LogError):
        await log.ping()


async def test_done_is_never_called_within_append(log: EventLog) -> None:
    called: list[LogError | None] = []
    log.append("room", 5, 5, b"[]", called.append)
    assert not called
    await append(log, "another", entry(1))
    assert len(called) == 1


async def test_a_batch_that_ends_before_it_begins_is_refused(log: EventLog) -> None:
    outcomes: list[LogError | None] = []
    log.append("room", 1, 0, b"[]", outcomes.append)
    assert await append(log, "room", entry(1)) is None
    assert [type(outcome) for outcome in outcomes] == [Conflict]


async def test_a_callback_that_fails_silences_nobody(log: EventLog) -> None:
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))

    def fails(_: LogError | None) -> None:
        raise ZeroDivisionError

    log.append("bad", 1, 1, b"[]", fails)
    assert await all_of(append(log, "good", entry(1)), append(log, "better", entry(1))) == [None, None]
    assert [type(fault["exception"]) for fault in faults] == [ZeroDivisionError]


# -- beside the log ----------------------------------------------------------------------------------------------------


def kept(seq: int, seat: int, name: str = "Zoë '\\u0000'", at: int = 100) -> Personal:
    return Personal(seq, seat, at, b'{"name":"%s"}' % name.encode())


def named(entries: list[Entry]) -> dict[int, str]:
    """Names by seq."""
    data = {each.seq + number: stored.data for each in entries for number, stored in enumerate(each.events)}
    return {seq: found["name"] for seq, raw in data.items() if (found := msgspec.json.decode(raw)).get("name")}


async def tailed(log: EventLog) -> dict[int, str]:
    return named([each for batch in await log.tail(0) for each in batch.entries])


async def test_what_goes_beside_the_log_comes_back_in_its_entries(log: EventLog) -> None:
    assert await append(log, "room", entry(1, events=3), entry(4), aside=Aside((kept(2, 7), kept(4, 8)))) is None
    await append(log, "other", entry(1))
    assert named(await log.read("room")) == {2: "Zoë '\0'", 4: "Zoë '\0'"} == await tailed(log)
    assert named(await log.read("room", 3)) == {4: "Zoë '\0'"}
    assert named(await log.read("other")) == {}


async def test_what_was_not_appended_is_not_kept(log: EventLog) -> None:
    await append(log, "room", entry(1), aside=Aside((kept(1, 7),)))
    refused = await append(log, "room", entry(1), aside=Aside((kept(1, 7, "Eve"),), (7,)))
    assert isinstance(refused, Conflict)
    assert named(await log.read("room")) == {1: "Zoë '\0'"}


async def test_who_is_forgotten_is_gone_with_the_snapshot(log: EventLog) -> None:
    await append(log, "room", entry(1), entry(2), aside=Aside((kept(1, 7), kept(2, 8, "Bob"))))
    await append(log, "other", entry(1), aside=Aside((kept(1, 7, "Ann"),)))
    for room in ("room", "other"):
        await log.save_snapshot(Snapshot(room, 1, 1, b"names"))
    assert await append(log, "room", entry(3), aside=Aside((kept(3, 7, "Again"),), (7,))) is None
    assert named(await log.read("room")) == {2: "Bob", 3: "Again"}
    assert await log.load_snapshot("room") is None
    assert named(await log.read("other")) == {1: "Ann"} and await log.load_snapshot("other") is not None


async def test_a_whole_room_is_forgotten(log: EventLog) -> None:
    for room, at in (("a", 100), ("b", 300), ("c", 200)):
        await append(log, room, entry(1), aside=Aside((kept(1, 7, "Ann", at),)))
        await log.save_snapshot(Snapshot(room, 1, 1, b"names"))
    await append(log, "d", entry(1))
    assert await log.remembered(300) == ["a", "c"]
    assert await log.remembered(1000, "a", 1) == ["b"]
    await log.forget("a")
    await log.forget("d")
    assert await log.remembered(300) == ["c"]
    assert named(await log.read("a")) == {} and await log.load_snapshot("a") is None
    assert await log.read("a") == [entry(1)]
    assert named(await log.read("c")) == {1: "Ann"}


async def test_damage_is_named(log: EventLog) -> None:
    await append(log, "room", entry(1))
    log.append("room", 2, 2, b"no entries", lambda _: None)
    await log.ping()
    with pytest.raises(LogDamaged, match="room room, batch from seq 2"):
        await log.read("room")
    whole, damaged = await log.tail(0)
    assert whole.entries == [entry(1)] and not damaged.has(("added",)), "nothing of the kind is in it, readable or not"
    with pytest.raises(LogDamaged, match="room room, batch from seq 2"):
        _ = damaged.entries


@pytest.mark.parametrize(
    ("beginnings", "has"), [(("",), True), (("add",), True), (("x", "added"), True), (("session",), False), ((), False)]
)
def test_a_batch_says_what_it_has(beginnings: tuple[str, ...], has: bool) -> None:
    """By the names of its events; other texts in it do not count."""
    assert Batch(1, "room", 1, 2, encode_entries([entry(1), entry(2)])).has(beginnings) is has


def test_a_fenced_writer_is_a_conflict() -> None:
    assert issubclass(Fenced, Conflict)
