"""Commands on their way in: in order, and never more than there is room for."""

import pytest

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Started
from gamekeeper.core.seats import NO_SEAT, SYSTEM
from gamekeeper.room.mailbox import Envelope, Mailbox


def envelope(id: int) -> Envelope:
    return Envelope(Started(), NO_SEAT, SYSTEM, "", "s", id)


def test_first_come_first_served() -> None:
    mailbox = Mailbox(10)
    put = [envelope(id) for id in range(5)]
    for one in put:
        mailbox.put(one)
    assert len(mailbox) == 5
    assert [mailbox.take() for _ in range(6)] == [*put, None]


def test_a_full_mailbox_refuses_and_says_when_to_come_back() -> None:
    mailbox = Mailbox(2)
    mailbox.put(envelope(1))
    mailbox.put(envelope(2))
    with pytest.raises(Rejected) as refused:
        mailbox.put(envelope(3))
    assert (refused.value.code, refused.value.retry_after_s) == (ErrorCode.CAPACITY, 1.0)
    mailbox.take()
    mailbox.put(envelope(3))


def test_the_highest_id_of_a_session_that_waits() -> None:
    mailbox = Mailbox(10)
    for id in (3, 7, 5):
        mailbox.put(envelope(id))
    assert mailbox.last_id(NO_SEAT, "s") == 7
    assert mailbox.last_id(NO_SEAT, "another") == 0


def test_the_frameworks_own_commands_always_find_room() -> None:
    mailbox = Mailbox(1)
    mailbox.put(envelope(1))
    mailbox.put(envelope(0))
    assert len(mailbox) == 2


def test_draining_leaves_nothing() -> None:
    mailbox = Mailbox(2)
    one = envelope(1)
    mailbox.put(one)
    assert mailbox.drain() == [one]
    assert (len(mailbox), mailbox.take()) == (0, None)


def test_an_envelope_of_the_frameworks_own() -> None:
    own = Envelope(Started(), NO_SEAT, SYSTEM, "")
    assert (own.session, own.id, own.viewer, own.reply) == ("", 0, None, None)
