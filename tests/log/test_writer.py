"""The writer thread: groups, limits, and death at each of its steps."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gamekeeper.log.protocol import Conflict, Fenced, LogFull, LogUnavailable, Snapshot
from gamekeeper.log.sqlite import SqliteLog
from gamekeeper.log.writer import ENOUGH
from tests.log.logs import all_of, append, append_when_ready, entry

pytestmark = pytest.mark.anyio

DIES = """
import asyncio, os, sys
from pathlib import Path
from gamekeeper.log.sqlite import SqliteLog
from tests.log.logs import append, entry

def failpoint(step):
    if step == {step!r} and armed:
        os._exit(9)

async def main():
    global armed
    armed = False
    log = SqliteLog(Path({file!r}), failpoint=failpoint)
    await append(log, "room", entry(1))
    armed = True
    await append(log, "room", entry(2, events=3))

asyncio.run(main())
"""


class Held:
    """Commits that begin when the test says so, and are counted."""

    def __init__(self) -> None:
        self.commits = 0
        self.hold = threading.Event()

    def __call__(self, step: str) -> None:
        if step == "before_begin":
            self.hold.wait(5)
        self.commits += step == "after_commit"


@pytest.mark.parametrize(
    ("step", "last"), [("before_begin", 1), ("before_commit", 1), ("after_commit", 4), ("before_report", 4)]
)
async def test_killed_at_a_step_a_batch_is_whole_or_absent(tmp_path: Path, step: str, last: int) -> None:
    """R0-37: all or nothing, wherever the process ends."""
    file = tmp_path / "log.sqlite3"
    died = subprocess.run([sys.executable, "-c", DIES.format(step=step, file=str(file))], check=False)
    assert died.returncode == 9
    log = SqliteLog(file)
    assert await log.last_seq("room") == last
    assert await append(log, "room", entry(last + 1)) is None
    await log.close()


async def test_only_different_rooms_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after a commit: the same room again goes at once, another one lets more rooms come too."""
    waits: list[float] = []
    monkeypatch.setattr("gamekeeper.log.writer.GATHER_S", 1_000.0)
    monkeypatch.setattr("gamekeeper.log.writer.time.sleep", waits.append)
    log = SqliteLog(tmp_path / "log.sqlite3")
    assert await append(log, "ann", entry(1)) is None
    before = len(waits)
    assert await append(log, "ann", entry(2)) is None
    assert len(waits) == before
    assert await append(log, "bob", entry(1)) is None
    assert len(waits) == before + 1 and 0 < waits[-1] <= 1_000
    await log.close()
    assert len(waits) == before + 1, "what closes does not wait"


async def test_where_many_wait_already_nobody_waits_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    hold = threading.Event()
    monkeypatch.setattr("gamekeeper.log.writer.GATHER_S", 1_000.0)
    monkeypatch.setattr("gamekeeper.log.writer.time.sleep", waits.append)
    log = SqliteLog(tmp_path / "log.sqlite3", failpoint=lambda step: hold.wait(5) and None)
    first = asyncio.ensure_future(append(log, "first", entry(1)))
    await asyncio.sleep(0.05)
    rest = [asyncio.ensure_future(append(log, f"room {number}", entry(1))) for number in range(ENOUGH)]
    await asyncio.sleep(0.05)
    before = len(waits)
    hold.set()
    assert await all_of(first, *rest) == [None] * (ENOUGH + 1)
    assert len(waits) == before
    await log.close()


async def test_what_waits_becomes_one_commit(tmp_path: Path) -> None:
    held = Held()
    log = SqliteLog(tmp_path / "log.sqlite3", failpoint=held)
    first = asyncio.ensure_future(append(log, "first", entry(1)))
    await asyncio.sleep(0.05)
    rest = asyncio.ensure_future(all_of(*(append(log, f"room {n}", entry(1)) for n in range(1_200))))
    await asyncio.sleep(0.05)
    held.hold.set()
    assert await first is None
    assert await rest == [None] * 1_200
    assert held.commits == 2
    await log.close()


async def test_rooms_wait_while_a_commit_is_under_way_and_then_fill_the_next(tmp_path: Path) -> None:
    held, ready = Held(), list[str]()
    log = SqliteLog(tmp_path / "log.sqlite3", failpoint=held)
    first = asyncio.ensure_future(append_when_ready(log, "first", ready))
    await asyncio.sleep(0.05)
    rest = [asyncio.ensure_future(append_when_ready(log, f"room {number}", ready)) for number in range(50)]
    await asyncio.sleep(0.05)
    assert ready == ["first"], "it was free; now it is not"
    held.hold.set()
    assert await first is None
    assert await all_of(*rest) == [None] * 50
    assert held.commits == 2
    await log.close()


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    hold = threading.Event()
    log = SqliteLog(tmp_path / "log.sqlite3", capacity=3, failpoint=lambda step: hold.wait(5) and None)
    waiting = [asyncio.ensure_future(append(log, f"room {n}", entry(1))) for n in range(10)]
    await asyncio.sleep(0.05)
    hold.set()
    outcomes = [await one for one in waiting]
    assert any(isinstance(outcome, LogFull) for outcome in outcomes)
    assert outcomes[0] is None
    written = [head.room for head in await log.rooms()]
    assert len(written) == outcomes.count(None)
    await log.close()


async def test_the_memory_of_rooms_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gamekeeper.log.writer.KNOWN_ROOMS", 5)
    log = SqliteLog(tmp_path / "log.sqlite3")
    for number in range(20):
        assert await append(log, f"room {number}", entry(1)) is None
    for number in range(20):
        assert await append(log, f"room {number}", entry(2)) is None
    assert log._writer is not None
    assert len(log._writer._ends) <= 6
    await log.close()


async def test_waiting_bytes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gamekeeper.log.writer.QUEUED_BYTES", 1_000)
    log = SqliteLog(tmp_path / "log.sqlite3")
    assert isinstance(await append(log, "room", *(entry(seq) for seq in range(1, 50))), LogFull)
    with pytest.raises(LogFull):
        await log.save_snapshot(Snapshot("room", 1, 1, b"x" * 2_000))
    for seq in range(1, 50):
        assert await append(log, "room", entry(seq)) is None, "what was committed no longer waits"
    await log.close()


async def test_somebody_else_wrote_to_the_file(tmp_path: Path) -> None:
    """Two processes can only meet where file locks do not work; even there no position is given out twice."""
    log = SqliteLog(tmp_path / "log.sqlite3")
    await append(log, "room", entry(1))
    other = sqlite3.connect(tmp_path / "log.sqlite3")
    other.execute("INSERT INTO batches (room, first, last, body) VALUES ('room', 2, 5, x'5b5d')")
    other.commit()
    stale, fine = await all_of(append(log, "room", entry(2, events=2)), append(log, "another", entry(1)))
    assert isinstance(stale, Fenced)
    assert fine is None
    assert other.execute("SELECT first, last FROM batches WHERE room = 'room'").fetchall() == [(1, 1), (2, 5)]
    assert await append(log, "room", entry(6)) is None
    other.close()
    await log.close()


async def test_what_cannot_be_stored_spoils_one_transaction_only(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log.sqlite3")
    assert isinstance(await append(log, "\ud800", entry(1)), LogUnavailable)
    assert isinstance(await append(log, "room", entry(2**63)), LogUnavailable | Conflict)
    assert await append(log, "room", entry(1)) is None
    await log.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("step", ["before_begin", "before_commit", "after_commit", "before_report"])
async def test_a_fault_of_the_thread_leaves_nobody_waiting(tmp_path: Path, step: str) -> None:
    def failpoint(reached: str) -> None:
        if reached == step:
            raise ZeroDivisionError

    log = SqliteLog(tmp_path / "log.sqlite3", failpoint=failpoint)
    outcomes = await all_of(*(append(log, f"room {number}", entry(1)) for number in range(3)))
    assert all(isinstance(outcome, LogUnavailable) for outcome in outcomes)
    with pytest.raises(LogUnavailable):
        await log.ping()
    await log.close()


def test_a_loop_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    hold = threading.Event()

    async def begin() -> SqliteLog:
        log = SqliteLog(tmp_path / "log.sqlite3", failpoint=lambda step: hold.wait(5) and None)
        log.append("room", 1, 1, b"[]", lambda _: None)
        return log

    log = asyncio.run(begin())
    hold.set()
    asyncio.run(log.close())
    again = SqliteLog(tmp_path / "log.sqlite3")
    assert asyncio.run(again.last_seq("room")) == 1
    asyncio.run(again.close())
