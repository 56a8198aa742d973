"""Join codes."""

import pytest

from gamekeeper import Rejected
from gamekeeper.core.errors import ErrorCode
from gamekeeper.server.codes import ALPHABET, GUESSES_A_DAY, clean_code, digits_for, is_digits, new_code, new_digits


def test_no_two_characters_look_alike() -> None:
    assert not set("01OIL") & set(ALPHABET)
    assert len(ALPHABET) == len(set(ALPHABET)) == 31


def test_codes_are_drawn_from_all_of_it() -> None:
    drawn = "".join(new_code() for _ in range(2_000))
    assert set(drawn) == set(ALPHABET)


def test_a_code_may_be_typed_carelessly() -> None:
    assert clean_code(" kj4p-7xu2 ") == "KJ4P7XU2"
    assert clean_code(" kj4-p7x ") == "KJ4P7X", "rooms of an earlier version are open still"
    assert {len(new_code()) for _ in range(200)} == {8}


def test_codes_of_digits_are_long_enough_that_guessing_finds_none() -> None:
    """86 400 guesses a day find less than one open room; ten rooms need six digits, more need seven, and so on."""
    assert [digits_for(rooms) for rooms in (1, 10, 11, 115, 116, 1_157, 1_158)] == [6, 6, 7, 7, 8, 8, 9]
    assert all(GUESSES_A_DAY * rooms / 10 ** digits_for(rooms) < 1 for rooms in range(1, 5_000))
    assert {len(new_digits(3)) for _ in range(200)} == {6} and new_digits(11).isdigit()
    assert clean_code(" 012 345 ") == "012345" and is_digits("012-345") and not is_digits("KJ4P7X")
    assert not any(new_code().isdigit() for _ in range(20_000))


@pytest.mark.parametrize(
    "text",
    ["", "12345", "1234567890123", "KJ4P7", "KJ4P7XX", "KJ4P71", "KJ4P7XU22", "ÀÉÎÕ", "'; DROP TABLE rooms; --"],
)
def test_what_cannot_be_a_code_is_unknown(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        clean_code(text)
    assert caught.value.code == ErrorCode.UNKNOWN_CODE
