"""What everybody and what one player may know. The shapes are those of the pages."""

from datetime import datetime
from typing import Any

from gamekeeper import Seat, View
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.dashboard import pair_row
from gamekeeper_apps.chsh.state import Closed, Pair, Room, Run
from gamekeeper_apps.chsh.verdicts import why_no_p


class RunHeader(View):
    """The run as everybody sees it: nothing that changes with a round or a connection."""

    id: int
    phase: str
    question_source: str
    commitment: str | None
    secret: str | None
    started_at: datetime | None
    ends_at: datetime | None
    ended_reason: str | None
    mode: str
    schedule: str
    device: str
    visibility: float
    free_angle: bool
    answer_is_outcome: bool
    planned_rounds: int | None
    time_limit_s: float | None
    deadline_s: float | None
    feedback: str
    feedback_pause_s: float
    theme: str
    condition: str


def public(room: Room) -> dict[str, Any]:
    quiet = room.run is None or room.run.phase in ("lobby", "ended")
    pairs = sum(pair.closed_reason is None for pair in room.pairs.values()) if quiet else 0
    return {
        "run": _header(room.run) if room.run is not None else None,
        "counts": {"players": len(room.players), "pairs": pairs} if quiet else None,
        "tables_open": room.tables_open,
    }


def _header(run: Run) -> RunHeader:
    over = run.phase == "ended"
    plan = {name: getattr(run.plan, name) for name in m.Plan.__struct_fields__}
    return RunHeader(
        run.id,
        run.phase,
        run.source,
        run.commitment,
        run.secret if over else None,
        run.started_at,
        run.ends_at if run.phase == "open" else None,
        run.ended_reason,
        **plan,
    )


# -- a player ----------------------------------------------------------------------------------------------------------


def player(room: Room, seat: Seat) -> dict[str, Any] | None:
    """A seat's own view. Nothing in it depends on the partner before the seat has locked its answer."""
    me = room.players.get(seat)
    if me is None:
        return None
    pair = room.pairs.get(me.pair) if me.pair is not None else None
    return {
        "name": me.name,
        "label": me.label,
        "pair_code": me.code if pair is None else None,
        "pair": _own_pair(room, pair, seat) if pair is not None else None,
        "question": _own_question(room, pair, seat) if pair is not None else None,
        "last": _own_last(room, pair, seat) if pair is not None else None,
        "ready": pair.ready[pair.position(seat) - 1] if pair is not None and pair.question is None else False,
        "result": _own_result(room, pair) if pair is not None else None,
        "closed_reason": me.closed_reason,
    }


def _own_pair(room: Room, pair: Pair, seat: Seat) -> dict[str, Any]:
    index = pair.position(seat) - 1
    partner = room.players.get(pair.seats[1 - index])
    locked = pair.question is None or pair.question.answers[index] is not None
    told = room.run is not None and room.run.plan.feedback != "none"
    shown = pair.figures.rounds
    return {
        "id": pair.id,
        "name": pair.name,
        "position": index + 1,
        "partner": partner.name if partner is not None else "",
        "partner_online": (partner is not None and partner.online) if locked else None,
        "rounds": pair.scored,
        "counted": shown,
        "void_rounds": pair.figures.voids,
        "wins": pair.figures.wins if told else None,
        "win_rate": pair.figures.wins / shown if told and shown else None,
    }


def _own_question(room: Room, pair: Pair, seat: Seat) -> dict[str, Any] | None:
    question, index = pair.question, pair.position(seat) - 1
    if question is None or room.run is None:
        return None
    measured, paused_at = question.measured[index], room.run.paused_at
    left = (question.closes_at - paused_at).total_seconds() if question.closes_at and paused_at else None
    return {
        "round": question.round,
        "letter": question.cell[index],
        "closes_at": question.closes_at if paused_at is None else None,
        "left_s": left,
        "measured": {"angle": measured[0], "outcome": measured[1]} if measured else None,
        "answer": question.answers[index],
    }


def _own_last(room: Room, pair: Pair, seat: Seat) -> dict[str, Any] | None:
    last = pair.last
    if last is None or room.run is None:
        return None
    feedback = room.run.plan.feedback
    full = feedback == "full" and last.void_reason is None
    return {
        "round": last.round,
        "win": last.win if feedback != "none" else None,
        "letters": list(last.cell) if full else None,
        "answers": list(last.answers) if full else None,
        "void_reason": last.void_reason,
        "silent": _silent(last, pair.position(seat)),
    }


def _silent(last: Closed, position: int) -> str | None:
    if not last.silent:
        return None
    return "both" if len(last.silent) == 2 else "you" if position in last.silent else "partner"


def _own_result(room: Room, pair: Pair) -> dict[str, Any] | None:
    run = room.run
    if run is None or not (pair.finished or run.phase == "ended") or not pair.scored:
        return None
    row = pair_row(room, pair)
    reason = None if row["p_local"] is not None else why_no_p(pair.figures, run.plan, pair.scored)
    keys = ("rounds", "wins", "void_rounds", "win_rate", "win_rate_ci95", "log10_e_value", "p_local", "badge")
    return {key: row[key] for key in keys} | {"p_local_reason": reason}
