"""Putting a question: when it opens and closes, and how its options stand. All chance ends up in the event."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from gamekeeper import Context, Seat
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.pictures import pictures_of
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import Preset
from gamekeeper_apps.quiz.state import Ask, Room, Segment

OID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
OID_CHARACTERS = 8
WITH_OPTIONS = ("single", "true_false", "multi", "order", "poll")
MIXED = ("order", "match")
"""Their own order is the key."""


def put(room: Room, segment: Segment, number: int, ctx: Context) -> Steps:
    """Show a question of the segment; without reading time its options come along."""
    settings = room.settings
    reading = settings.pre_read_s
    if settings.teams and settings.team_talk_s:
        reading += settings.team_talk_s
    room = yield question_shown(room, segment, number, ctx.after(seconds=reading), ctx)
    return (yield e.PhaseChanged("shown" if reading else "open", ctx.now))


def question_shown(room: Room, segment: Segment, number: int, options_at: datetime, ctx: Context) -> e.QuestionShown:
    """The next ask: what it is worth, when it opens, and its options in an order and under ids drawn for it."""
    settings, question = room.settings, segment.questions[number - 1]
    rng = ctx.stream("ask", room.ask_count + 1)
    opens_at = options_at + timedelta(milliseconds=settings.lead_ms)
    limit_ms = round(next(s for s in (question.limit_s, segment.limit_s, settings.limit_s) if s is not None) * 1000)
    timed = not settings.untimed and question.type != "slide"
    preset: Preset = "flat" if settings.untimed else segment.preset or settings.preset
    oids, order = _options(question, settings.shuffle, rng)
    rights, right_order = _rights(question, rng)
    return e.QuestionShown(
        room.ask_count + 1,
        segment.number,
        number,
        oids,
        order,
        options_at,
        opens_at,
        opens_at + timedelta(milliseconds=limit_ms) if timed else None,
        limit_ms,
        _points(room, segment, question),
        preset,
        rights,
        right_order,
        _oid(rng) if settings.shuffle == "seat" and question.type in ("single", "multi", "poll") else "",
    )


def ask_of(room: Room, event: e.QuestionShown) -> Ask:
    """The ask that was put."""
    question = room.segments[event.segment - 1].questions[event.question - 1]
    return Ask(
        event.ask,
        event.segment,
        event.question,
        question,
        event.oids,
        event.order,
        event.rights,
        event.right_order,
        event.seed,
        event.options_at,
        event.opens_at,
        event.closes_at,
        event.limit_ms,
        event.points,
        event.preset,
        room.presenters_of(event.segment, event.question),
        pictures=pictures_of(question.media),
    )


def _points(room: Room, segment: Segment, question: Question) -> int:
    for points in (question.points, segment.points):
        if points is not None:
            return points
    return room.settings.points


def _oid(rng: Random) -> str:
    return "".join(rng.choice(OID_ALPHABET) for _ in range(OID_CHARACTERS))


def _options(question: Question, shuffle: str, rng: Random) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """(oids as they stand on the screen, the option each is of)."""
    if question.type == "match":
        indices = _lefts(question)
    elif question.type in WITH_OPTIONS:
        indices = list(range(len(question.options)))
    else:
        return (), ()
    if question.type in MIXED or (shuffle != "off" and question.type != "true_false"):
        rng.shuffle(indices)
    return tuple(_oid(rng) for _ in indices), tuple(indices)


def _lefts(question: Question) -> list[int]:
    return [index for index, pair in enumerate(question.pairs) if pair.left is not None]


def _rights(question: Question, rng: Random) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The right column of a match: every different text once, mixed."""
    if question.type != "match":
        return (), ()
    first: dict[str, int] = {}
    for index, pair in enumerate(question.pairs):
        first.setdefault(unicodedata.normalize("NFC", pair.right), index)
    indices = list(first.values())
    rng.shuffle(indices)
    return tuple(_oid(rng) for _ in indices), tuple(indices)


def seat_order(ask: Ask, seat: Seat) -> Sequence[str]:
    """The oids as one seat sees them."""
    if not ask.seed:
        return ask.oids
    return sorted(ask.oids, key=lambda oid: sha256(f"{ask.seed}|{seat}|{oid}".encode()).digest())
