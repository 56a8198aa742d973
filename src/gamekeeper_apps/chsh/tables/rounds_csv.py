"""The rounds of a room: one row per closed round."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gamekeeper_apps.chsh.cells import MODES, SAME_CELLS, Cell, outcome, wins
from gamekeeper_apps.chsh.counts import Outcomes, added, get
from gamekeeper_apps.chsh.statistics.evidence import EProcess
from gamekeeper_apps.chsh.tables.text import Row, Table, shown, unguard, whole, write_rows

COLUMNS = (
    "room", "run", "mode", "schedule", "condition", "planned_rounds", "pair", "pair_name", "round", "seat1_item",
    "seat2_item", "seat1_answer", "seat2_answer", "same", "win", "scored", "void_reason", "q", "device", "visibility",
    "question_source", "asked_at", "seat1_answered_at", "seat2_answered_at", "closed_at",
)  # fmt: skip
FREE_TEXT = frozenset({"room", "condition", "pair_name", "void_reason"})
DEVICES = ("off", "quantum", "pr-box", "hardy")


@dataclass
class PairRounds:
    """One pair's rounds of a run."""

    name: str
    counts: dict[Cell, Outcomes] = field(default_factory=dict[Cell, Outcomes])
    rounds: int = 0
    voids: dict[Cell, int] = field(default_factory=dict[Cell, int])
    e: EProcess = field(default_factory=EProcess)
    """The e-value's path, rounds taken in the order of the file."""

    @property
    def crossing_voids(self) -> int:
        """Void rounds of the cells that P- and e-values are about."""
        return sum(count for cell, count in self.voids.items() if cell not in SAME_CELLS)


@dataclass
class RunRounds:
    """One run of a room, as exported."""

    room: str
    run: str
    mode: str
    schedule: str
    planned_rounds: int | None
    device: str
    visibility: str
    condition: str
    question_source: str
    pairs: dict[str, PairRounds] = field(default_factory=dict[str, PairRounds])
    e: EProcess = field(default_factory=EProcess)
    """The path of all pairs together."""

    @property
    def counts(self) -> dict[Cell, Outcomes]:
        """Pooled over the pairs."""
        total: dict[Cell, Outcomes] = {}
        for pair in self.pairs.values():
            total = added(total, pair.counts)
        return total

    @property
    def rounds(self) -> int:
        return sum(pair.rounds for pair in self.pairs.values())

    @property
    def voids(self) -> dict[Cell, int]:
        """Void rounds per cell, over all pairs."""
        total: dict[Cell, int] = {}
        for pair in self.pairs.values():
            for cell, count in pair.voids.items():
                total[cell] = total.get(cell, 0) + count
        return total

    @property
    def crossing_voids(self) -> int:
        """Of the cells that P- and e-values are about."""
        return sum(pair.crossing_voids for pair in self.pairs.values())


@dataclass(frozen=True)
class RoundsTable:
    """All runs, oldest first: by number, or as they first appear where a run is not a number."""

    runs: list[RunRounds]
    warnings: list[str]


def is_rounds(table: Table) -> bool:
    return "seat1_item" in table.header or "seat1_answer" in table.header


def write_rounds(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The file, row by row."""
    return write_rows(COLUMNS, rows, FREE_TEXT)


def read_rounds(table: Table) -> RoundsTable:
    """Raises `BadTable`."""
    table.require(COLUMNS)
    runs: dict[tuple[str, str], RunRounds] = {}
    seen: set[tuple[str, str, str, str]] = set()
    for row in table.rows:
        run = _run(table, row, runs)
        key = (run.room, run.run, row.cells["pair"], row.cells["round"])
        if key in seen:
            raise table.bad(row.line, f"round {key[3]} of pair {key[2]} in run {key[1]} stands there twice")
        seen.add(key)
        pair = run.pairs.setdefault(row.cells["pair"], PairRounds(unguard(row.cells["pair_name"])))
        _take(table, row, run, pair)
    unknown = [name for name in table.header if name not in COLUMNS]
    return RoundsTable(
        _in_order(list(runs.values())), [f"columns: {name!r} is not known and was ignored" for name in unknown]
    )


def _in_order(runs: list[RunRounds]) -> list[RunRounds]:
    numbers = [whole(run.run) for run in runs]
    if None in numbers or len({run.room for run in runs}) > 1:
        return runs
    return sorted(runs, key=lambda run: whole(run.run) or 0)


def _run(table: Table, row: Row, runs: dict[tuple[str, str], RunRounds]) -> RunRounds:
    cells = row.cells
    described = RunRounds(
        unguard(cells["room"]),
        _filled(table, row, "run"),
        _one_of(table, row, "mode", MODES),
        _one_of(table, row, "schedule", ("iid", "balanced")),
        _planned(table, row),
        _one_of(table, row, "device", DEVICES),
        cells["visibility"],
        unguard(cells["condition"]),
        cells["question_source"],
    )
    run = runs.setdefault((described.room, described.run), described)
    for name in ("mode", "schedule", "planned_rounds"):
        if getattr(run, name) != getattr(described, name):
            raise table.bad(row.line, f"{name} of run {run.run} is {cells[name]!r} here and was another above")
    if described.question_source == "seeded":
        run.question_source = "seeded"
    return run


def _filled(table: Table, row: Row, column: str) -> str:
    if not row.cells[column]:
        raise table.bad(row.line, f"{column} is empty")
    return row.cells[column]


def _one_of(table: Table, row: Row, column: str, allowed: Iterable[str]) -> str:
    text = row.cells[column]
    if text not in allowed:
        raise table.bad(row.line, f"{column} is {shown(text)}, not one of {', '.join(allowed)}")
    return text


def _planned(table: Table, row: Row) -> int | None:
    text = row.cells["planned_rounds"]
    if not text:
        return None
    number = whole(text)
    if not number:
        raise table.bad(row.line, f"planned_rounds is {shown(text)}, not a positive whole number")
    return number


def _take(table: Table, row: Row, run: RunRounds, pair: PairRounds) -> None:
    cell = row.cells["seat1_item"] + row.cells["seat2_item"]
    if cell not in MODES[run.mode].cells:
        raise table.bad(row.line, f"the items {shown(cell)} are no cell of mode {run.mode}")
    _filled(table, row, "pair")
    _filled(table, row, "round")
    _check_q(table, row)
    if _one_of(table, row, "scored", ("0", "1")) == "0":
        pair.voids[cell] = pair.voids.get(cell, 0) + 1
        _follow(run, pair, cell, None)
        return
    answers = [_one_of(table, row, f"seat{seat}_answer", ("T", "F")) for seat in (1, 2)]
    same, won = answers[0] == answers[1], wins(cell, answers[0], answers[1])
    for column, value in (("same", same), ("win", won)):
        if _one_of(table, row, column, ("0", "1")) != ("1" if value else "0"):
            raise table.bad(row.line, f"{column} is {row.cells[column]}, but the answers say otherwise")
    pair.counts[cell] = get(pair.counts, cell).plus(outcome(*answers))
    pair.rounds += 1
    _follow(run, pair, cell, won)


def _follow(run: RunRounds, pair: PairRounds, cell: Cell, won: bool | None) -> None:
    """One more round, won, lost or void, on the paths of the pair and of the class."""
    if cell not in SAME_CELLS:
        pair.e = pair.e.voided() if won is None else pair.e.step(won)
        run.e = run.e.voided() if won is None else run.e.step(won)


def _check_q(table: Table, row: Row) -> None:
    text = row.cells["q"]
    try:
        q = float(text)
    except ValueError:
        q = 0.0
    if not 0 < q <= 1:
        raise table.bad(row.line, f"q is {shown(text)}, not a probability")
