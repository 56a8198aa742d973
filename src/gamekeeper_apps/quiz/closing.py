"""How a question ends: by time, by everybody's answer or by hand; and when its answer may be told."""

from collections.abc import Generator
from datetime import datetime, timedelta

from gamekeeper import Context, Rejected
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz.clock import GRACE, longest_ms
from gamekeeper_apps.quiz.state import Ask, Room

Steps = Generator[e.Fact, Room, Room]

AUTO_REVEAL = timedelta(seconds=5)
AUTO_BOARD = timedelta(seconds=5)


SMALL_ROOM = 40
"""Players whose every answer is counted aloud; in a larger room the counter moves four times a second."""
COUNTED_EVERY = timedelta(milliseconds=250)


def tells_presenters(room: Room, at: datetime) -> bool:
    """Whether whoever presents is told of an answer at once."""
    ask = room.ask
    if ask is None or not ask.presenters:
        return False
    due = ask.counted_at is None or at - ask.counted_at >= COUNTED_EVERY
    return due or room.online <= SMALL_ROOM or ask.answered_online >= room.online


def automatic(room: Room) -> bool:
    """Whether the gathering goes on by itself: as set, or because its host is lost."""
    return room.settings.advance == "auto" or room.host_away is not None


def on(room: Room) -> Ask:
    """The question that is on. Raises `Rejected("wrong_phase")`."""
    if room.ask is None:
        raise Rejected("wrong_phase", "no question is on")
    return room.ask


def close_if_all(room: Room, ctx: Context) -> Steps:
    """Close when nobody is waited for any more."""
    ask = room.ask
    if ask is None or room.phase != "open" or room.pause is not None or not room.settings.close_when_all:
        return room
    if not room.online or ask.answered_online < room.online or ctx.now < ask.opens_at:
        return room
    return (yield from close_with(room, "all", ctx))


def close_with(room: Room, cause: e.Cause, ctx: Context) -> Steps:
    """Close the open question; where all have answered and the game goes on by itself, its answer is told at once."""
    room = yield e.Closed(on(room).id, cause, ctx.now)
    if cause == "all" and automatic(room):
        return (yield from reveal_now(room, ctx))
    return room


def time_is_up(room: Room, ctx: Context) -> Steps:
    """The deadline: seats with extra time that are at it are waited for."""
    ask = on(room)
    slow = [
        seat
        for seat, _ in room.extra_time.items()
        if (player := room.players.get(seat)) is not None
        and player.online
        and player.active
        and ask.id not in player.answers
        and seat not in ask.presenters
    ]
    if not slow or ask.overtime or ask.closes_at is None:
        return (yield from close_with(room, "time", ctx))
    if any(room.extra_time[seat] == "off" for seat in slow):
        return (yield e.Overtime(ask.id, None))
    longest = max(longest_ms(ask, room.extra_time[seat]) for seat in slow)
    return (yield e.Overtime(ask.id, ask.closes_at + timedelta(milliseconds=longest - ask.limit_ms)))


def reveal_at(room: Room) -> datetime | None:
    """When the answer of a closed question is told without anybody asking for it; None: somebody must."""
    ask = room.ask
    if ask is None or ask.closed_at is None:
        return None
    return ask.reveal_due or (ask.closed_at + GRACE if automatic(room) else None)


def reveal(room: Room, ctx: Context) -> Steps:
    """Tell the answer: once whatever was under way at the close must have arrived."""
    ask = on(room)
    if room.phase != "closed" or ask.closed_at is None:
        raise Rejected("wrong_phase", "close the question first")
    if ask.answered_online >= room.online or ctx.now >= ask.closed_at + GRACE:
        return (yield from reveal_now(room, ctx))
    return (yield e.RevealAsked(ask.id, ask.closed_at + GRACE)) if ask.reveal_due is None else room


def reveal_now(room: Room, ctx: Context) -> Steps:
    return (yield e.Revealed(on(room).id, ctx.now))
