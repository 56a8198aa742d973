"""What the host and the big screen see besides: counters, names, what waits, and for the host the keys."""

from typing import Any

from gamekeeper_apps.quiz.paced import next_ask
from gamekeeper_apps.quiz.state import Ask, Challenge, Player, Room
from gamekeeper_apps.quiz.totals import total
from gamekeeper_apps.quiz.views import counts_of, waiting, without_media

NAMES = 60
PEOPLE = 200
"""Players in the host's list at once; the rest come by search over HTTP."""


def counters(room: Room) -> dict[str, Any]:
    """Of the question that is on, and of the room."""
    ask = room.ask
    return {
        "players": room.entered,
        "present": room.online,
        "answered": ask.answered if ask is not None else 0,
        "answered_present": ask.answered_online if ask is not None else 0,
        "finished": finished(room),
    }


def finished(room: Room) -> int | None:
    """At one's own pace: how many have come to the last question; None: not played so."""
    if room.phase != "paced":
        return None
    return sum(1 for one in room.players.values() if one.active and one.turn and next_ask(room, one) is None)


def screen(room: Room) -> dict[str, Any]:
    """The big screen: in the lobby the latest names."""
    return {
        "counters": counters(room),
        "names": _names(room) if room.phase == "lobby" else None,
        "challenge": _challenge(room),
    }


def _challenge(room: Room) -> Challenge | None:
    return room.challenge if room.settings.challenge and room.phase != "ended" else None


def _names(room: Room) -> list[str]:
    latest = sorted(
        (one for one in room.players.values() if one.active), key=lambda one: (one.joined_at, one.seat), reverse=True
    )
    return [one.name for one in latest[:NAMES]]


def host(room: Room) -> dict[str, Any]:
    """The console. Keys are left out where the host plays."""
    return {
        "counters": counters(room),
        "names": _names(room) if room.phase == "lobby" else None,
        "challenge": _challenge(room),
        "locked": room.locked_at is not None,
        "host_away": room.host_away,
        "settings": room.settings,
        "segments": [
            {
                "number": segment.number,
                "title": segment.title,
                "status": segment.status,
                "asked": segment.asked,
                "questions": len(segment.questions),
                "presenters": segment.presenters,
                "hash": segment.hash,
            }
            for segment in room.segments
        ],
        "questions": _questions(room),
        "distribution": _distribution(room, room.ask) if room.ask is not None else None,
        "people": people(room),
        "queue": waiting(room),
        "drafts": [room.drafts[id] for id in sorted(room.drafts)],
        "remix": room.phase == "remix_ready",
        "sealed": room.sealed,
    }


def _questions(room: Room) -> Any:
    """Those of the segment that is on, with their keys."""
    if room.settings.host_plays or room.segment is None:
        return None
    return without_media(room.segment.questions)


def _distribution(room: Room, ask: Ask) -> dict[str, int] | None:
    return counts_of(ask) if ask.revealed else None


def people(room: Room) -> list[dict[str, Any]]:
    """One row a player, in the order they came; of a crowd those first who are waited for. The host alone sees time
    factors."""
    here = sorted((one for one in room.players.values() if one.active), key=lambda one: one.seat)
    ask = room.ask
    if len(here) > PEOPLE and ask is not None and room.phase == "open":
        here.sort(key=lambda one: not one.online or ask.id in one.answers)
    return [person(room, one) for one in here[:PEOPLE]]


def person(room: Room, one: Player) -> dict[str, Any]:
    ask = room.ask
    return {
        "player": one.seat,
        "name": one.name,
        "avatar": one.avatar,
        "custom_id": one.custom_id,
        "online": one.online,
        "progress": len(one.answers),
        "answered": ask is not None and ask.id in one.answers,
        "score": total(room, one),
        "rank": one.rank,
        "factor": one.factor,
        "team": one.team,
        "pending": one.pending,
        "late_from": one.late_from,
    }
