"""What the log must be able to forget: who somebody is.

A log is for ever, names are not. So texts that say who a member is are taken out of an entry before it is written, are
kept beside the log in the same durable step, and are put back whenever the log is read. Above the log nobody notices;
once they are forgotten, they read as "".
"""

from collections.abc import Mapping

import msgspec

from gamekeeper.core.frozen import Frozen
from gamekeeper.core.record import Entry, Stored

FORGOTTEN = "room.forgotten"
"""The framework's event by which all that is kept of a seat goes."""


class PersonalFields(Frozen):
    """Which fields of an event are personal, and which one holds the seat of whom they speak."""

    fields: tuple[str, ...]
    person: str


class Personal(Frozen):
    """What one event says of one member: `fields` is a JSON object. `at` in microseconds since the epoch."""

    seq: int
    seat: int
    at: int
    fields: bytes


class Aside(Frozen):
    """What goes beside the log with an append: first everything kept of the seats in `forgotten` goes, and the room's
    snapshot, then `kept` comes."""

    kept: tuple[Personal, ...] = ()
    forgotten: tuple[int, ...] = ()


NOTHING = Aside()


def apart(entries: list[Entry], personal: Mapping[str, PersonalFields]) -> tuple[list[Entry], Aside]:
    """Entries as the log writes them, and what goes beside it."""
    if not any([stored.type in personal or stored.type == FORGOTTEN for entry in entries for stored in entry.events]):
        return entries, NOTHING
    bare: list[Entry] = []
    kept: list[Personal] = []
    forgotten: list[int] = []
    for entry in entries:
        events = list(entry.events)
        for number, stored in enumerate(entry.events):
            if stored.type == FORGOTTEN:
                seat = msgspec.json.decode(stored.data)["seat"]
                forgotten.append(seat)
                kept = [one for one in kept if one.seat != seat]
            elif (fields := personal.get(stored.type)) is not None:
                events[number], found = _taken_out(stored, fields, entry.seq + number, entry.at)
                kept += found
        bare.append(msgspec.structs.replace(entry, events=tuple(events)) if events != list(entry.events) else entry)
    return bare, Aside(tuple(kept), tuple(forgotten)) if kept or forgotten else NOTHING


def _taken_out(stored: Stored, fields: PersonalFields, seq: int, at: int) -> tuple[Stored, list[Personal]]:
    data = msgspec.json.decode(stored.data)
    said = {name: data[name] for name in fields.fields if data[name]}
    if not said:
        return stored, []
    bare = data | dict.fromkeys(said, "")
    kept = Personal(seq, data[fields.person], at, msgspec.json.encode(said))
    return _with(stored, bare), [kept]


def whole(entries: list[Entry], kept: Mapping[int, bytes | msgspec.Raw]) -> list[Entry]:
    """Entries with what is kept beside the log put back; `kept`: JSON objects by seq."""
    return [_put_back(entry, kept) for entry in entries] if kept else entries


def _put_back(entry: Entry, kept: Mapping[int, bytes | msgspec.Raw]) -> Entry:
    if kept.keys().isdisjoint(range(entry.seq, entry.last + 1)):
        return entry
    events = tuple(
        _with(stored, msgspec.json.decode(stored.data) | msgspec.json.decode(kept[seq])) if seq in kept else stored
        for seq, stored in enumerate(entry.events, entry.seq)
    )
    return msgspec.structs.replace(entry, events=events)


def _with(stored: Stored, data: object) -> Stored:
    return msgspec.structs.replace(stored, data=msgspec.Raw(msgspec.json.encode(data)))
