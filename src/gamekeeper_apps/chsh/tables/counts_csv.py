"""A counts table: one row per setting pair."""

from dataclasses import dataclass

from gamekeeper_apps.chsh.cells import CROSS_CELLS, Cell, must_differ
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.tables.text import Row, Table, shown, whole

REQUIRED = ("a", "b", "same", "different")
OUTCOMES = ("pp", "pm", "mp", "mm")
OPTIONAL = ("win_if", *OUTCOMES)
MAX_COUNT = 10**15


@dataclass(frozen=True)
class CountsTable:
    """What the file says. `outcomes_known`: it has the four outcome columns. `differ`: None where no row says
    otherwise than the win rule."""

    counts: dict[Cell, Outcomes]
    outcomes_known: bool
    differ: dict[Cell, bool] | None
    warnings: list[str]


def is_counts(table: Table) -> bool:
    return "a" in table.header and "b" in table.header


def read_counts(table: Table) -> CountsTable:
    """Raises `BadTable`."""
    table.require(REQUIRED)
    present = [name for name in OUTCOMES if name in table.header]
    if present and len(present) < len(OUTCOMES):
        raise table.bad(table.header_line, "the columns pp, pm, mp and mm come together or not at all")
    counts: dict[Cell, Outcomes] = {}
    differ = {cell: must_differ(cell) for cell in CROSS_CELLS}
    for row in table.rows:
        cell = _cell(table, row)
        if cell in counts:
            raise table.bad(row.line, f"cell {cell} stands there twice")
        counts[cell] = _outcomes(table, row) if present else _halves(table, row)
        if row.cells.get("win_if"):
            differ[cell] = _win_if(table, row)
    unknown = [name for name in table.header if name not in REQUIRED and name not in OPTIONAL]
    warnings = [f"columns: {name!r} is not known and was ignored" for name in unknown]
    own_rule = any(differ[cell] != must_differ(cell) for cell in CROSS_CELLS)
    return CountsTable(counts, bool(present), differ if own_rule else None, warnings)


def _cell(table: Table, row: Row) -> Cell:
    a, b = row.cells["a"], row.cells["b"]
    if a not in ("A", "B"):
        raise table.bad(row.line, f"a is {shown(a)}, not A or B")
    if b not in ("X", "Y"):
        raise table.bad(row.line, f"b is {shown(b)}, not X or Y")
    return a + b


def _count(table: Table, row: Row, column: str) -> int:
    text = row.cells[column]
    if not (text.isascii() and text.isdigit()):
        raise table.bad(row.line, f"{column} is {shown(text)}, not a count (a whole number, 0 or more)")
    value = whole(text.lstrip("0") or "0")
    if value is None or value > MAX_COUNT:
        raise table.bad(row.line, f"{column} is larger than {MAX_COUNT}")
    return value


def _outcomes(table: Table, row: Row) -> Outcomes:
    found = Outcomes(*(_count(table, row, column) for column in OUTCOMES))
    same, different = _count(table, row, "same"), _count(table, row, "different")
    if same != found.same:
        raise table.bad(row.line, f"same is {same}, but pp + mm is {found.same}")
    if different != found.different:
        raise table.bad(row.line, f"different is {different}, but pm + mp is {found.different}")
    return found


def _halves(table: Table, row: Row) -> Outcomes:
    """Only agreement is known; which answers agreed is not asked of this cell."""
    return Outcomes(pp=_count(table, row, "same"), pm=_count(table, row, "different"))


def _win_if(table: Table, row: Row) -> bool:
    text = row.cells["win_if"]
    if text not in ("same", "different"):
        raise table.bad(row.line, f"win_if is {shown(text)}, not same or different")
    return text == "different"
