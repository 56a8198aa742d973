"""What one commit owes the world."""

from gamekeeper.core.messages import Started
from gamekeeper.core.record import Entry, Stored
from gamekeeper.core.seats import NO_SEAT, SYSTEM
from gamekeeper.room.batch import Batch
from gamekeeper.room.mailbox import Envelope


def entry(seq: int, events: int) -> Entry:
    return Entry(seq, 0, "", 0, "", 0, "x", tuple(Stored("x", 1, b"{}") for _ in range(events)))


def test_a_batch_spans_its_entries() -> None:
    batch = Batch()
    batch.entries += [entry(5, 2), entry(7, 3)]
    assert (batch.first, batch.last) == (5, 9)
    assert batch


def test_an_empty_batch_owes_nothing_but_one_answer_is_something() -> None:
    batch = Batch()
    assert not batch
    batch.answers.append((Envelope(Started(), NO_SEAT, SYSTEM, ""), None))
    assert batch
