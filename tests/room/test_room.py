"""THE loop: nothing is shown before it is written, everything takes effect once, and nothing is left over."""

from typing import Any

import pytest
from msgspec import UNSET

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command
from gamekeeper.core.seats import PLAYER, Seat
from gamekeeper.room import room as module
from gamekeeper.room.governance import CloseRoom, JoinRoom
from gamekeeper.room.limits import Limits
from gamekeeper.room.mailbox import Envelope
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Ack, Patch, Rejection
from tests.room.kit import Add, Arm, Break, Hide, Seldom, Sum, Sums, codes, table

# -- I1: durable before visible ----------------------------------------------------------------------------------------


def test_nothing_leaves_before_the_append_is_done() -> None:
    desk, ann, bob = table()
    outcome: list[Rejected | None] = []
    before = len(desk.notes.entries)
    desk.submit(ann, Add(5))
    desk.room.submit(Envelope(Add(6), Seat(3), PLAYER, "bob", "other", 1, reply=outcome.append))
    desk.time.settle()
    desk.time.advance(60)
    assert len(desk.log.waiting) == 1
    assert (ann.writes, bob.writes, outcome) == ([], [], [])
    assert len(desk.notes.entries) == before
    assert (desk.room.stage.state.total, desk.room.fold.state.total) == (0, 11)
    desk.log.write()
    assert (len(ann.writes), len(bob.writes), outcome) == (1, 1, [None])
    assert desk.room.stage.state.total == 11
    assert len(desk.notes.entries) == before + 2


def test_the_room_runs_ahead_but_one_append_at_a_time() -> None:
    desk, ann, _ = table()
    for amount in (1, 2, 3):
        desk.submit(ann, Add(amount))
        desk.time.settle()
    assert len(desk.log.waiting) == 1
    assert desk.room.fold.state.total == 6
    desk.log.write()
    assert [frame.id for frame in ann.of(Ack)] == [1]
    assert [(first, last) for first, last, *_ in desk.log.waiting] == [(desk.log.last + 1, desk.log.last + 2)]
    desk.log.write()
    assert [frame.id for frame in ann.of(Ack)] == [1, 2, 3]
    assert desk.log.waiting == []
    assert desk.room.settled


def test_a_rejection_of_what_ran_ahead_waits_too() -> None:
    """It was judged on a state that nobody has seen and that may never be."""
    desk, ann, _ = table()
    desk.submit(ann, Add(1))
    desk.time.settle()
    desk.submit(ann, Add(-1))
    desk.time.settle()
    assert ann.writes == []
    desk.log.write()
    assert [type(frame) for frame in ann.frames][-2:] == [Ack, Rejection]


def test_a_rejection_alone_needs_no_append() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(-1))
    desk.time.settle()
    assert codes(ann) == ["negative"]
    assert desk.log.waiting == []


# -- I3: exactly once --------------------------------------------------------------------------------------------------


def test_a_repeat_while_the_first_is_in_flight_has_one_effect_and_its_answer_after_the_commit() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(5), id=1)
    desk.time.settle()
    for _ in range(3):
        desk.submit(ann, Add(5), id=1)
        desk.time.settle()
    assert ann.writes == []
    desk.settle()
    assert desk.room.stage.state.total == 5
    assert {frame.id for frame in ann.of(Ack)} == {1}
    assert len([entry for entry in desk.log.entries if entry.n == 1]) == 1


def test_a_repeat_after_a_crash_has_no_effect_and_the_first_answer() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(5), id=1)
    desk.settle()
    desk.room.stop(ClosingCode.FAULT, "crash")
    desk.room = desk.make_room()
    again = desk.connect("ann", ann.session)
    desk.submit(again, Add(5), id=1)
    desk.settle()
    assert again.frames == [Ack(1)]
    assert desk.room.stage.state.total == 5


def test_a_repeat_is_answered_even_when_its_sender_sends_too_often() -> None:
    """After a reconnect everything unanswered is sent again at once; what took effect must not be told it did not."""
    desk, ann, _ = table()
    for id in (1, 2):
        desk.submit(ann, Seldom(), id=id)
    desk.settle()
    with pytest.raises(Rejected):
        desk.submit(ann, Seldom(), id=3)
    ann.writes.clear()
    for id in (1, 2):
        desk.submit(ann, Seldom(), id=id)
    desk.settle()
    assert ann.frames == [Ack(1), Ack(2)]


def test_a_repeat_is_answered_even_when_the_room_is_busy() -> None:
    desk, ann, bob = table(limits=Limits(mailbox=2))
    desk.submit(ann, Add(5), id=1)
    desk.settle()
    for _ in range(2):
        desk.submit(bob, Add(1))
    ann.writes.clear()
    desk.submit(ann, Add(5), id=1)
    desk.settle()
    assert Ack(1) in ann.frames


def test_repeats_are_bounded_too() -> None:
    desk, ann, _ = table(limits=Limits(mailbox=10))
    desk.submit(ann, Add(5), id=1)
    desk.settle()
    with pytest.raises(Rejected) as refused:
        for _ in range(100_000):
            desk.submit(ann, Add(5), id=1)
    assert refused.value.code == ErrorCode.RATE_LIMITED
    assert desk.room.waiting < 1_000


def test_a_command_too_old_to_know_is_told_so() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(1), id=1_000)
    desk.submit(ann, Add(1), id=936)
    desk.submit(ann, Add(1), id=937)
    desk.settle()
    assert codes(ann) == [ErrorCode.STALE_COMMAND]
    assert desk.room.stage.state.total == 2


def test_a_rejected_command_may_be_judged_anew() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(-1), id=1)
    desk.settle()
    desk.submit(ann, Add(1), id=1)
    desk.settle()
    assert desk.room.stage.state.total == 1


# -- refusals and faults -----------------------------------------------------------------------------------------------


def test_too_many_of_a_kind_are_refused_at_the_door() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Seldom())
    desk.submit(ann, Seldom())
    with pytest.raises(Rejected) as refused:
        desk.submit(ann, Seldom())
    assert (refused.value.code, refused.value.retry_after_s) == (ErrorCode.RATE_LIMITED, 5.001)
    desk.time.advance(5.1)
    desk.submit(ann, Seldom())


def test_a_full_mailbox_refuses_at_the_door() -> None:
    desk, ann, _ = table(limits=Limits(mailbox=3))
    for _ in range(3):
        desk.submit(ann, Add(1))
    with pytest.raises(Rejected) as refused:
        desk.submit(ann, Add(1))
    assert refused.value.code == ErrorCode.CAPACITY


def test_what_a_role_may_not_send_is_refused() -> None:
    desk, ann, _ = table()
    assert desk.do(ann, CloseRoom("mine now")).code == ErrorCode.FORBIDDEN
    assert not desk.room.stopped


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Break("decide"), ErrorCode.INTERNAL),
        (Break("invariant"), ErrorCode.INVARIANT),
        (Break("reject"), "halfway"),
        (Add(10**30), ErrorCode.INVARIANT),
        (Break("store"), ErrorCode.INTERNAL),
        (Break("type"), ErrorCode.INTERNAL),
        (Arm(float("inf")), ErrorCode.INTERNAL),
    ],
)
def test_a_fault_leaves_everything_as_it_was_and_tells_nothing_of_itself(command: Command, code: str) -> None:
    desk, ann, bob = table()
    desk.do(ann, Add(1))
    state, bodies, seq = desk.room.fold.state, list(desk.log.bodies), desk.room.fold.seq
    bob.writes.clear()
    rejection = desk.do(ann, command)
    assert (type(rejection), rejection.code) == (Rejection, code)
    assert "42" not in repr(rejection)
    assert (desk.room.fold.state, desk.log.bodies, desk.room.fold.seq) == (state, bodies, seq)
    assert desk.room.stage.state is state
    assert bob.writes == []
    assert isinstance(desk.do(ann, Add(1)), Ack), "and the room goes on"


def test_a_fault_amid_others_harms_only_itself() -> None:
    desk, ann, bob = table()
    desk.submit(ann, Add(1))
    desk.submit(bob, Break("decide"))
    desk.submit(ann, Add(2))
    desk.settle()
    assert desk.room.stage.state.total == 3
    assert codes(bob) == [ErrorCode.INTERNAL]


def test_a_fault_in_a_view_stops_the_room_and_every_wait_ends(caplog: pytest.LogCaptureFixture) -> None:
    class Blind(Sum):
        def public(self, state: Sums) -> Any:
            if state.total == 13:
                raise ZeroDivisionError("the answer is 42")
            return super().public(state)

    desk, ann, _ = table(Blind())
    outcome: list[Rejected | None] = []
    desk.room.submit(Envelope(Add(13), ann.seat, PLAYER, "ann", "s", 1, reply=outcome.append))
    desk.settle()
    assert desk.room.stopped
    assert ann.ended is ClosingCode.FAULT
    assert [rejected.code for rejected in outcome if rejected] == [ErrorCode.UNAVAILABLE]
    assert desk.notes.entries[-1].command == "add", "what is written down is told to those who follow the log"
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_in_deadlines_is_a_fault_of_the_command() -> None:
    class Late(Sum):
        def deadlines(self, state: Sums) -> Any:
            if state.total == 13:
                raise ZeroDivisionError
            return super().deadlines(state)

    desk, ann, _ = table(Late())
    assert desk.do(ann, Add(13)).code == ErrorCode.INTERNAL
    assert desk.room.stage.state.total == 0
    assert isinstance(desk.do(ann, Add(1)), Ack)


# -- appends that fail -------------------------------------------------------------------------------------------------


def test_a_refused_append_stops_the_room_and_shows_nothing() -> None:
    desk, ann, bob = table()
    outcomes: list[Rejected | None] = []
    bob.writes.clear()
    before = len(desk.notes.entries)
    desk.submit(ann, Add(5))
    desk.time.settle()
    for id in (1, 2):
        desk.room.submit(Envelope(Add(1), bob.seat, PLAYER, "bob", "s", id, reply=outcomes.append))
        desk.time.settle()
    desk.room.submit(Envelope(Add(1), bob.seat, PLAYER, "bob", "s", 3, reply=outcomes.append))
    desk.log.fail()
    assert desk.room.stopped
    assert (ann.ended, bob.ended) == (ClosingCode.FAULT, ClosingCode.FAULT)
    assert (ann.writes, bob.writes) == ([], [])
    assert [rejected.code for rejected in outcomes if rejected] == [ErrorCode.UNAVAILABLE] * 3
    assert (len(desk.notes.entries), desk.notes.stops) == (before, 1)
    again = desk.make_room()
    assert again.stage.state.total == 0


def test_a_stopped_room_takes_nothing() -> None:
    desk, ann, _ = table()
    desk.room.stop(ClosingCode.IDLE, "nobody")
    with pytest.raises(Rejected) as refused:
        desk.submit(ann, Add(1))
    assert refused.value.code == ErrorCode.UNAVAILABLE
    desk.room.tell(JoinRoom("x", "X", PLAYER))
    desk.room.stop(ClosingCode.IDLE, "twice")
    assert desk.notes.stops == 1


def test_an_append_that_reports_after_the_stop_changes_nothing() -> None:
    desk, ann, _ = table()
    desk.submit(ann, Add(5))
    desk.time.settle()
    desk.room.stop(ClosingCode.DRAINING, "restart")
    desk.log.write()
    assert ann.of(Ack) == []
    assert desk.make_room().stage.state.total == 5


# -- limits ------------------------------------------------------------------------------------------------------------


def test_a_room_whose_log_is_full_says_so_and_can_still_be_closed() -> None:
    desk, ann, _ = table(limits=Limits(room_bytes=2_000))
    answers = [desk.do(ann, Add(1)) for _ in range(40)]
    assert [type(answer) for answer in answers] == sorted(
        [type(answer) for answer in answers], key=lambda k: k is not Ack
    )
    assert answers[-1].code == ErrorCode.CAPACITY
    assert desk.room.fold.bytes < 2_200
    assert desk.tell(CloseRoom("full")) == [None]
    assert desk.room.stopped


def test_a_log_that_falls_behind_refuses_but_loses_no_deadline() -> None:
    desk, ann, _ = table(limits=Limits(staged=5))
    desk.do(ann, Arm(10))
    for _ in range(8):
        desk.submit(ann, Add(1))
        desk.time.settle()
    desk.time.advance(20)
    desk.settle()
    assert codes(ann) == [ErrorCode.CAPACITY] * 3
    assert (desk.room.stage.state.total, desk.room.stage.state.rang) == (5, 1)
    assert isinstance(desk.do(ann, Add(1)), Ack)


def test_a_turn_leaves_the_others_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_COMMANDS", 10)
    desk, ann, _ = table()
    for _ in range(25):
        desk.submit(ann, Add(1))
    waiting = []
    while desk.time.step():
        waiting.append(desk.room.waiting)
        desk.log.write_all()
    assert waiting[:3] == [15, 5, 0]
    assert desk.room.stage.state.total == 25


# -- cut in the middle of a write --------------------------------------------------------------------------------------


def test_wherever_a_write_is_cut_the_cursor_leads_to_what_is_missing() -> None:
    """A socket can end between two frames of one write: whoever comes back with the cursor of the last whole frame has
    or gets every public event, once."""
    desk, ann, bob = table()
    desk.do(bob, Add(1))
    desk.do(ann, Add(2))
    desk.do(ann, Hide(3))
    desk.submit(ann, Add(4))
    desk.submit(bob, Add(5))
    desk.settle()
    everything = [event.data for event in desk.room.stage.feed.after(0)]
    for count in range(1, len(ann.frames) + 1):
        patches = [frame for frame in ann.frames[:count] if isinstance(frame, Patch)]
        had = [event.data for patch in patches if patch.events is not UNSET for event in patch.events]
        since = desk.room.stage.cursors.seq(patches[-1].cursor)
        assert since is not None
        missed = [event.data for event in desk.room.stage.feed.after(since)]
        assert had + missed == everything, ann.frames[count - 1]
