"""A room from its first deadline to its end: clocks, coming and going, closing, and nothing left over."""

import gc
import weakref

from gamekeeper.core.errors import ErrorCode
from gamekeeper.core.seats import PLAYER, SPECTATOR
from gamekeeper.room import room as module
from gamekeeper.room.governance import CloseRoom, JoinRoom, LeaveRoom
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Ack, Patch, Presence, Rejection
from tests.room.kit import Add, Arm, Hide, Notices, Sum, codes, table


def test_a_deadline_rings_in_the_log() -> None:
    desk, ann, _ = table()
    desk.do(ann, Arm(10))
    assert desk.room.alarm.due_at == desk.time.now() + 10
    desk.time.advance(10)
    desk.settle()
    assert desk.room.stage.state.rang == 1
    assert desk.log.entries[-1].command == "timed_out"
    desk.time.advance(100)
    desk.settle()
    assert desk.room.stage.state.rang == 1


def test_a_bell_that_comes_late_is_discarded() -> None:
    """The deadline was moved while the bell was on its way."""
    desk, ann, _ = table()
    desk.do(ann, Arm(10))
    desk.time.advance(9)
    desk.submit(ann, Arm(10))
    desk.time.call_at(desk.time.now() + 1, lambda: None)
    desk.room.tell(module.TimedOut("clock"))
    desk.settle()
    assert desk.room.stage.state.rang == 0
    desk.time.advance(11)
    desk.settle()
    assert desk.room.stage.state.rang == 1


def test_a_deadline_the_game_keeps_does_not_ring_for_ever() -> None:
    class Keeps(Sum):
        keeps_deadline = True

    desk, ann, _ = table(Keeps())
    desk.do(ann, Arm(1))
    for _ in range(50):
        desk.time.advance(1)
        desk.settle()
        desk.do(ann, Add(1))
    assert desk.room.stage.state.rang == 1


def test_a_deadline_survives_a_crash() -> None:
    desk, ann, _ = table()
    desk.do(ann, Arm(10))
    desk.room.stop(ClosingCode.FAULT, "crash")
    desk.time.advance(30)
    desk.room = desk.make_room()
    desk.settle()
    assert desk.room.stage.state.rang == 1


def test_time_in_the_log_never_runs_backwards() -> None:
    desk, ann, _ = table()
    desk.do(ann, Add(1))
    earlier = VirtualTime(start=desk.time.now() - 3_600)
    desk.room.stop(ClosingCode.FAULT, "crash")
    desk.time = earlier
    desk.room = desk.make_room()
    desk.do(desk.connect("ann"), Add(1))
    times = [entry.at for entry in desk.log.entries]
    assert times == sorted(times)


def test_coming_and_going_reach_a_game_that_asks() -> None:
    desk, ann, _ = table(Notices())
    desk.room.stage.audience.remove(ann)
    desk.room.presence.depart(ann.seat)
    desk.time.advance(10)
    desk.settle()
    assert desk.room.stage.state.noticed[-5:] == (
        "joined 2",
        "connected 2",
        "joined 3",
        "connected 3",
        "disconnected 2",
    )
    assert not [entry for entry in desk.log.entries if not entry.events], "what changes nothing is not written"


def test_what_a_game_does_not_care_for_is_not_written() -> None:
    desk, ann, _ = table()
    seq = desk.room.fold.seq
    desk.room.presence.depart(ann.seat)
    desk.time.advance(10)
    desk.settle()
    assert desk.room.fold.seq == seq


def test_hosts_see_who_is_there() -> None:
    desk, ann, _ = table()
    host = desk.connect("creator")
    assert desk.room.host_seats == [1]
    desk.room.presence.depart(ann.seat)
    desk.time.advance(10)
    assert host.of(Presence) == [Presence(2, False)]


def test_who_leaves_sees_no_more() -> None:
    desk, ann, bob = table()
    also_ann = desk.connect("ann", "second session")
    ann.writes.clear()
    desk.do(ann, LeaveRoom())
    assert ann.frames == [Ack(1)], "the answer comes before the goodbye"
    assert (ann.ended, also_ann.ended, bob.ended) == (ClosingCode.FORBIDDEN, ClosingCode.FORBIDDEN, None)
    assert list(desk.room.stage.audience.viewers) == [bob]
    desk.tell(JoinRoom("ann", "Ann", SPECTATOR))
    assert desk.connect("ann").role is SPECTATOR


# -- the end -----------------------------------------------------------------------------------------------------------


def test_closing_answers_everybody_and_then_sends_them_home() -> None:
    desk, ann, _ = table()
    host = desk.connect("creator")
    desk.submit(ann, Add(1))
    desk.submit(host, CloseRoom("time is up"))
    desk.submit(ann, Add(2))
    desk.settle()
    assert [type(frame) for frame in ann.frames if not isinstance(frame, Patch)] == [Ack, Rejection]
    assert codes(ann) == [ErrorCode.ROOM_CLOSED]
    assert (ann.ended, host.ended) == (ClosingCode.ROOM_CLOSED, ClosingCode.ROOM_CLOSED)
    assert desk.room.stopped
    assert desk.make_room().fold.closed == "time is up"


def test_a_closed_room_that_wakes_does_nothing() -> None:
    desk, ann, _ = table(Notices())
    desk.do(ann, Arm(10))
    desk.tell(CloseRoom("over"))
    seq = desk.log.last
    desk.room = desk.make_room()
    desk.time.advance(60)
    desk.settle()
    assert (desk.log.last, desk.room.alarm.due_at) == (seq, None)
    assert desk.tell(JoinRoom("x", "X", PLAYER))[0].code == ErrorCode.ROOM_CLOSED


def test_stopping_releases_everything() -> None:
    desk, ann, bob = table()
    desk.do(ann, Arm(1_000))
    desk.do(ann, Hide(5))
    desk.room.presence.depart(bob.seat)
    desk.submit(ann, Add(1))
    desk.time.settle()
    desk.submit(ann, Add(1))
    desk.room.stop(ClosingCode.IDLE, "nobody")
    held = [weakref.ref(one) for one in (desk.room, desk.room.fold, desk.room.stage, ann, bob)]
    desk.log.waiting.clear()
    desk.time.advance(2_000)
    del desk.room, ann, bob
    gc.collect()
    assert [reference() for reference in held] == [None] * len(held)


def test_while_the_log_writes_for_others_a_room_goes_on_collecting() -> None:
    desk, ann, bob = table()
    desk.log.occupy(True)
    for viewer in (ann, bob, ann):
        desk.submit(viewer, Add(1))
        desk.time.settle()
    assert desk.log.waiting == [] and ann.writes == [] and not desk.room.settled
    desk.log.occupy(False)
    assert len(desk.log.waiting) == 1, "one batch of all three"
    desk.log.write()
    assert len(ann.writes) == len(bob.writes) == 1
    assert len(ann.of(Ack)) == 2 and desk.room.stage.state.total == 3


def test_a_room_that_ends_while_the_log_writes_for_others_is_not_gone_before_its_end_is_written() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(1))
    desk.time.settle()
    answers = desk.tell(CloseRoom("over"), settle=False)
    desk.time.settle()
    desk.log.occupy(True)
    desk.log.write()
    assert not desk.room.stopped and answers == []
    desk.log.occupy(False)
    desk.log.write()
    assert desk.room.stopped and answers == [None] and ann.ended is ClosingCode.ROOM_CLOSED
    assert desk.log.entries[-1].events[-1].type == "room.closed"


def test_a_room_that_stops_while_it_waits_for_the_log_writes_nothing() -> None:
    desk, ann, _ = table()
    desk.log.occupy(True)
    desk.submit(ann, Add(1))
    desk.time.settle()
    desk.room.stop(ClosingCode.FAULT, "crash")
    desk.log.occupy(False)
    assert desk.log.waiting == [] and ann.of(Ack) == []
