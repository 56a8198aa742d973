"""The log in PostgreSQL, beyond what every log promises (`tests/log/test_protocol.py`)."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from gamekeeper.log.postgres.line import Connector
from gamekeeper.log.postgres.log import BATCHES_PER_READ, PostgresLog
from gamekeeper.log.protocol import LogUnavailable, Snapshot
from tests import postgres
from tests.log.logs import append, entry, open_postgres
from tests.log.places import SlowWriter

pytestmark = pytest.mark.anyio
CLAIMED = "INSERT INTO gamekeeper_log.rooms (room, node, epoch) VALUES ('never', 'one', 1)"


@pytest.fixture
async def log(postgres_url: str) -> AsyncIterator[PostgresLog]:
    log = await open_postgres(postgres_url)
    yield log
    await log.close()


@pytest.fixture
async def slow(postgres_url: str) -> SlowWriter:
    return await SlowWriter.begin(postgres_url, "slow")


@pytest.fixture
async def slower(postgres_url: str) -> SlowWriter:
    return await SlowWriter.begin(postgres_url, "slower")


async def rooms_after(log: PostgresLog, position: int) -> tuple[list[str], int]:
    batches = await log.tail(position)
    return [batch.room for batch in batches], batches[-1].position if batches else position


async def test_two_slow_writers_make_no_reader_skip(log: PostgresLog, slow: SlowWriter, slower: SlowWriter) -> None:
    """Transactions become visible in another order than they began in; the tail waits for the gap to close."""
    await append(log, "before", entry(1))
    _, position = await rooms_after(log, 0)
    await slow.write()
    await append(log, "between", entry(1))
    await slower.write()
    await append(log, "after", entry(1))
    assert await rooms_after(log, position) == ([], position), "what was written meanwhile is held back"
    await slow.commit()
    seen, position = await rooms_after(log, position)
    assert seen == ["slow", "between"]
    assert await rooms_after(log, position) == ([], position)
    await slower.commit()
    assert (await rooms_after(log, position))[0] == ["slower", "after"]


async def test_what_is_under_way_in_another_database_holds_nobody_back(
    log: PostgresLog, empty_postgres_url: str
) -> None:
    elsewhere = await postgres.connect(empty_postgres_url)
    transaction = elsewhere.transaction()
    await transaction.start()
    await elsewhere.fetch("SELECT pg_current_xact_id()::text")
    await append(log, "room", entry(1))
    assert (await rooms_after(log, 0))[0] == ["room"]
    await transaction.rollback()
    await elsewhere.close()


async def test_a_writer_that_gives_up_holds_nobody_back(log: PostgresLog, slow: SlowWriter) -> None:
    await slow.write()
    await append(log, "after", entry(1))
    assert await log.tail(0) == []
    await slow.give_up()
    assert (await rooms_after(log, 0))[0] == ["after"]


async def test_a_reader_waits_for_what_is_under_way(log: PostgresLog, slow: SlowWriter) -> None:
    """Whoever asks right after writing is not told that there is nothing."""
    await slow.write()
    await append(log, "after", entry(1))
    reading = asyncio.ensure_future(rooms_after(log, 0))
    await asyncio.sleep(0)
    await slow.commit()
    assert (await reading)[0] == ["slow", "after"]


async def test_whatever_the_order_a_follower_sees_each_batch_once(postgres_url: str) -> None:
    """Many nodes at once, one follower all the while: nothing is skipped, nothing comes twice."""
    rng = random.Random(7)
    logs = [await open_postgres(postgres_url, f"node {number}") for number in range(4)]

    async def write(log: PostgresLog, number: int) -> None:
        for seq in range(1, 26):
            rooms = [f"{number}.{room}" for room in range(rng.randrange(1, 6))]
            await asyncio.gather(*(append(log, f"{room} at {seq}", entry(1)) for room in rooms))
            written.extend(f"{room} at {seq}" for room in rooms)

    async def follow() -> None:
        position = 0
        while not (done.is_set() and len(seen) >= len(written)):
            rooms, position = await rooms_after(logs[0], position)
            seen.extend(rooms)

    written: list[str] = []
    seen: list[str] = []
    done = asyncio.Event()
    async with asyncio.timeout(60):
        following = asyncio.ensure_future(follow())
        await asyncio.gather(*(write(log, number) for number, log in enumerate(logs)))
        done.set()
        await following
    assert sorted(seen) == sorted(written)
    assert len(set(seen)) == len(seen)
    for log in logs:
        await log.close()


async def test_reading_goes_in_portions(log: PostgresLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gamekeeper.log.postgres.log.BATCHES_PER_READ", 7)
    assert BATCHES_PER_READ == 500
    for seq in range(1, 101, 5):
        assert await append(log, "room", entry(seq, events=2), entry(seq + 2, events=3)) is None
    assert [each.seq for each in await log.read("room")] == [
        seq for start in range(1, 101, 5) for seq in (start, start + 2)
    ]
    assert [each.seq for each in await log.read("room", after=3)][:2] == [3, 6]
    assert len(await log.read("room", limit=15)) >= 15


async def test_an_older_snapshot_does_not_replace_a_newer(log: PostgresLog) -> None:
    """A node that was slow to hear that it lost the room may still save one."""
    await log.save_snapshot(Snapshot("room", 9, 1, b"nine"))
    await log.save_snapshot(Snapshot("room", 5, 1, b"five"))
    assert await log.load_snapshot("room") == Snapshot("room", 9, 1, b"nine")
    await log.save_snapshot(Snapshot("room", 5, 2, b"another version"))
    assert await log.load_snapshot("room") == Snapshot("room", 5, 2, b"another version")


async def test_without_an_ownership_it_only_reads(log: PostgresLog, postgres_url: str) -> None:
    await append(log, "room", entry(1))
    reading = await PostgresLog.open(Connector(postgres_url), None)
    assert await reading.read("room") == [entry(1)]
    assert isinstance(await append(reading, "room", entry(2)), LogUnavailable)
    with pytest.raises(LogUnavailable):
        await reading.ping()
    await reading.close()


async def test_a_room_that_was_claimed_but_never_written_is_no_room(log: PostgresLog, postgres_url: str) -> None:
    await postgres.fetch(postgres_url, CLAIMED)
    assert await log.rooms() == []


async def test_no_such_database_is_said(empty_postgres_url: str) -> None:
    with pytest.raises(LogUnavailable, match="does not exist"):
        await PostgresLog.open(Connector(empty_postgres_url + "_not"), None)
