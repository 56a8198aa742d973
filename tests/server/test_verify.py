"""Verification finds what is wrong."""

import pytest

from gamekeeper import InvariantViolated, Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.log.memory import MemoryLog
from gamekeeper.log.protocol import Snapshot
from gamekeeper.room.fold import SNAPSHOT_VERSION
from gamekeeper.server.verify import verify_room
from gamekeeper.testing.tally import Add, Sums, Tally
from tests.server.kit import Site

pytestmark = pytest.mark.anyio
OPENED = '["room.opened",1,{{"app":"{app}","name":"","config":{{}},"seed":null}}]'


async def written(*events: str, app: str = "tally") -> MemoryLog:
    """A log of one room with these events after its opening."""
    log = MemoryLog()
    all_events = ",".join([OPENED.format(app=app), *events])
    body = f'[[1,5,"",0,"",0,"x",[{all_events}]]]'.encode()
    log.append("room", 1, 1 + len(events), body, lambda error: None)
    return log


async def faults(log: MemoryLog, game: Tally | None = None) -> list[str]:
    return (await verify_room(log, {"tally": game or Tally()}, "room")).faults


async def test_a_room_that_was_played_is_sound(site: Site) -> None:
    room = (await site.room(await site.guest("Host")))["id"]
    await site.server.registry.ask(room, Add(3), seat=Seat(1), role=PLAYER)
    awake = site.server.registry.rooms[room]
    snapshot = Snapshot(room, awake.fold.seq, SNAPSHOT_VERSION, awake.fold.snapshot(None))
    await site.server.log.save_snapshot(snapshot)
    verdict = await verify_room(site.server.log, site.server.registry.games, room)
    assert (verdict.faults, verdict.seq, verdict.app) == ([], awake.fold.seq, "tally")


async def test_a_snapshot_that_differs_is_found(site: Site) -> None:
    room = (await site.room(await site.guest("Host")))["id"]
    awake = site.server.registry.rooms[room]
    wrong = awake.fold.snapshot(None).replace(b'"total":0', b'"total":7')
    await site.server.log.save_snapshot(Snapshot(room, awake.fold.seq, SNAPSHOT_VERSION, wrong))
    (fault,) = (await verify_room(site.server.log, site.server.registry.games, room)).faults
    assert "snapshot" in fault and "differs" in fault


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ('["unheard_of",1,{}]', "unheard_of"),
        ('["added",1,{"seat":1}]', "added"),
        ('["added",99,{}]', "added"),
        ('["room.mystery",1,{}]', "room.mystery"),
        ('["room.left",1,{"seat":9,"reason":""}]', "room.left"),
    ],
)
async def test_an_event_that_cannot_be_read_is_found(event: str, expected: str) -> None:
    (fault,) = await faults(await written(event))
    assert expected in fault


async def test_a_state_that_cannot_be_is_found() -> None:
    class Strict(Tally):
        def invariants(self, state: Sums) -> None:
            if state.total > 2:
                raise InvariantViolated("too much")

    closes = '"closes_at":"2026-01-01T00:00:00Z"'
    log = await written(f'["added",1,{{"seat":1,"amount":3,{closes}}}]')
    assert await faults(log) == []
    (fault,) = await faults(log, Strict())
    assert "InvariantViolated: too much" in fault


async def test_a_first_event_or_an_application_that_is_missing() -> None:
    (fault,) = await faults(await written(app="chess"))
    assert "'chess' is not installed" in fault
    log = MemoryLog()
    log.append("room", 1, 1, b'[[1,5,"",0,"",0,"x",[["added",1,{}]]]]', lambda error: None)
    (fault,) = await faults(log)
    assert "first event" in fault
