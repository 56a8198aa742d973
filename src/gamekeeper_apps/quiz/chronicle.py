"""A played room as its log tells it: what every export is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from gamekeeper import Record
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz.folding import fold
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.state import Ask, Player, QuizConfig, Room
from gamekeeper_apps.quiz.totals import MILLION, segment_board, team_board, total
from gamekeeper_apps.quiz.views import key

Row = dict[str, Any]
COLUMNS = [
    "room",
    "segment",
    "ask",
    "question_id",
    "question_hash",
    "type",
    "player",
    "name",
    "custom_id",
    "answer",
    "key",
    "f",
    "points",
    "streak_bonus",
    "raw_ms",
    "credited_ms",
    "credit_ms",
    "option_order",
    "accepted_at",
    "command_id",
    "late_join",
    "voided",
]


@dataclass
class Chronicle:
    """The state at the end, every event, every stored answer (the last of a player to an ask)."""

    room: str
    state: Room
    host: str = ""
    records: list[Record] = field(default_factory=list[Record])
    answers: dict[tuple[int, int], e.Answered] = field(default_factory=dict[tuple[int, int], e.Answered])


def chronicle(room: str, records: list[Record]) -> Chronicle:
    """From a room's log. Raises what a log of another application raises."""
    game = Quiz()
    config = msgspec.json.decode(records[0].data)["config"]
    told = Chronicle(room, game.initial(msgspec.convert(config, type=QuizConfig)))
    for record in records:
        event = game.read(record)
        if event is None:
            if record.type == "room.joined" and not told.host:
                told.host = str(msgspec.json.decode(record.data)["name"])
            continue
        told.state = fold(told.state, event)
        told.records.append(record)
        if isinstance(event, e.Answered):
            told.answers[event.ask, event.player] = event
    return told


def stamp(at: datetime | None) -> str | None:
    """UTC, ISO-8601, milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z" if at is not None else None


def question_hash(question: Question) -> str:
    """The version of one question, as it was graded."""
    from gamekeeper_apps.quiz.programme import quiz_hash

    return quiz_hash((question,))


def raw_rows(told: Chronicle) -> list[Row]:
    """One row per stored answer, by ask and player."""
    rows: list[Row] = []
    for (number, seat), event in sorted(told.answers.items()):
        ask = told.state.asks.get(number) or told.state.ask
        player = told.state.players.get(event.player)
        if ask is None or player is None or ask.id != number or player.seat != seat:
            continue
        rows.append(_row(told, ask, player, event))
    return rows


def _row(told: Chronicle, ask: Ask, player: Player, event: e.Answered) -> Row:
    result = player.results.get(ask.id)
    question = ask.question
    values = (
        told.room,
        ask.segment,
        ask.id,
        question.id or f"{ask.segment}.{ask.number}",
        question_hash(question),
        question.type,
        player.seat,
        player.name,
        player.custom_id,
        words(ask, event.value),
        words(ask, key(ask)),
        result.f / MILLION if result else None,
        result.points if result else None,
        result.bonus if result else None,
        event.raw_ms,
        event.credited_ms,
        event.credit_ms,
        " ".join(str(at + 1) for at in ask.order),
        stamp(event.accepted_at),
        event.command_id,
        player.late_from,
        ask.void,
    )
    return dict(zip(COLUMNS, values, strict=True))


def words(ask: Ask, value: Any) -> str:
    """An answer or a key as people read it."""
    shown = text_by_oid(ask)
    if isinstance(value, dict):
        pairs: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return " | ".join(f"{shown.get(left, left)} -> {shown.get(right, right)}" for left, right in pairs.items())
    if isinstance(value, (list, tuple)):
        several: Any = value  # pyright: ignore[reportUnknownVariableType]
        return " | ".join(str(shown.get(one, one)) for one in several)
    if isinstance(value, msgspec.Struct):
        return " | ".join(f"{one.min}..{one.max}" for one in getattr(value, "accept", ()))
    return str(shown.get(value, value)) if value is not None else ""


def text_by_oid(ask: Ask) -> dict[Any, str]:
    question = ask.question
    if question.type == "match":
        lefts = {oid: question.pairs[at].left or "" for oid, at in zip(ask.oids, ask.order, strict=True)}
        return lefts | {oid: question.pairs[at].right for oid, at in zip(ask.rights, ask.right_order, strict=True)}
    return {oid: question.options[at].text for oid, at in zip(ask.oids, ask.order, strict=True)}


def as_json(told: Chronicle) -> bytes:
    """Settings, the frozen quiz, every event, the totals: enough to recompute everything."""
    state = told.state
    return msgspec.json.format(
        msgspec.json.encode(
            {
                "format": "gamekeeper-quiz-room/1",
                "room": told.room,
                "title": state.title,
                "settings": state.settings,
                "segments": [
                    {
                        "segment": segment.number,
                        "title": segment.title,
                        "hash": segment.hash,
                        "status": segment.status,
                        "presenters": segment.presenters,
                        "remix_of": segment.remix_of,
                        "questions": segment.questions,
                    }
                    for segment in state.segments
                ],
                "events": [
                    {"seq": record.seq, "at": record.at, "type": record.type, "data": record.data}
                    for record in told.records
                ],
                "totals": totals(state),
            }
        ),
        indent=1,
    )


def totals(state: Room) -> dict[str, Any]:
    """Both boards, and the teams'."""
    ranking = [state.players[seat] for seat in state.ranking]
    return {
        "gathering": [
            {"player": one.seat, "name": one.name, "rank": one.rank, "score": total(state, one), "raw": one.score}
            for one in ranking
        ],
        "segments": {
            str(segment.number): [
                {"player": seat, "rank": rank, "score": score}
                for rank, seat, score in segment_board(state, segment.number)
            ]
            for segment in state.segments
        },
        "teams": [{"team": team, "rank": rank, "score": score} for rank, team, score in team_board(state)],
    }
