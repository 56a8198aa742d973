"""The shape of a question, and numbers as they are written."""

from decimal import Decimal
from fractions import Fraction

import pytest

from gamekeeper_apps.quiz.formats.found import MAX_QUESTIONS, Found, Refused, Skip, decimal, per_cent, plain, question


def test_numbers_are_decimal_and_bounded() -> None:
    assert decimal("\u22121,50") == Decimal("-1.5")
    for bad in ("nan", "inf", "1e999", "1" * 16, "", "0x1", "1,2,3"):
        with pytest.raises(Skip):
            decimal(bad)


def test_per_cent_is_written_shortest() -> None:
    assert per_cent(Fraction(100, 3)) == 33.33333
    assert isinstance(per_cent(Decimal("50.0")), int)
    assert per_cent(1000) == 100


def test_plain_text_has_no_markup_and_names_images() -> None:
    assert plain('<p>a &lt; b<br>c</p><img src="x" alt="sign">') == "a < b c [sign]"
    assert plain("a < b and c > d") == "a < b and c > d"


def test_too_many_questions_refuse_the_file() -> None:
    found = Found("f")
    with pytest.raises(Refused):
        for line in range(MAX_QUESTIONS + 1):
            found.add(question("open", "?"), line)
    assert len(found.questions) == MAX_QUESTIONS


def test_an_open_comment_ends_the_plain_text() -> None:
    assert plain("a <!-- b --> c <!-- d") == "a c"
