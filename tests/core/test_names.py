"""Names as they stand in the log, and people's names as they are shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.names import MAX_NAME_CHARACTERS, clean_name, snake_case


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OpenRun", "open_run"),
        ("Show", "show"),
        ("HTTPServer", "http_server"),
        ("SeatV2Taken", "seat_v2_taken"),
        ("A", "a"),
        ("already_snake", "already_snake"),
    ],
)
def test_class_names_become_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann", "Ann"),
        ("  Ann \t", "Ann"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u5f20\u4f1f", "\u5f20\u4f1f"),
        ('<b>Bob</b> & "Co"\'; DROP TABLE', '<b>Bob</b> & "Co"\'; DROP TABLE'),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        (
            "\U0001f469\U0001f3fd\u200d\u2764\ufe0f\u200d\U0001f468 Ann",
            "\U0001f469\U0001f3fd\u200d\u2764\ufe0f\u200d\U0001f468 Ann",
        ),
        ("x" * MAX_NAME_CHARACTERS, "x" * MAX_NAME_CHARACTERS),
    ],
)
def test_names_are_normalised_and_otherwise_left_alone(text: str, expected: str) -> None:
    assert clean_name(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n",
        "x" * (MAX_NAME_CHARACTERS + 1),
        "x" * 100_000,
        "line\nbreak",
        "bell\x07",
        "null\x00byte",
        "\u202eevil",
        "zero\u200bwidth",
        "join\u200der",
        "\u200d\U0001f680",
        "\U0001f680\u200d",
        "\U0001f680\u200d\u200d\U0001f680",
        "line\u2028separator",
        "paragraph\u2029separator",
        "lone\ud800surrogate",
        "private\ue000use",
    ],
)
def test_hostile_names_are_refused(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        clean_name(text)
    assert (refused.value.code, refused.value.field) == (ErrorCode.BAD_NAME, "name")


@given(st.text(max_size=60))
def test_a_clean_name_is_safe_to_show_and_stays_as_it_is(text: str) -> None:
    try:
        name = clean_name(text)
    except Rejected as rejected:
        assert rejected.code == ErrorCode.BAD_NAME
        return
    assert clean_name(name) == name
    assert 1 <= len(name) <= MAX_NAME_CHARACTERS
    assert name == name.strip() == unicodedata.normalize("NFC", name)
    hidden = {
        character for character in name if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    }
    assert hidden <= {"\u200d"}
    name.encode()
