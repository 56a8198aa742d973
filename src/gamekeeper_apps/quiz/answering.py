"""An answer: is it in time, is it an answer at all, and how long did it take. Looks at one player only."""

from datetime import timedelta

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.clock import closes_at, credit_ms, taken
from gamekeeper_apps.quiz.closing import Steps, close_if_all
from gamekeeper_apps.quiz.marking import checked_value
from gamekeeper_apps.quiz.paced import may_answer_again
from gamekeeper_apps.quiz.pacing import addressed_alone
from gamekeeper_apps.quiz.state import Ask, Player, Room


def answer(room: Room, command: m.Answer, ctx: Context) -> Steps:
    """Store an answer. The question closes with the last one it waits for."""
    alone = room.phase == "paced"
    ask, player = addressed_alone(room, command.ask, ctx) if alone else _addressed(room, command, ctx)
    credit = credit_ms(ctx.rtt_ms)
    _in_time(ask, player, ctx, credit)
    if command.ask in player.answers and not may_answer_again(room, player, command.ask):
        raise Rejected("already_answered", "you have answered this question")
    if room.settings.confidence != (command.confidence is not None):
        raise Rejected("bad_value", "say how sure you are" if room.settings.confidence else "not asked for here",
                       field="confidence")  # fmt: skip
    value = checked_value(ask, command.value)
    time = taken(ask, player.factor, ctx.received, ctx.rtt_ms, command.elapsed_ms)
    room = yield e.Answered(
        ask.id,
        ctx.seat,
        value,
        time.raw_ms,
        time.credited_ms,
        credit,
        ctx.command_id,
        ctx.received,
        command.confidence,
    )
    return (yield from close_if_all(room, ctx))


def _addressed(room: Room, command: m.Answer, ctx: Context) -> tuple[Ask, Player]:
    """The ask and the player of an answer. Raises `Rejected`."""
    if room.phase == "ended":
        raise Rejected("ended", "the gathering has ended")
    past = room.asks.get(command.ask)
    if past is not None and past.void:
        raise Rejected("voided", "this question does not count", field="ask")
    ask, player = room.ask, room.players.get(ctx.seat)
    if ask is None or ask.id != command.ask:
        known = past is not None or 1 <= command.ask <= room.ask_count
        raise Rejected("too_late" if known else "wrong_ask", "this question is not on", field="ask")
    if player is None:
        raise Rejected("not_allowed", "join first")
    if ctx.seat in ask.presenters:
        raise Rejected("not_allowed", "presenters do not answer their own questions")
    if player.late_from is not None and ask.id < player.late_from:
        raise Rejected("not_open", "you came after this question was put")
    if room.pause is not None:
        raise Rejected("paused", "the game is paused")
    return ask, player


def _in_time(ask: Ask, player: Player, ctx: Context, credit: int) -> None:
    """Raises `Rejected`: `not_open` before the opening, `too_late` after the close and what the line is credited."""
    if ask.revealed:
        raise Rejected("too_late", "the answer is out")
    if ctx.received < ask.opens_at:
        raise Rejected("not_open", "not yet open")
    end = closes_at(ask, player.factor)
    if end is not None and ctx.received > end + timedelta(milliseconds=credit):
        raise Rejected("too_late", "the time was up")
