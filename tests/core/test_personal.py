"""Who somebody is goes beside the log and comes back from there, or reads as nothing."""

import msgspec
import pytest

from gamekeeper.core.errors import Misuse
from gamekeeper.core.messages import Event
from gamekeeper.core.personal import FORGOTTEN, NOTHING, Personal, PersonalFields, apart, whole
from gamekeeper.core.record import Entry, Stored

FIELDS = {"came": PersonalFields(("name",), "seat")}


def entry(seq: int, *events: tuple[str, str]) -> Entry:
    stored = tuple(Stored(type_, 1, msgspec.Raw(data.encode())) for type_, data in events)
    return Entry(seq, 5, "user", 1, "session", 1, "come", stored)


CAME = ("came", '{"seat":7,"name":"Zoë \\u0022Z\\u0022","pi":3.5}')
ADDED = ("added", '{"amount":1}')


def test_names_are_taken_out_and_put_back() -> None:
    written = [entry(1, ADDED, CAME), entry(3, ADDED)]
    bare, aside = apart(written, FIELDS)
    assert aside.forgotten == ()
    assert [(one.seq, one.seat, one.at) for one in aside.kept] == [(2, 7, 5)]
    assert msgspec.json.decode(bare[0].events[1].data) == {"seat": 7, "name": "", "pi": 3.5}
    assert bare[1] is written[1]
    again = whole(bare, {one.seq: one.fields for one in aside.kept})
    assert [msgspec.json.decode(stored.data) for each in again for stored in each.events] == [
        msgspec.json.decode(stored.data) for each in written for stored in each.events
    ]


def test_what_is_forgotten_reads_as_nothing() -> None:
    bare, _ = apart([entry(1, CAME)], FIELDS)
    assert whole(bare, {}) == bare


def test_where_nothing_is_personal_nothing_is_kept() -> None:
    written = [entry(1, ADDED, ("came", '{"seat":7,"name":""}'))]
    assert apart(written, FIELDS) == (written, NOTHING)


def test_who_comes_and_is_forgotten_at_once_leaves_nothing() -> None:
    other = ("came", '{"seat":8,"name":"Bob"}')
    _, aside = apart([entry(1, CAME, other), entry(3, (FORGOTTEN, '{"seat":7,"user":"u"}'))], FIELDS)
    assert aside.forgotten == (7,)
    assert aside.kept == (Personal(2, 8, 5, b'{"name":"Bob"}'),)


def test_an_event_says_which_of_its_fields_are_personal() -> None:
    class Came(Event, personal=("name",), person="seat"):
        seat: int
        name: str

    assert Came.__personal__ == PersonalFields(("name",), "seat")
    for options in ({"personal": ("name",)}, {"person": "seat"}, {"personal": ("nick",), "person": "seat"}):
        with pytest.raises(Misuse):
            type(Event)("Wrong", (Event,), {"__annotations__": {"seat": int, "name": str}}, **options)
    with pytest.raises(Misuse, match="forgets"):
        type(Event)("Wrong", (Event,), {"__annotations__": {"seat": int}}, forgets="player")
