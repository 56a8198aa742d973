"""The challenge at the door: six digits on the big screen, others every 20 seconds, so that whoever has only heard of
the code stays outside."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from gamekeeper import HOST, Context, Rejected, Seat
from gamekeeper_apps.quiz import challenge_facts as e
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.state import Challenge, Knock, Room

EVERY = timedelta(seconds=20)
NUMBERS = 180
"""Drawn at once: for an hour."""
DIGITS = 6
TRIES = 3
"""Of one seat with one number."""
SLACK = timedelta(seconds=5)
"""So long a number that has just gone is still taken: it was on the screen when it was read."""


def draw(room: Room, ctx: Context) -> Steps:
    """The numbers of the next hour."""
    numbers = tuple(f"{ctx.rng.randrange(10**DIGITS):0{DIGITS}d}" for _ in range(NUMBERS))
    return (yield e.ChallengeDrawn(numbers, ctx.now))


def draw_if_needed(room: Room, ctx: Context) -> Steps:
    """Where the settings ask for it and there are none that are good."""
    if room.settings.challenge and (room.challenge is None or ctx.now >= _ends(room.challenge)):
        return (yield from draw(room, ctx))
    return room


def due(room: Room) -> dict[str, datetime]:
    """When new numbers have to be drawn."""
    if not room.settings.challenge or room.challenge is None or room.phase == "ended":
        return {}
    return {"challenge": _ends(room.challenge)}


def knock(room: Room, seat: Seat, ctx: Context) -> Steps:
    """Somebody is at the door."""
    return (yield e.Knocked(seat)) if seat not in room.knocks else room


def asked_of(room: Room, ctx: Context) -> bool:
    """Whether the sender has to show that they see the screen."""
    return room.settings.challenge and ctx.role is not HOST


def prove(room: Room, number: str, ctx: Context) -> Steps:
    """A try, which counts where it is wrong. Raises `Rejected("slow_down")` after three with this number."""
    if room.challenge is None:
        raise Rejected("slow_down", "there is no number yet", retry_after_s=1.0)
    ends = _until(room.challenge, ctx.now)
    knocked = room.knocks.get(ctx.seat, Knock())
    if knocked.until == ends and knocked.wrong >= TRIES:
        raise Rejected("slow_down", "wait for the next number", retry_after_s=(ends - ctx.now).total_seconds())
    if number in _good(room.challenge, ctx.now):
        return (yield e.ChallengePassed(ctx.seat))
    return (yield e.ChallengeFailed(ctx.seat, ends))


def passed(room: Room, seat: Seat) -> bool:
    """Whether that try was right."""
    return seat not in room.knocks


def door(room: Room, seat: Seat) -> dict[str, object] | None:
    """What somebody at the door sees: how often they were wrong, and until when that counts."""
    knocked = room.knocks.get(seat)
    return {"door": {"wrong": knocked.wrong, "until": knocked.until}} if knocked is not None else None


def _place(challenge: Challenge, now: datetime) -> int:
    return min(max((now - challenge.since) // EVERY, 0), len(challenge.numbers) - 1)


def _until(challenge: Challenge, now: datetime) -> datetime:
    return challenge.since + (_place(challenge, now) + 1) * EVERY


def _good(challenge: Challenge, now: datetime) -> set[str]:
    places = {_place(challenge, now), _place(challenge, now - SLACK)}
    return {challenge.numbers[place] for place in places}


def _ends(challenge: Challenge) -> datetime:
    return challenge.since + len(challenge.numbers) * EVERY


# -- how it changes a gathering ----------------------------------------------------------------------------------------


def drawn(room: Room, event: e.ChallengeDrawn) -> Room:
    return replace(room, challenge=Challenge(event.numbers, event.since))


def knocked(room: Room, event: e.Knocked) -> Room:
    return replace(room, knocks=room.knocks.set(event.player, Knock()))


def failed(room: Room, event: e.ChallengeFailed) -> Room:
    before = room.knocks.get(event.player, Knock())
    wrong = before.wrong + 1 if before.until == event.until else 1
    return replace(room, knocks=room.knocks.set(event.player, Knock(wrong, event.until)))


def let_in(room: Room, event: e.ChallengePassed) -> Room:
    return replace(room, knocks=room.knocks.delete(event.player)) if event.player in room.knocks else room
