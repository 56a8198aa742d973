"""XML: lines are kept; entities, depth and broken markup are refused."""

import pytest

from gamekeeper_apps.quiz.formats.found import Refused
from gamekeeper_apps.quiz.formats.xml import MAX_DEPTH, Malformed, parse


def test_lines_and_texts() -> None:
    root = parse(b"<a>\n <x:b i='1'>t&amp;<c>u</c></x:b></a>")
    inner = root.first("b")
    assert inner is not None
    assert (inner.line, inner.get("i"), inner.text()) == (2, "1", "t&u")


def test_a_doctype_with_elements_and_a_system_id_is_accepted_and_not_fetched() -> None:
    assert parse(b'<!DOCTYPE a SYSTEM "http://nowhere.invalid/a.dtd" [<!ELEMENT a ANY>]><a/>').name == "a"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>',
        b"<a>" * (MAX_DEPTH + 2),
        b"<a><b></a>",
        b"",
        b"\xff\xfe<",
        b"<a>&x;</a>",
    ],
)
def test_hostile_xml_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        parse(data)


@pytest.mark.parametrize("data", [b"<q>" + b"<a/>" * 1_100_000, b"<q " + b"a='1' " * 600_000 + b"/>"])
def test_what_would_be_too_much_is_counted_before_it_is_built(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse(data)
    assert refused.value.code == "error-too-large"
    assert not isinstance(refused.value, Malformed)


def test_broken_markup_has_its_line() -> None:
    with pytest.raises(Malformed) as refused:
        parse(b"<a>\n<b></c></a>")
    assert refused.value.line == 2
