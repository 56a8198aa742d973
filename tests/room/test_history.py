"""Reading a room back, from its snapshot or from its log alone, up to any seq."""

from collections.abc import Callable

import msgspec
import pytest

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.record import encode_entries
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.protocol import Snapshot
from gamekeeper.room import history
from gamekeeper.room.fold import SNAPSHOT_VERSION, Fold
from gamekeeper.room.limits import DEFAULT_LIMITS
from tests.room.kit import Add, Desk, Hide, Sum

pytestmark = pytest.mark.anyio

ROOM = "room"
GAMES = {"sum": Sum()}


class Counting(MemoryLog):
    """Tells how many entries were read."""

    entries_read = 0

    async def read(self, room: str, after: int = 0, limit: int = 10_000) -> list[history.Entry]:
        found = await super().read(room, after, limit)
        self.entries_read += len(found)
        return found


def played() -> Desk:
    desk = Desk()
    desk.open()
    ann = desk.join("ann")
    for amount in range(1, 11):
        desk.do(ann, Add(amount))
        desk.do(ann, Hide(amount))
    for amount in (100, 200, 300):
        desk.submit(ann, Add(amount))
    desk.settle()
    return desk


async def log_of(desk: Desk) -> Counting:
    log = Counting()
    for entry in desk.log.entries:
        log.append(ROOM, entry.seq, entry.last, encode_entries([entry]), lambda error: None)
    return log


async def test_a_room_is_what_its_log_says() -> None:
    desk = played()
    log = await log_of(desk)
    fold, taken_at = await history.wake(log, ROOM, GAMES, DEFAULT_LIMITS)
    assert fold.snapshot(None) == desk.room.fold.snapshot(None)
    assert taken_at == 0
    assert (await history.opening(log, ROOM)).app == "sum"


async def test_a_snapshot_spares_reading_what_came_before() -> None:
    desk = played()
    log = await log_of(desk)
    half = await history.replay(log, ROOM, GAMES, 12)
    await log.save_snapshot(Snapshot(ROOM, 12, SNAPSHOT_VERSION, half.snapshot(None)))
    log.entries_read = 0
    fold, taken_at = await history.wake(log, ROOM, GAMES, DEFAULT_LIMITS)
    assert fold.snapshot(None) == desk.room.fold.snapshot(None)
    assert taken_at == 12
    assert log.entries_read < len(desk.log.entries)


DAMAGE: list[Callable[[Snapshot], Snapshot]] = [
    lambda snapshot: msgspec.structs.replace(snapshot, body=b"{}"),
    lambda snapshot: msgspec.structs.replace(snapshot, body=snapshot.body[:-5]),
    lambda snapshot: msgspec.structs.replace(snapshot, body=snapshot.body.replace(b'"total"', b'"sum"')),
    lambda snapshot: msgspec.structs.replace(snapshot, version=SNAPSHOT_VERSION + 1),
    lambda snapshot: msgspec.structs.replace(snapshot, seq=10_000),
]


@pytest.mark.parametrize("damage", DAMAGE, ids=["empty", "cut", "renamed", "newer", "ahead"])
async def test_a_snapshot_of_no_use_is_passed_over(damage: Callable[[Snapshot], Snapshot]) -> None:
    desk = played()
    log = await log_of(desk)
    half = await history.replay(log, ROOM, GAMES, 12)
    half.state = msgspec.structs.replace(half.state, total=-1)
    await log.save_snapshot(damage(Snapshot(ROOM, 12, SNAPSHOT_VERSION, half.snapshot(None))))
    fold, taken_at = await history.wake(log, ROOM, GAMES, DEFAULT_LIMITS)
    assert fold.state == desk.room.fold.state
    assert taken_at == 0


@pytest.mark.parametrize("page", [1, 3, 10_000])
async def test_a_room_as_of_any_seq(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", page)
    desk = played()
    log = await log_of(desk)
    expected = Fold(Sum())
    states = {0: (0, None)}
    for entry in desk.log.entries:
        for place in range(len(entry.events)):
            part = msgspec.structs.replace(entry, seq=entry.seq + place, events=entry.events[place : place + 1])
            expected.apply(part)
            states[entry.seq + place] = (entry.seq + place, expected.state)
    for seq in range(desk.log.last + 1):
        fold = await history.replay(log, ROOM, GAMES, seq)
        assert (fold.seq, fold.state) == states[seq]
    assert (await history.replay(log, ROOM, GAMES)).state == desk.room.fold.state
    assert (await history.replay(log, ROOM, GAMES, 10_000)).state == desk.room.fold.state


@pytest.mark.parametrize("page", [1, 2, 10_000])
async def test_missed_events_are_all_of_them_in_order(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", page)
    desk = played()
    log = await log_of(desk)
    everything = await history.missed_events(log, ROOM, Sum(), 0, 100)
    assert everything is not None
    events, position = everything
    assert position == desk.log.last
    amounts = [msgspec.json.decode(event.data)["amount"] for _, event in events]
    assert amounts == [*range(1, 11), 100, 200, 300]
    for after in range(desk.log.last + 1):
        missed = await history.missed_events(log, ROOM, Sum(), after, 100)
        assert missed is not None
        assert missed[0] == [(seq, event) for seq, event in events if seq > after]


async def test_who_missed_too_much_is_told() -> None:
    log = await log_of(played())
    assert await history.missed_events(log, ROOM, Sum(), 0, 12) is None
    assert await history.missed_events(log, ROOM, Sum(), 0, 13) is not None


async def test_an_unknown_room_or_application_is_refused() -> None:
    log = await log_of(played())
    with pytest.raises(Rejected) as refused:
        await history.wake(log, "elsewhere", GAMES, DEFAULT_LIMITS)
    assert refused.value.code == ErrorCode.UNKNOWN_ROOM
    with pytest.raises(Rejected) as refused:
        await history.replay(log, ROOM, {})
    assert refused.value.code == ErrorCode.UNKNOWN_APP
