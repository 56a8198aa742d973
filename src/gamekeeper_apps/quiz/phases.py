"""From the lobby to the end: which question is next, and what the host and the presenters do about it."""

from datetime import datetime, timedelta

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.closing import Steps, close_with, on
from gamekeeper_apps.quiz.pacing import close_paced, start_paced
from gamekeeper_apps.quiz.putting import put
from gamekeeper_apps.quiz.state import Room, Segment

UNDO_S = 600.0
MAX_EXTEND_S = 300.0
RUNNING = ("shown", "open", "closed", "revealed", "board")


def need(room: Room, *phases: str) -> None:
    """Raises `Rejected`: `paused`, or `wrong_phase` unless the gathering is in one of these."""
    if room.phase == "ended" and "ended" not in phases:
        raise Rejected("ended", "the gathering has ended")
    if room.phase not in phases:
        raise Rejected("wrong_phase", f"not in {room.phase}")
    if room.pause is not None:
        raise Rejected("paused", "resume first")


def start(room: Room, command: m.Start, ctx: Context) -> Steps:
    need(room, "lobby")
    if room.settings.mode == "self_paced":
        return (yield from start_paced(room, ctx))
    return (yield from begin_next_segment(room, ctx))


def intro(room: Room, command: m.Intro, ctx: Context) -> Steps:
    """On to the next segment."""
    need(room, "segment_done")
    return (yield from begin_next_segment(room, ctx))


def begin_next_segment(room: Room, ctx: Context) -> Steps:
    """The next segment that is to come, the remix, or the end."""
    for segment in room.segments:
        if segment.status in ("planned", "ready") and segment.remix_of is None:
            return (yield e.PhaseChanged("intro", ctx.now, segment.number))
    if not room.segments or not any(segment.questions for segment in room.segments):
        raise Rejected("not_found", "there is no question in this gathering")
    if room.remix_wanted and room.ask_count and not any(segment.remix_of for segment in room.segments):
        return (yield e.PhaseChanged("remix_ready", ctx.now))
    return (yield e.Ended(ctx.now))


def show(room: Room, command: m.Show, ctx: Context) -> Steps:
    need(room, "intro", "revealed", "board")
    segment = _segment(room)
    number = command.question if command.question is not None else segment.asked + 1
    if not 1 <= number <= len(segment.questions):
        raise Rejected("not_found", "this segment has no such question", field="question")
    return (yield from put(room, segment, number, ctx))


def _segment(room: Room) -> Segment:
    if room.segment is None:
        raise Rejected("wrong_phase", "no segment is on")
    return room.segment


def open_now(room: Room, command: m.Open, ctx: Context) -> Steps:
    """Without waiting for the reading time."""
    need(room, "shown")
    ask = on(room)
    opens_at = ctx.after(seconds=room.settings.lead_ms / 1000)
    if opens_at < ask.opens_at:
        room = yield e.QuestionOpened(ask.id, opens_at, _moved(ask.closes_at, opens_at - ask.opens_at))
    return (yield e.PhaseChanged("open", ctx.now))


def _moved(moment: datetime | None, by: timedelta) -> datetime | None:
    return moment + by if moment is not None else None


def options_are_due(room: Room, ctx: Context) -> Steps:
    """The reading time is over but for the lead."""
    return (yield e.PhaseChanged("open", ctx.now))


def close(room: Room, command: m.Close, ctx: Context) -> Steps:
    need(room, "open")
    return (yield from close_with(room, "host", ctx))


def board(room: Room, command: m.Board, ctx: Context) -> Steps:
    need(room, "revealed")
    return (yield e.PhaseChanged("board", ctx.now))


def go_on(room: Room, command: m.Next, ctx: Context) -> Steps:
    """Whatever comes next: a question, the segment's end, the next segment, the remix, the end."""
    need(room, "intro", "revealed", "board", "segment_done")
    return (yield from advance(room, ctx))


def advance(room: Room, ctx: Context) -> Steps:
    if room.phase == "segment_done":
        return (yield from begin_next_segment(room, ctx))
    segment = _segment(room)
    if segment.asked < len(segment.questions):
        return (yield from put(room, segment, segment.asked + 1, ctx))
    return (yield from complete(room, segment, ctx))


def complete(room: Room, segment: Segment, ctx: Context) -> Steps:
    yield e.SegmentCompleted(segment.number)
    if segment.remix_of is not None:
        return (yield e.Ended(ctx.now))
    return (yield e.PhaseChanged("segment_done", ctx.now))


def skip(room: Room, command: m.Skip, ctx: Context) -> Steps:
    """Leave the question that is on, which then does not count, or the next one that would come."""
    need(room, "intro", "shown", "open", "closed", "board")
    if room.phase in ("intro", "board"):
        return (yield from _skip_next(room, ctx))
    ask = on(room)
    if room.phase != "closed":
        room = yield e.Closed(ask.id, "skipped", ctx.now)
    room = yield e.Voided(ask.id)
    return (yield e.PhaseChanged("board", ctx.now))


def _skip_next(room: Room, ctx: Context) -> Steps:
    segment = _segment(room)
    if segment.asked >= len(segment.questions):
        raise Rejected("not_found", "no question is left in this segment")
    return (yield e.QuestionSkipped(segment.number, segment.asked + 1))


def extend(room: Room, command: m.Extend, ctx: Context) -> Steps:
    """More time; later answers score as at t = T."""
    need(room, "shown", "open")
    ask = on(room)
    if not 0 < command.s <= MAX_EXTEND_S:
        raise Rejected("bad_value", f"up to {MAX_EXTEND_S:g} seconds", field="s")
    if ask.closes_at is None:
        raise Rejected("wrong_phase", "this question has no clock")
    return (yield e.Extended(ask.id, command.s, ask.closes_at + timedelta(seconds=command.s)))


def reopen(room: Room, command: m.Reopen, ctx: Context) -> Steps:
    """Before the answer is out; answers from now on score as at t = T."""
    need(room, "closed")
    ask = on(room)
    until = None if ask.closes_at is None else ctx.after(seconds=ask.limit_ms / 1000)
    return (yield e.Reopened(ask.id, until))


# -- pause and end -----------------------------------------------------------------------------------------------------


def pause(room: Room, command: m.Pause, ctx: Context) -> Steps:
    if room.phase == "ended":
        raise Rejected("ended", "the gathering has ended")
    if room.pause is not None:
        raise Rejected("paused", "it is paused already")
    if room.phase == "paced":
        raise Rejected("wrong_phase", "everybody goes at the own pace")
    return (yield e.Paused("host", ctx.now))


def resume(room: Room, command: m.Resume, ctx: Context) -> Steps:
    if room.pause is None:
        raise Rejected("wrong_phase", "it is not paused")
    return (yield e.Resumed(ctx.now))


def end(room: Room, command: m.End, ctx: Context) -> Steps:
    """The end, with the board of all that was revealed; a question that is on does not count."""
    if room.phase == "ended":
        raise Rejected("ended", "the gathering has ended")
    if room.pause is not None:
        room = yield e.Resumed(ctx.now)
    if room.phase == "paced":
        room = yield from close_paced(room, ctx)
    if room.ask is not None and room.phase in ("shown", "open", "closed"):
        if room.phase != "closed":
            room = yield e.Closed(room.ask.id, "skipped", ctx.now)
        room = yield e.Voided(on(room).id)
        room = yield e.PhaseChanged("board", ctx.now)
    return (yield e.Ended(ctx.now))


def undo_end(room: Room, command: m.UndoEnd, ctx: Context) -> Steps:
    if room.phase != "ended" or room.ended_at is None:
        raise Rejected("wrong_phase", "it has not ended")
    if room.sealed or (ctx.now - room.ended_at).total_seconds() > UNDO_S:
        raise Rejected("ended", "the gathering is sealed")
    return (yield e.EndUndone())
