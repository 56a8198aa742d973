"""A gathering as the host looks back on it: final scores, every ask in figures, one player's way."""

from collections.abc import Sequence
from typing import Any

from gamekeeper import Seat
from gamekeeper_apps.quiz.chronicle import words
from gamekeeper_apps.quiz.state import Ask, Player, Room
from gamekeeper_apps.quiz.totals import MILLION, segment_board, segment_total, takes_part, team_board, total
from gamekeeper_apps.quiz.views import counts_of, key

BINS = 10
"""The time histogram's columns, from the opening to the time limit; later answers count in the last."""
Row = dict[str, Any]


def report(room: Room) -> Row:
    """Everything but single answers, which `way` has."""
    asks = [room.asks[number] for number in sorted(room.asks)]
    means = [ask.mean_f for ask in asks if ask.mean_f is not None and not ask.void]
    return {
        "title": room.title,
        "created_at": room.created_at,
        "ended_at": room.ended_at,
        "sealed": room.sealed,
        "players": room.entered,
        "asked": len(asks),
        "mean_f": sum(means) / len(means) if means else None,
        "settings": room.settings,
        "segments": [_segment(room, number) for number in range(1, len(room.segments) + 1)],
        "scores": [_score(room, room.players[seat]) for seat in room.ranking],
        "teams": team_board(room),
        "asks": [_ask(room, ask) for ask in asks],
    }


def _segment(room: Room, number: int) -> Row:
    segment = room.segments[number - 1]
    board = [(rank, room.players[seat].name, points) for rank, seat, points in segment_board(room, number)]
    names = [room.players[seat].name for seat in segment.presenters if seat in room.players]
    return {
        "number": number,
        "title": segment.title,
        "status": segment.status,
        "presenters": names,
        "remix": segment.remix_of is not None,
        "board": board,
    }


def _score(room: Room, one: Player) -> Row:
    given = [result for number, result in one.results.items() if number in one.answers]
    right = sum(result.f == MILLION for result in given)
    part = sum(0 < result.f < MILLION for result in given)
    return {
        "player": one.seat,
        "name": one.name,
        "custom_id": one.custom_id,
        "rank": one.rank,
        "score": total(room, one),
        "right": right,
        "part": part,
        "wrong": len(given) - right - part,
        "unanswered": len(one.results) - len(given),
        "mean_ms": _mean([result.credited_ms for result in given if result.credited_ms is not None]),
        "late_from": one.late_from,
        "segments": [segment_total(room, one, segment.number) for segment in room.segments],
    }


def _mean(values: Sequence[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None


def _ask(room: Room, ask: Ask) -> Row:
    expected = [one for one in room.players.values() if takes_part(one, ask)]
    times = [one.answers[ask.id].credited_ms for one in expected if ask.id in one.answers]
    question = ask.question
    return {
        "ask": ask.id,
        "segment": ask.segment,
        "number": ask.number,
        "question": question,
        "options": [{"oid": oid, "text": words(ask, oid)} for oid in ask.oids],
        "key": words(ask, key(ask)),
        "counts": counts_of(ask),
        "texts": [(text.shown, text.count, text.approved) for text in ask.texts.values()],
        "void": ask.void,
        "revealed": ask.revealed,
        "mean_f": ask.mean_f,
        "answered": len(times),
        "unanswered": len(expected) - len(times),
        "mean_ms": _mean(times),
        "limit_ms": ask.limit_ms,
        "histogram": _histogram(times, ask.limit_ms),
    }


def _histogram(times: Sequence[int], limit_ms: int) -> list[int]:
    bins = [0] * BINS
    for time in times:
        bins[min(BINS - 1, time * BINS // max(1, limit_ms))] += 1
    return bins


def way(room: Room, seat: Seat) -> list[Row]:
    """What one player answered, ask by ask, and what it was worth."""
    one = room.players[seat]
    return [_step(room.asks[number], one) for number in sorted(room.asks) if takes_part(one, room.asks[number])]


def _step(ask: Ask, one: Player) -> Row:
    given, result = one.answers.get(ask.id), one.results.get(ask.id)
    return {
        "ask": ask.id,
        "text": ask.question.text,
        "type": ask.question.type,
        "answer": words(ask, given.value) if given is not None else None,
        "f": result.f / MILLION if result is not None else None,
        "points": result.points if result is not None else None,
        "bonus": result.bonus if result is not None else None,
        "credited_ms": given.credited_ms if given is not None else None,
        "void": ask.void,
    }


def given(room: Room, ask: Ask) -> list[Row]:
    """Every answer to an ask that is closed, and the grade it was given by hand (None: none yet)."""
    answered = [room.players[seat] for seat in sorted(room.players) if ask.id in room.players[seat].answers]
    return [
        {
            "player": one.seat,
            "name": one.name,
            "answer": words(ask, one.answers[ask.id].value),
            "grade": one.grades.get(ask.id),
        }
        for one in answered
    ]
