"""CSV as people have it, and cells that no spreadsheet executes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.chsh.tables.text import BadTable, guard, parse_table, unguard, write_rows

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@given(st.text(alphabet="=+-@\t\r'\"a, \n#", max_size=12))
def test_what_is_guarded_comes_back_and_is_no_formula(text: str) -> None:
    assert unguard(guard(text)) == text
    assert not guard(text).startswith(DANGEROUS)


def test_only_what_is_dangerous_is_guarded() -> None:
    assert [guard(text) for text in ("=1", "Ann", "'quoted", "'=x", "")] == ["'=1", "Ann", "'quoted", "''=x", ""]


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20), min_size=1))
def test_free_text_survives_the_file(names: list[str]) -> None:
    names = [name.strip() or "x" for name in names]
    text = "".join(write_rows(("n", "name"), [{"n": 1, "name": name} for name in names], frozenset({"name"})))
    assert [unguard(row.cells["name"]) for row in parse_table(text, "file").rows] == names
    assert [row[1] for row in csv.reader(io.StringIO(text, newline=""))][1:] == [guard(name) for name in names]


def test_comments_may_say_anything() -> None:
    """A quote in a comment opens no cell, and lines are still counted."""
    table = parse_table('# see,"Nature\n\n  # 526, "682\na,b\n1,2\n#,"\n3,4\n', "file")
    assert table.header_line == 4
    assert [(row.line, row.cells["a"]) for row in table.rows] == [(5, "1"), (7, "3")]


def test_a_cell_of_several_lines_may_hold_what_looks_like_a_comment() -> None:
    table = parse_table('a,b\n"one\n# two",2\n', "file")
    assert table.rows[0].cells["a"] == "one\n# two"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [("# only\n\n", 0, "no header"), ("a,b\n1\n", 2, "1 cells"), ("a,a\n", 1, "twice"), ('a\n"b\n', 2, "not CSV")],
)
def test_bad_tables_are_named(text: str, line: int, reason: str) -> None:
    with pytest.raises(BadTable, match=reason) as caught:
        parse_table(text, "file")
    assert caught.value.line == line
    assert str(caught.value).startswith("file")
