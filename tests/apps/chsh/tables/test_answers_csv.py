"""Exported answers: which are there, and how often."""

from gamekeeper_apps.chsh.tables.answers_csv import COLUMNS, duplicates_and_keys, write_answers
from gamekeeper_apps.chsh.tables.text import parse_table


def test_an_answer_that_stands_there_twice_is_counted() -> None:
    rows = [dict.fromkeys(COLUMNS) | {"pair": 1, "round": n, "seat": seat} for n, seat in ((1, 1), (1, 2), (1, 2))]
    keys, duplicates = duplicates_and_keys(parse_table("".join(write_answers(rows)), "answers"))
    assert keys == {("1", "1", "1"), ("1", "1", "2")}
    assert duplicates == 1
