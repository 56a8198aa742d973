"""A room's data to take away: rounds, answers, the log itself, a report."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import msgspec

from gamekeeper import Record
from gamekeeper_apps.chsh.chronicle import Chronicle, chronicle, stamp
from gamekeeper_apps.chsh.labels import DISCLAIMER, LABELS, WATCHING
from gamekeeper_apps.chsh.offline import analyse_run, log10_e_max
from gamekeeper_apps.chsh.report import as_markdown, marks, number, plain
from gamekeeper_apps.chsh.tables.answers_csv import write_answers
from gamekeeper_apps.chsh.tables.rounds_csv import RunRounds, read_rounds, write_rounds
from gamekeeper_apps.chsh.tables.text import parse_table

FORMATS = ("rounds-csv", "answers-csv", "jsonl", "report")
MEDIA = {
    "rounds-csv": ("text/csv; charset=utf-8", "csv"),
    "answers-csv": ("text/csv; charset=utf-8", "csv"),
    "jsonl": ("application/x-ndjson", "jsonl"),
    "report": ("text/markdown; charset=utf-8", "md"),
}
SECRET_FIELDS = ("secret", "seed", "user", "code")
"""Never exported from an event, but for the secret of a run whose end has revealed it."""
NAMES = ("name", "label")
"""What names a person; left out while the host hides names."""

Entry = tuple[Record, dict[str, Any]]


def export(room: str, records: list[Record], form: str) -> str:
    """The whole file. `form` is one of `FORMATS`."""
    if form == "jsonl":
        return "".join(jsonl(records))
    told = chronicle(room, records)
    if form == "rounds-csv":
        return "".join(write_rounds(told.rounds))
    if form == "answers-csv":
        return "".join(write_answers(told.answers))
    return report(told)


def jsonl(records: list[Record]) -> Iterator[str]:
    """The log, a record a line, keys sorted. Rounds that are open are left out, so are names that are hidden; secrets
    never stand there, until a run's end reveals its own."""
    known = [(record, msgspec.json.decode(record.data)) for record in records]
    ended = {data["run"] for record, data in known if record.type == "run_ended"}
    withheld = SECRET_FIELDS + (NAMES if _hidden(known) else ())
    open_rounds = _of_open_rounds(known)
    for record, data in known:
        if record.seq in open_rounds:
            continue
        revealed = record.type == "run_opened" and data["run"] in ended
        kept = {key: value for key, value in data.items() if key not in withheld or (revealed and key == "secret")}
        at = datetime.fromtimestamp(record.at // 1_000_000, UTC).replace(microsecond=record.at % 1_000_000)
        line = {"seq": record.seq, "at": stamp(at), "type": record.type, "version": record.version} | kept
        yield json.dumps(line | {"at": stamp(at)}, sort_keys=True, ensure_ascii=False) + "\n"


def _hidden(known: list[Entry]) -> bool:
    """Whether the host hides names."""
    return next((data["on"] for record, data in reversed(known) if record.type == "names_anonymised"), False)


def _of_open_rounds(known: list[Entry]) -> set[int]:
    """The records, by number, of rounds that nothing has closed yet."""
    found: dict[int, list[int]] = {}
    for record, data in known:
        if record.type == "question_asked":
            found[data["pair"]] = [record.seq]
        elif record.type in ("measured", "answer_locked"):
            found.get(data["pair"], []).append(record.seq)
        elif record.type in ("round_scored", "round_voided"):
            found.pop(data["pair"], None)
    return {seq for seqs in found.values() for seq in seqs}


def runs_of(told: Chronicle) -> list[RunRounds]:
    """The exported rounds, read back: every figure is computed from the export alone."""
    return read_rounds(parse_table("".join(write_rounds(told.rounds)), "export")).runs


def report(told: Chronicle) -> str:
    """Markdown: every run, pooled and pair by pair, with labels and warnings."""
    parts = [
        f"# Bell game, room {plain(told.room)}",
        "",
        DISCLAIMER,
        "",
        WATCHING,
        "",
        f"Gamekeeper {version('gamekeeper')}",
        "",
    ]
    runs = runs_of(told)
    if not runs:
        parts.append("No round has been closed in this room.")
    for run in runs:
        parts += _run_report(run)
    return "\n".join(parts) + "\n"


def _run_report(run: RunRounds) -> list[str]:
    planned = run.planned_rounds if run.planned_rounds is not None else "not declared"
    parts = [
        f"## Run {plain(run.run)}",
        "",
        f"Mode {run.mode}, schedule {run.schedule}, planned rounds {planned}, device {run.device}, questions "
        f"{run.question_source}.",
        "",
    ]
    pooled = analyse_run(run)
    pooled.extra["log10_e_max"] = log10_e_max(pooled, run.e)
    analysis = pooled.as_json()
    parts += [f"- {mark}" for mark in marks(analysis["extra"])]
    parts += ["", as_markdown(analysis, "All pairs together", 3), LABELS["pooled_S"], ""]
    parts += [
        "### Pairs",
        "",
        "| pair | rounds | wins | win rate | S | e-value | P local | P (Holm) |",
        "|---" * 8 + "|",
    ]
    for row in analysis["extra"]["pairs"]:
        figures = [row[key] for key in ("rounds", "wins", "win_rate", "S", "e_value", "p_local", "p_holm")]
        parts.append(f"| {plain(row['pair_name'])} | " + " | ".join(number(figure) for figure in figures) + " |")
    parts.append("")
    for row in analysis["extra"]["pairs"]:
        parts.append(as_markdown(row, f"Pair {row['pair']}: {row['pair_name']}", 4))
    return parts
