"""What is written down comes back byte for byte."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.core.record import Entry, Record, Stored, decode_entries, encode_entries, records

entries = st.builds(
    Entry,
    st.integers(1, 2**48),
    st.integers(0, 2**53),
    st.text(max_size=4),
    st.integers(0, 10_000),
    st.text(max_size=4),
    st.integers(0, 2**53),
    st.text(max_size=4),
    st.lists(
        st.builds(Stored, st.text(max_size=4), st.integers(1, 9), st.just(msgspec.Raw(b'{"a": 1}'))), max_size=3
    ).map(tuple),
)


@given(st.lists(entries, max_size=3))
def test_entries_survive(written: list[Entry]) -> None:
    body = encode_entries(written)
    assert encode_entries(decode_entries(body)) == body
    assert decode_entries(body) == written


def test_an_entry_is_a_json_array() -> None:
    """The stored form is for ever."""
    entry = Entry(5, 1_000_000, "ann", 2, "s.1", 7, "show", (Stored("shown", 1, msgspec.Raw(b'{"seat":2}')),))
    assert encode_entries([entry]) == b'[[5,1000000,"ann",2,"s.1",7,"show",[["shown",1,{"seat":2}]]]]'


def test_every_event_has_its_own_seq() -> None:
    events = tuple(Stored(name, 1, msgspec.Raw(b"{}")) for name in ("opened", "shown"))
    entry = Entry(5, 9, "ann", 2, "s", 7, "show", events)
    assert entry.last == 6
    assert list(records(entry)) == [
        Record(5, 9, "opened", 1, "ann", 2, "show", msgspec.Raw(b"{}")),
        Record(6, 9, "shown", 1, "ann", 2, "show", msgspec.Raw(b"{}")),
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[[1]]", b'[["x",0,"",0,"",0,"",[]]]', b"\xff", b"[[1,2,3"])
def test_damaged_bytes_are_told(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_entries(body)
