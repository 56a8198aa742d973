"""CSV, TSV and Anki: headers by name, keys by number, letter or text."""

import pytest

from gamekeeper_apps.quiz.formats.found import Refused
from gamekeeper_apps.quiz.formats.tabular import MAX_ROWS
from tests.apps.quiz.formats.samples import reasons, text


@pytest.mark.parametrize("key", ["2", "B", "two"])
def test_the_key_of_numbered_options(key: str) -> None:
    found = text(f"question,option 1,option 2,answer,time\nQ,one,two,{key},30\n", "csv")
    assert [one["correct"] for one in found.questions[0]["options"]] == [False, True]
    assert found.questions[0]["limit_s"] == 30


def test_without_header_and_without_wrong_answers() -> None:
    found = text("Capital of France?;Paris;Rome\nTyped?;a|b\n;x\n", "csv")
    assert [one["type"] for one in found.questions] == ["single", "typed"]
    assert [one["text"] for one in found.questions[1]["options"]] == ["a", "b"]
    assert reasons(found) == [(3, "skip-no-question")]


def test_anki_names_its_separator() -> None:
    found = text("#separator:tab\n#html:true\nfront, with comma\tback\n", "auto")
    assert found.questions[0]["text"] == "front, with comma"
    assert found.questions[0]["source"]["line"] == 3


def test_a_number_that_names_no_option_is_its_text() -> None:
    found = text("question,option 1,option 2,correct\nQ,10,20,20\nQ,a,b,9\n", "csv")
    assert [one["correct"] for one in found.questions[0]["options"]] == [False, True]
    assert reasons(found) == [(3, "skip-bad-answer")]


def test_only_the_first_row_names_columns_and_a_number_sign_is_no_directive() -> None:
    found = text("#1: first?,yes,no\nquestion,answer\n", "csv")
    assert [one["text"] for one in found.questions] == ["#1: first?", "question"]


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(Refused):
        text("q,a\n" * (MAX_ROWS + 1), "csv")
