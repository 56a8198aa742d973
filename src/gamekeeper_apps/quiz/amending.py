"""What is put right afterwards: void questions, fixed keys, grades; and what moderators let through."""

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.people import known
from gamekeeper_apps.quiz.phases import UNDO_S
from gamekeeper_apps.quiz.playable import checked_question
from gamekeeper_apps.quiz.state import Ask, Room


def _past(room: Room, number: int, ctx: Context) -> Ask:
    """An ask whose answer is out. Raises `Rejected`."""
    if room.ended_at is not None and (room.sealed or (ctx.now - room.ended_at).total_seconds() > UNDO_S):
        raise Rejected("ended", "the gathering is sealed")
    ask = room.asks.get(number)
    if ask is None or not (ask.revealed or ask.void):
        exists = 1 <= number <= room.ask_count
        raise Rejected("wrong_phase" if exists else "not_found", "its answer is not out", field="ask")
    if ask.void:
        raise Rejected("voided", "this question does not count", field="ask")
    return ask


def void(room: Room, command: m.Void, ctx: Context) -> Steps:
    """As if it had never been asked."""
    return (yield e.Voided(_past(room, command.ask, ctx).id))


def fix_key(room: Room, command: m.FixKey, ctx: Context) -> Steps:
    """Regrade from the stored answers and times."""
    ask, key = _past(room, command.ask, ctx), command.key
    same = key.type == ask.question.type and len(key.options) == len(ask.question.options)
    if not same or len(key.pairs) != len(ask.question.pairs):
        raise Rejected("bad_value", "the same type, options and pairs", field="key")
    checked_question(key, ask.number, "key")
    return (yield e.KeyFixed(ask.id, key))


def grade(room: Room, command: m.Grade, ctx: Context) -> Steps:
    """A fraction for an open text; before the answer is out too."""
    ask = room.ask if room.ask is not None and room.ask.id == command.ask and room.ask.closed is not None else None
    ask = ask if ask is not None else _past(room, command.ask, ctx)
    if ask.question.type != "open":
        raise Rejected("bad_value", "only open questions are graded by hand", field="ask")
    if not 0 <= command.f <= 1:
        raise Rejected("bad_value", "0 to 1", field="f")
    if ask.id not in known(room, command.player).answers:
        raise Rejected("not_found", "no such answer", field="player")
    return (yield e.Graded(ask.id, command.player, command.f))


def approve(room: Room, command: m.Approve, ctx: Context) -> Steps:
    return (yield from _judge(room, command.item, True, ctx))


def reject(room: Room, command: m.Reject, ctx: Context) -> Steps:
    return (yield from _judge(room, command.item, False, ctx))


def _judge(room: Room, item: str, approved: bool, ctx: Context) -> Steps:
    if item not in room.queue:
        raise Rejected("not_found", "nothing of that name waits", field="item")
    return (yield e.TextJudged(item, approved, ctx.seat))
