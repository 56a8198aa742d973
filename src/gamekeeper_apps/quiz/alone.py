"""What one player sees at the own pace: the own question, the own result once it may be told, at the end a review."""

from typing import Any

from msgspec.structs import replace

from gamekeeper import Seat
from gamekeeper_apps.quiz.marking import points_of
from gamekeeper_apps.quiz.paced import next_ask, own_ask, own_result
from gamekeeper_apps.quiz.putting import seat_order
from gamekeeper_apps.quiz.state import Ask, Player, Room
from gamekeeper_apps.quiz.totals import MILLION, takes_part
from gamekeeper_apps.quiz.views import public_ask

MAX_REVIEW_CHARACTERS = 120


def at_own_pace(room: Room, seat: Seat) -> dict[str, Any] | None:
    """None: the host puts the questions, or nobody has begun."""
    if room.settings.mode != "self_paced" or not room.asks:
        return None
    me = room.players[seat]
    return _turn(room, me) if room.phase == "paced" else {"review": _review(room, me)}


def _turn(room: Room, me: Player) -> dict[str, Any]:
    own = own_ask(room, me)
    return {
        "next": next_ask(room, me),
        "place": own.id if own is not None else 0,
        **(_question(room, me, own) if own is not None else {"ask": None, "attempts_left": 0, "result": None}),
    }


def _question(room: Room, me: Player, own: Ask) -> dict[str, Any]:
    """A key is told with the player's own result, and only when nothing may be answered any more."""
    given = me.answers.get(own.id)
    left = room.settings.attempts - (given.attempt if given is not None else 0)
    result = own_result(room, me, own)
    told = False
    shown: dict[str, Any] | None = None
    if result is not None:
        marker, answer = result
        f = marker.fraction(me, answer)
        told = left <= 0 or f is None or f == 1
        if f is not None:
            points = points_of(room.settings, own, answer, f, marker)
            shown = {"ask": own.id, "f": float(f), "points": points, "bonus": 0, "streak": 0}
            shown["credited_ms"] = answer.credited_ms
    return {
        "ask": public_ask(room, replace(own, revealed=told)),
        "order": list(seat_order(own, me.seat)) if own.seed else None,
        "attempts_left": 0 if told else left,
        "result": shown,
    }


def _review(room: Room, me: Player) -> list[dict[str, Any]]:
    """Question by question, once everything is told."""
    rows: list[dict[str, Any]] = []
    for number in sorted(room.asks):
        ask, result = room.asks[number], me.results.get(number)
        if ask.revealed and takes_part(me, ask):
            rows.append(
                {
                    "ask": number,
                    "text": ask.question.text[:MAX_REVIEW_CHARACTERS],
                    "answered": number in me.answers,
                    "f": result.f / MILLION if result is not None else None,
                    "points": result.points + result.bonus if result is not None else None,
                    "void": ask.void,
                }
            )
    return rows
