"""M17's names: harmless whatever somebody types."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.quiz.names import MAX_BYTES, MAX_CLUSTERS, MAX_MARKS, clean, name_key, offends, unlike

HOSTILE = [
    "\u202eevil\u202c",
    "a\u200bb\u200cc\ufeffd",
    "Z" + "\u0301" * 500,
    "\U0001f600" * 5_000,
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\x00\x07\x1b[31m",
    "\ud7ff\ue000",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 30,
    "\u2066x\u2069",
    "\ufdfa" * 40,
    "\n\n\t",
    "\uff41\uff44\uff4d\uff49\uff4e",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_become_harmless(name: str) -> None:
    assert_harmless(clean(name))


@given(st.text(max_size=300))
def test_any_text_becomes_harmless_and_stays_so(text: str) -> None:
    name = clean(text)
    assert_harmless(name)
    assert name_key(clean(name)) == name_key(name)


def assert_harmless(name: str) -> None:
    assert len(name.encode()) <= MAX_BYTES
    assert not [c for c in name if unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"}]
    assert not set(name) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff")
    marks = 0
    for character in name:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        assert marks <= MAX_MARKS


def test_equal_names_get_a_number() -> None:
    taken = {name_key("Ann"), name_key("Ann 2")}
    assert unlike("ANN", taken) == "ANN 3" and unlike("Ben", taken) == "Ben"
    assert unlike("ａｎｎ", taken) == "ａｎｎ 3"
    long = "x" * MAX_CLUSTERS
    assert unlike(long, {long}) == "x" * (MAX_CLUSTERS - 2) + " 2"


@pytest.mark.parametrize(
    ("name", "moderate", "strict"),
    [("sh1t", True, True), ("Scunthorpe", False, True), ("Dick Cheney", False, False), ("d4mn", False, True)],
)
def test_filters(name: str, moderate: bool, strict: bool) -> None:
    found = offends(name, "off"), offends(name, "moderate"), offends(name, "strict")
    assert found == (False, moderate, strict)


def test_a_number_behind_a_long_name_keeps_it_within_its_bytes() -> None:
    name = clean("\U0001f469\u200d\U0001f692" * 20)
    again = unlike(name, {name_key(name)})
    assert again.endswith(" 2") and len(again.encode()) <= 80
