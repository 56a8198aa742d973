"""What everybody, and what one player, may know. Nothing here depends on a key before it is revealed, and nothing that
everybody sees changes when somebody answers."""

from datetime import datetime
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from gamekeeper import Seat, View
from gamekeeper_apps.quiz.putting import seat_order
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import Settings
from gamekeeper_apps.quiz.state import Ask, Player, Room, Segment
from gamekeeper_apps.quiz.totals import MILLION, segment_total, team_board, total

AROUND = 2
MAX_SHOWN_TEXTS = 100
OPTIONS_OUT = ("open", "closed", "revealed", "board", "paced")


class Rules(View):
    """The rule sheet."""

    preset: str
    tiebreak: str
    penalty: int
    floor: str
    streak: bool
    confidence: bool
    allow_change: bool
    teams: tuple[str, ...]
    lead_ms: int
    buttons_only: bool


class PublicSegment(View):
    number: int
    of: int
    title: str
    presenter: str | None
    remix: bool
    status: str


class Pausing(View):
    reason: str
    at: datetime
    resume_at: datetime | None


class Choice(View):
    oid: str
    text: str


class PublicAsk(View):
    """The question that is on. `options` None: not out yet. `key` to `explanation` only after the reveal; until then
    there is no field `key` at all, nor is one of the question before taken away by name."""

    __identity__: ClassVar[str] = "ask"

    ask: int
    number: int
    of: int
    type: str
    text: str
    text_format: str | None
    media: Any
    options: tuple[Choice, ...] | None
    rights: tuple[Choice, ...] | None
    opens_at: datetime
    closes_at: datetime | None
    limit_ms: int
    points: int
    void: bool
    closed: str | None
    key: Any | UnsetType
    counts: dict[str, int] | None
    texts: tuple[tuple[str, int], ...] | None
    explanation: str | None


def public(room: Room) -> dict[str, Any]:
    return {
        "title": room.title,
        "phase": room.phase,
        "segment": _segment(room, room.segment) if room.segment is not None else None,
        "ask": public_ask(room, room.ask) if room.ask is not None else None,
        "pause": Pausing(room.pause.reason, room.pause.at, room.pause.resume_at) if room.pause is not None else None,
        "board": board_of(room),
        "segment_board": room.shown_segment or None,
        "credited": room.credited,
        "teams": _teams(room),
        "rules": rules(room.settings),
        "pace": pace(room),
        "ended_at": room.ended_at,
    }


def rules(settings: Settings) -> Rules:
    return Rules(*(getattr(settings, name) for name in Rules.__struct_fields__))


def pace(room: Room) -> dict[str, Any] | None:
    """Where everybody goes at the own pace: until when, through how many questions, and how often each is answered."""
    settings = room.settings
    if settings.mode != "self_paced":
        return None
    return {
        "deadline": settings.deadline,
        "questions": room.ask_count,
        "attempts": settings.attempts,
        "told": settings.feedback,
    }


def board_of(room: Room) -> Any:
    """The top 10: rank, name, score. From the first board on."""
    shown = room.phase in ("board", "segment_done", "remix_ready", "ended")
    return room.shown_ranking if shown else None


def _teams(room: Room) -> Any:
    if not room.settings.teams or room.phase not in ("board", "segment_done", "remix_ready", "ended"):
        return None
    return team_board(room)


def _segment(room: Room, segment: Segment) -> PublicSegment:
    presenter = room.players.get(segment.presenter) if segment.presenter is not None else None
    return PublicSegment(
        segment.number,
        len(room.segments),
        segment.title,
        presenter.name if presenter is not None else None,
        segment.remix_of is not None,
        segment.status,
    )


def public_ask(room: Room, ask: Ask) -> PublicAsk:
    question, told = ask.question, ask.revealed and not ask.void
    out = room.phase in OPTIONS_OUT
    return PublicAsk(
        ask.id,
        ask.number,
        len(room.segments[ask.segment - 1].questions),
        question.type,
        question.text,
        question.text_format,
        ask.pictures or None,
        choices(ask) if out else None,
        right_column(ask) if out and ask.rights else None,
        ask.opens_at,
        ask.closes_at,
        ask.limit_ms,
        ask.points,
        ask.void,
        ask.closed,
        key(ask) if told else UNSET,
        counts_of(ask) if told else None,
        shown_texts(ask) if told and question.type in ("word_cloud", "open") else None,
        question.explanation if told else None,
    )


def choices(ask: Ask) -> tuple[Choice, ...]:
    question = ask.question
    if question.type == "match":
        return tuple(Choice(oid, question.pairs[at].left or "") for oid, at in zip(ask.oids, ask.order, strict=True))
    return tuple(Choice(oid, question.options[at].text) for oid, at in zip(ask.oids, ask.order, strict=True))


def right_column(ask: Ask) -> tuple[Choice, ...]:
    pairs = ask.question.pairs
    return tuple(Choice(oid, pairs[at].right) for oid, at in zip(ask.rights, ask.right_order, strict=True))


def key(ask: Ask) -> Any:
    """The right answer, in the words of the screen: oids, texts, ranges or pairs of oids."""
    question = ask.question
    by_index = dict(zip(ask.order, ask.oids, strict=True))
    match question.type:
        case "single" | "true_false" | "multi":
            return [by_index[at] for at, option in enumerate(question.options) if option.correct]
        case "order":
            return [by_index[at] for at in range(len(question.options))]
        case "typed":
            return [option.text for option in question.options if option.correct]
        case "number":
            return question.numeric
        case "match":
            oid_of = {question.pairs[at].right: oid for oid, at in zip(ask.rights, ask.right_order, strict=True)}
            return {
                by_index[at]: oid_of.get(pair.right) for at, pair in enumerate(question.pairs) if pair.left is not None
            }
        case _:
            return None


def counts_of(ask: Ask) -> dict[str, int]:
    """By oid as they stand on the screen; where there is none, how many were right, partly right and wrong."""
    return {word: ask.counts[word] for word in (*ask.oids, "right", "part", "wrong") if word in ask.counts}


def waiting(room: Room) -> list[dict[str, str]]:
    """What moderators have to look at."""
    return [
        {"item": one.item, "text": one.text} for _, one in sorted(room.queue.items(), key=lambda pair: pair[1].order)
    ]


def shown_texts(ask: Ask) -> tuple[tuple[str, int], ...]:
    """Texts that were let through, the most frequent first."""
    approved = [text for text in ask.texts.values() if text.approved]
    approved.sort(key=lambda text: (-text.count, text.shown))
    return tuple((text.shown, text.count) for text in approved[:MAX_SHOWN_TEXTS])


def lobby(room: Room) -> dict[str, Any]:
    """How many have come: for players, while they wait. It stays at what it was when the game began."""
    return {"players": room.gathered}


# -- a player ----------------------------------------------------------------------------------------------------------


def player(room: Room, seat: Seat) -> dict[str, Any] | None:
    """A seat's own view."""
    me = room.players.get(seat)
    if me is None:
        return None
    ask = room.ask
    post = "presenter" if room.presents(seat) else "moderator" if seat in room.moderators else "player"
    return {
        "name": me.name,
        "avatar": me.avatar,
        "custom_id": me.custom_id,
        "team": me.team,
        "post": post,
        "pending": me.pending,
        "removed": "banned" if me.banned else "forgotten" if me.forgotten else "removed" if me.removed else None,
        "late_from": me.late_from,
        "time_factor": me.factor,
        "answer": {"ask": me.last, "value": me.answers[me.last].value} if me.last is not None else None,
        "order": list(seat_order(ask, seat)) if ask is not None and ask.seed and room.phase in OPTIONS_OUT else None,
        "result": _result(room, me),
        "standing": _standing(room, me),
        "queue": waiting(room) if seat in room.moderators else None,
        "presenting": _presenting(room, seat) if post == "presenter" else None,
    }


def _result(room: Room, me: Player) -> dict[str, Any] | None:
    """Of the ask told last: points and why. It stays until the next, so that a new question changes nothing here."""
    number = room.told
    result = me.results.get(number) if number is not None else None
    if result is None:
        return None
    return {
        "ask": number,
        "f": result.f / MILLION,
        "points": result.points,
        "bonus": result.bonus,
        "credited_ms": result.credited_ms,
        "streak": me.streak,
    }


def _standing(room: Room, me: Player) -> dict[str, Any] | None:
    """Score, rank and the neighbours. From the first reveal on; another answer's arrival changes nothing here."""
    if me.rank is None or me.place is None or not room.asks:
        return None
    first = max(0, me.place - AROUND)
    around = room.ranking[first : me.place + AROUND + 1]
    return {
        "score": total(room, me),
        "segment": segment_total(room, me, room.current) if room.current is not None else 0,
        "rank": me.rank,
        "of": len(room.ranking),
        "around": [_neighbour(room, room.players[seat]) for seat in around],
    }


def _neighbour(room: Room, one: Player) -> tuple[int | None, str, int]:
    return one.rank, one.name, total(room, one)


def without_media(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """Questions as a view holds them: pictures of megabytes are fetched, not sent."""
    return tuple(one if one.media is None else replace(one, media=None) for one in questions)


def _presenting(room: Room, seat: Seat) -> dict[str, Any]:
    """What the presenter of this segment sees besides: its questions with their keys, the other presenters, drafts."""
    segment = room.segment
    number = segment.number if segment is not None else 0
    speakers = {one for part in room.segments for one in part.presenters} - {seat}
    return {
        "questions": without_media(segment.questions) if segment is not None else (),
        "asked": segment.asked if segment is not None else 0,
        "present": room.online,
        "answered": room.ask.answered if room.ask is not None else 0,
        "colleagues": [{"player": one, "name": room.players[one].name} for one in sorted(speakers)],
        "drafts": [draft for draft in room.drafts.values() if draft.segment == number],
    }
