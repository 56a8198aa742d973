"""The answers of a room: one row per locked answer."""

from collections.abc import Iterable, Iterator, Mapping

from gamekeeper_apps.chsh.tables.text import Table, write_rows

COLUMNS = (
    "room", "run", "pair", "pair_name", "round", "seat", "player", "item", "answer", "asked_at", "answered_at",
    "latency_ms", "by_bot", "counted",
)  # fmt: skip
FREE_TEXT = frozenset({"room", "pair_name", "player"})


def write_answers(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The file, row by row."""
    return write_rows(COLUMNS, rows, FREE_TEXT)


def duplicates_and_keys(table: Table) -> tuple[set[tuple[str, str, str]], int]:
    """The (pair, round, seat)s that have an answer, and how many answers there are beyond one each."""
    table.require(COLUMNS)
    keys = [(row.cells["pair"], row.cells["round"], row.cells["seat"]) for row in table.rows]
    return set(keys), len(keys) - len(set(keys))
