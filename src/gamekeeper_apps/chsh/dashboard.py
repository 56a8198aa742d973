"""What the host and the projector see: numbers of pairs and of the class.

Rows are remembered by the identity of the pair they were made from, so that what did not change is the same object.
"""

from typing import Any

from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.analysis import Question, analyse
from gamekeeper_apps.chsh.cells import CROSS_CELLS
from gamekeeper_apps.chsh.folding import past_run
from gamekeeper_apps.chsh.labels import LABELS
from gamekeeper_apps.chsh.state import Figures, Pair, PastRun, Player, Room, Run, Table
from gamekeeper_apps.chsh.statistics.bell import Estimate, chsh_s, forward, hardy_h, symmetric_s, trace, wilson
from gamekeeper_apps.chsh.statistics.evidence import holm
from gamekeeper_apps.chsh.verdicts import (
    has_badge,
    log10_e,
    log10_e_void_as_loss,
    p_local,
    signals,
    supra_quantum,
    why_no_p,
)

MAX_REMEMBERED = 20_000
MAX_NAMED = 3
"""Pairs that a warning names one by one."""


def _bell(of: Figures, mode: str) -> dict[str, Any]:
    first: Estimate | None = None
    second: Estimate | None = None
    if mode == "symmetric":
        first, second, s = symmetric_s(of.cells)
    else:
        s = chsh_s(forward(of.cells))
    h = hardy_h(of.cells) if mode == "hardy" else None
    return {
        "S": s.value if s else None,
        "S_se": s.se if s else None,
        "S1": first.value if first else None,
        "S2": second.value if second else None,
        "trace": trace(of.cells) if mode == "symmetric" else None,
        "H": h.value if h else None,
        "H_se": h.se if h else None,
    }


def _evidence(of: Figures, plan: m.Plan) -> dict[str, Any]:
    return {
        "log10_e_value": log10_e(of, plan),
        "log10_e_value_void_as_loss": log10_e_void_as_loss(of, plan),
        "no_signalling_alarm": signals(of, plan),
        "supra_quantum_alarm": supra_quantum(of, plan),
    }


def _rate(of: Figures) -> dict[str, Any]:
    return {
        "rounds": of.rounds,
        "wins": of.wins,
        "void_rounds": of.voids,
        "win_rate": of.wins / of.rounds if of.rounds else None,
        "win_rate_ci95": list(wilson(of.rounds, of.wins)) if of.rounds else None,
    }


_remembered: dict[int, tuple[Pair, tuple[Any, ...], dict[str, Any]]] = {}
"""Rows by the identity of their pair (which they keep alive, so an id is never another's)."""


def pair_row(room: Room, pair: Pair) -> dict[str, Any]:
    """A pair's numbers; made once for a state of the pair."""
    run = room.run
    key = (room.formed, run.id if run else 0, run.phase if run else "", run.plan if run else None)
    known = _remembered.get(id(pair))
    if known is not None and known[0] is pair and known[1] == key:
        return known[2]
    if len(_remembered) >= MAX_REMEMBERED:
        _remembered.clear()
    row = _makepair_row(room, pair, run)
    _remembered[id(pair)] = (pair, key, row)
    return row


def _makepair_row(room: Room, pair: Pair, run: Run | None) -> dict[str, Any]:
    plan = run.plan if run is not None else m.Plan()
    of = pair.figures
    row: dict[str, Any] = {
        "name": pair.name,
        "seats": list(pair.seats),
        "closed_reason": pair.closed_reason,
        "round": pair.question.round if pair.question is not None else None,
        **_rate(of),
        **_bell(of, plan.mode),
        **_evidence(of, plan),
        "badge": has_badge(of, plan, room.formed),
        "p_local": p_local(of, plan, pair.scored) if run is not None else None,
        "p_holm": None,
        "last_at": pair.last_at,
        "blocking": _blocking(pair),
        "bot": pair.had_bot,
    }
    return row


def _blocking(pair: Pair) -> list[int]:
    """Positions the open round waits for, once one of them keeps the other waiting."""
    if pair.question is None or pair.question.answers == (None, None):
        return []
    return [position for position in (1, 2) if pair.question.answers[position - 1] is None]


def class_figures(room: Room) -> dict[str, Any]:
    """All pairs of the run together."""
    run, of = room.run, room.figures
    plan = run.plan if run is not None else m.Plan()
    played = [pair for pair in room.pairs.values() if pair.scored]
    least = min((pair.scored for pair in played), default=0)
    bell = _bell(of, plan.mode)
    reason = why_no_p(of, plan, least) if run is not None else "no run"
    return {
        "pairs": sum(pair.closed_reason is None for pair in room.pairs.values()),
        "pairs_formed": room.formed,
        **_rate(of),
        **{key: bell[key] for key in ("S", "S_se", "H", "H_se")},
        **_class_evidence(of, plan),
        "badges": sum(pair_row(room, pair)["badge"] for pair in played),
        "p_local": p_local(of, plan, least) if run is not None else None,
        "p_local_reason": reason,
    }


# -- host and projector ------------------------------------------------------------------------------------------------


def host(room: Room) -> dict[str, Any]:
    """The dashboard. Never a letter or an answer of an open round."""
    anonymous = room.policy.anonymous
    rows = {str(id): _named(pair_row(room, pair), id, anonymous) for id, pair in sorted(room.pairs.items())}
    if room.run is not None and room.run.phase == "ended":
        rows = _with_holm(rows)
    waiting = sum(one.pair is None for one in room.players.values())
    return {
        "policy": room.policy,
        "present": sum(one.online for one in room.players.values()),
        "seated": len(room.players) - waiting,
        "waiting": waiting,
        "class": class_figures(room),
        "players": {str(seat): _playerpair_row(one, anonymous) for seat, one in sorted(room.players.items())},
        "pairs": rows,
        "warnings": _warnings(room),
        "runs": [_summary(past) for past in room.past],
    }


def _named(row: dict[str, Any], id: int, anonymous: bool) -> dict[str, Any]:
    return row | {"name": f"Pair {id}"} if anonymous else row


def _with_holm(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    judged = [id for id, row in rows.items() if row["p_local"] is not None]
    adjusted = holm([rows[id]["p_local"] for id in judged])
    return rows | {id: rows[id] | {"p_holm": p} for id, p in zip(judged, adjusted, strict=True)}


def _playerpair_row(one: Player, anonymous: bool) -> dict[str, Any]:
    name = f"Player {one.seat}" if anonymous else one.name
    return {"name": name, "label": one.label, "online": one.online, "pair": one.pair, "bot": one.bot}


def _warnings(room: Room) -> list[str]:
    """What the host should know, in words; each begins with what it concerns."""
    run = room.run
    if run is None:
        return []
    found: list[str] = []
    if run.plan.device != "off":
        found.append("device: outcomes are simulated by the server")
    if run.plan.schedule == "balanced":
        found.append("schedule: balanced, so later questions can be predicted and there are no P- or e-values")
    if run.source == "seeded":
        found.append("questions: they come from a seed and could be known beforehand")
    if run.plan.planned_rounds is None:
        found.append("p_local: the number of rounds is not declared, so there will be no fixed-n P-value")
    if room.figures.voids:
        found.append(f"voids: {room.figures.voids} rounds are left out of the main figures")
    found += _alarms(room)
    if any(pair.had_bot for pair in room.pairs.values()):
        found.append("bots: some pairs are played by bots; exports mark them")
    return found


def _alarms(room: Room) -> list[str]:
    """Which pairs do better than nature allows, and which alarm says so."""
    found: list[str] = []
    for key, name in (("supra_quantum_alarm", "supra_quantum"), ("no_signalling_alarm", "no_signalling")):
        alarmed = [id for id, pair in sorted(room.pairs.items()) if pair_row(room, pair)[key]]
        if alarmed:
            names = ", ".join(
                f"pair {id}" if room.policy.anonymous else room.pairs[id].name for id in alarmed[:MAX_NAMED]
            )
            more = f" and {len(alarmed) - MAX_NAMED} more" if len(alarmed) > MAX_NAMED else ""
            found.append(f"{name}: {names}{more}: {LABELS['alarm']}")
    return found


def summaries(room: Room) -> list[dict[str, Any]]:
    """Runs that are over, oldest first; the current one at the end once it has ended."""
    found = [_summary(past) for past in room.past]
    if room.run is not None and room.run.phase == "ended":
        found.append(_summary(past_run(room, room.run)) | {"archived": False})
    return found


def _summary(past: PastRun) -> dict[str, Any]:
    return {
        "id": past.id,
        "plan": past.plan,
        "question_source": past.source,
        "title": past.table.title if past.table is not None else None,
        "started_at": past.started_at,
        "ended_at": past.ended_at,
        "ended_reason": past.ended_reason,
        "archived": past.archived,
        "figures": past_figures(past),
    }


def past_figures(past: PastRun) -> dict[str, Any]:
    """The class figures of a run that is over."""
    of, plan = past.figures, past.plan
    bell = _bell(of, plan.mode)
    reason = why_no_p(of, plan, plan.planned_rounds or 0 if past.all_reached else 0)
    found = {
        "pairs": past.pairs,
        "pairs_formed": past.pairs_formed,
        **_rate(of),
        **{key: bell[key] for key in ("S", "S_se", "H", "H_se")},
        **_class_evidence(of, plan),
        "badges": past.badges,
        "p_local": None if reason else p_local(of, plan, plan.planned_rounds or 0),
        "p_local_reason": reason,
    }
    return found | _of_table(of, past.table) if past.table is not None else found


def _class_evidence(of: Figures, plan: m.Plan) -> dict[str, Any]:
    if not of.rounds:
        return _evidence(of, plan) | {"log10_e_value": None, "badge": False}
    return _evidence(of, plan) | {"badge": has_badge(of, plan)}


def _of_table(of: Figures, table: Table) -> dict[str, Any]:
    """What `analyse` says of an imported table. Its e-value is no badge: nobody watched it grow."""
    differ = {cell: cell in table.differ for cell in CROSS_CELLS} if table.differ is not None else None
    found = analyse(of.cells, Question(outcomes_known=table.outcomes_known, differ=differ))
    refused = next((one for one in found.warnings if one.startswith("p_local: ")), None)
    signalling = found.figures["no_signalling"]
    return {
        "S": found.figures["S"],
        "S_se": found.figures["S_se"],
        "log10_e_value": found.extra["log10_e_value"],
        "badge": False,
        "p_local": found.figures["p_local"],
        "p_local_reason": refused.removeprefix("p_local: ") if refused else None,
        "no_signalling_alarm": signalling is not None and signalling["alarm"],
        "supra_quantum_alarm": any(one.startswith("supra_quantum: ") for one in found.warnings),
    }


def figures(room: Room) -> dict[str, Any]:
    """The projector: closed rounds only, and no live connection."""
    quiet = room.run is None or room.run.phase in ("lobby", "ended")
    named = room.policy.show_names and not room.policy.anonymous
    return {
        "players": sum(one.pair is not None for one in room.players.values()) if quiet else None,
        "class": class_figures(room),
        "pairs": {str(id): _dot(pair_row(room, pair), named) for id, pair in sorted(room.pairs.items())},
    }


def _dot(row: dict[str, Any], named: bool) -> dict[str, Any]:
    keys = ("rounds", "win_rate", "S", "badge")
    return {"name": row["name"] if named else None} | {key: row[key] for key in keys}
