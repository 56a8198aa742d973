"""At one's own pace: what starts it, what a player may do next, and what ends it."""

from datetime import datetime, timedelta

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.clock import GRACE
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.paced import next_ask, own_ask
from gamekeeper_apps.quiz.putting import question_shown
from gamekeeper_apps.quiz.state import Ask, Player, Room


def start_paced(room: Room, ctx: Context) -> Steps:
    """Every question of every part is put at once; whoever comes opens them one by one."""
    plain = [one for one in room.segments if one.status in ("planned", "presenting", "ready") and one.questions]
    if not plain:
        raise Rejected("not_found", "there is no question in this gathering")
    if room.settings.deadline is not None and room.settings.deadline <= ctx.now:
        raise Rejected("bad_value", "the deadline has passed", field="deadline")
    room = yield e.PacedStarted(ctx.now)
    for segment in plain:
        for number in range(1, len(segment.questions) + 1):
            room = yield question_shown(room, segment, number, ctx.now, ctx)
    return room


def begin_ask(room: Room, command: m.BeginAsk, ctx: Context) -> Steps:
    """Open the next question for oneself: one at a time, forwards only."""
    player = _at_own_pace(room, ctx)
    if command.ask != next_ask(room, player):
        raise Rejected("wrong_ask", "this is not your next question", field="ask")
    return (yield e.AskBegun(command.ask, ctx.seat, ctx.after(seconds=room.settings.lead_ms / 1000)))


def addressed_alone(room: Room, ask: int, ctx: Context) -> tuple[Ask, Player]:
    """The question an answer is about, as this player has it. Raises `Rejected`."""
    player = _at_own_pace(room, ctx)
    own = own_ask(room, player)
    if own is None or own.id != ask:
        before = player.turn is not None and ask < player.turn.ask
        raise Rejected("too_late" if before else "wrong_ask", "this is not the question you are at", field="ask")
    return own, player


def _at_own_pace(room: Room, ctx: Context) -> Player:
    if room.phase == "ended":
        raise Rejected("ended", "the gathering has ended")
    if room.phase != "paced":
        raise Rejected("wrong_phase", "the host puts the questions")
    player = room.players.get(ctx.seat)
    if player is None or not player.active:
        raise Rejected("not_allowed", "join first")
    if room.settings.deadline is not None and ctx.received > room.settings.deadline + GRACE:
        raise Rejected("too_late", "the deadline has passed")
    return player


def deadline_of(room: Room) -> dict[str, datetime]:
    """Answers that were under way at the deadline are waited for."""
    if room.phase != "paced" or room.settings.deadline is None:
        return {}
    return {"deadline": room.settings.deadline + GRACE + timedelta(milliseconds=1)}


def close_paced(room: Room, ctx: Context) -> Steps:
    return (yield e.PacedClosed(ctx.now))


def end_at_deadline(room: Room, ctx: Context) -> Steps:
    yield from close_paced(room, ctx)
    return (yield e.Ended(ctx.now))
