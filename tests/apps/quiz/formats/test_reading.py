"""Any bytes end in questions or typed problems."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.quiz.formats.found import Found, Refused
from gamekeeper_apps.quiz.formats.packed import MAX_FILE
from gamekeeper_apps.quiz.formats.reading import FORMATS, alone, read, read_data, read_file
from tests.apps.quiz.formats.samples import reasons, text

PIECES = [
    "{",
    "}",
    "~",
    "=",
    "#",
    "->",
    "%50%",
    "\\",
    "::",
    "T",
    "1..2",
    "A) x",
    "ANSWER: A",
    "\n",
    "\n\n",
    "//",
    '"',
    ",",
]


def _survives(data: bytes, format_: str) -> None:
    found = Found("f")
    try:
        read(data, format_, found)
    except Refused as refused:
        assert refused.code in ("error-not-readable", "error-too-large")


@given(st.binary(max_size=300), st.sampled_from(FORMATS))
def test_random_bytes_never_crash(data: bytes, format_: str) -> None:
    _survives(data, format_)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["gift", "aiken", "csv", "auto"]))
def test_random_marks_never_crash(content: str, format_: str) -> None:
    _survives(content.encode(), format_)


@pytest.mark.parametrize("data", [b"0" * (MAX_FILE + 1), b"[" * 100_000, b'{"a": 1' + b"0" * 5000 + b"}", b"<x/>"])
def test_hostile_files_are_survived(data: bytes) -> None:
    _survives(data, "auto")
    _survives(data, "json")


def test_an_old_encoding_is_named() -> None:
    found = Found("f")
    read("Où ? {=là}".encode("cp1252"), "auto", found)
    assert found.questions[0]["text"] == "Où ?"
    assert reasons(found) == [(None, "warn-encoding")]


def test_formats_are_told_by_their_content() -> None:
    assert text("Q\nA) x\nB) y\nANSWER: A\n", "auto").questions[0]["type"] == "single"
    assert text("Q {T}", "auto").questions[0]["type"] == "true_false"
    assert text("Q,a,b", "auto").questions[0]["type"] == "single"


def test_gift_may_begin_with_a_tag_and_xml_may_not_be_ours() -> None:
    assert text("<p>What?</p> {=a ~b}", "auto").questions[0]["type"] == "single"
    for bad in ("<foo/>", "<quiz><a>", '<?xml version="1.0"?><html>{</html>'):
        with pytest.raises(Refused):
            text(bad, "auto")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0", b"a\0b", b"PK\x05\x06" + b"\0" * 18, b'{"a": NaN}', b'{"a": 1e999}']
)
def test_what_is_neither_text_nor_package_cannot_be_read(data: bytes) -> None:
    found, readable = read_data(data, "f", "auto", alone)
    assert not readable and reasons(found)[0][1] == "error-not-readable"


def test_a_refused_file_gives_no_question() -> None:
    found, readable = read_data(b"Q {=a}\n\n" * 5_001, "f", "auto", alone)
    assert (readable, found.questions, reasons(found)) == (False, [], [(10_001, "error-too-large")])


def test_halves_of_surrogate_pairs_can_be_written() -> None:
    found = text('{"questions":[{"question_text":"a\\ud800","correct_answer":"b"}]}', "auto")
    assert found.questions[0]["text"] == "a?"


def test_a_test_pulls_in_the_items_beside_it_and_nothing_outside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    item = '<assessmentItem title="{}"><itemBody>x</itemBody></assessmentItem>'
    for folder in (tmp_path, inside):
        (folder / "one.xml").write_text(item.format(folder.name))
    (inside / "link.xml").symlink_to(tmp_path / "one.xml")
    hrefs = ("one.xml", "../one.xml", "link.xml", "absent.xml")
    references = "".join(f'<assessmentItemRef href="{href}"/>' for href in hrefs)
    (inside / "test.xml").write_text(f"<assessmentTest>{references}</assessmentTest>")
    found, _ = read_file(inside / "test.xml")
    assert [one["source"]["file"] for one in found.questions] == ["one.xml"]
    assert [code for _, code in reasons(found)] == ["skip-missing-file"] * 3
