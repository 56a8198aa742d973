"""What is written down.

An `Entry` is everything ONE accepted command wrote: who, when, under which command id, and the events. Entries are
stored as JSON arrays (`array_like`), several to a row; `Record` is one event, flat, for readers and exports.
"""

from collections.abc import Iterator

import msgspec

MICROSECONDS = 1_000_000


class Stored(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event as stored: its name, the version of its shape and its JSON."""

    type: str
    version: int
    data: msgspec.Raw


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one accepted command wrote. Event number i has seq `seq + i`; a room's first seq is 1.

    `at` is in microseconds since the epoch (UTC). `session` and `n` are the command id (empty and 0 when the system
    itself acted); `actor` is the user's id (empty for the system).
    """

    seq: int
    at: int
    actor: str
    seat: int
    session: str
    n: int
    command: str
    events: tuple[Stored, ...]

    @property
    def last(self) -> int:
        return self.seq + len(self.events) - 1


class Record(msgspec.Struct, frozen=True):
    """One event with its place: what `rooms show` prints and projections read."""

    seq: int
    at: int
    type: str
    version: int
    actor: str
    seat: int
    command: str
    data: msgspec.Raw


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Entry])


def encode_entries(entries: list[Entry]) -> bytes:
    return _encoder.encode(entries)


def decode_entries(body: bytes) -> list[Entry]:
    """Raises `msgspec.DecodeError` on bytes that are no entries."""
    return _decoder.decode(body)


def records(entry: Entry) -> Iterator[Record]:
    """The events of an entry, one by one, with their own seq."""
    for offset, stored in enumerate(entry.events):
        yield Record(
            entry.seq + offset,
            entry.at,
            stored.type,
            stored.version,
            entry.actor,
            entry.seat,
            entry.command,
            stored.data,
        )
