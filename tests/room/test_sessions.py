"""Which session a returning client may go on with."""

import pytest

from gamekeeper.core.seats import Seat
from gamekeeper.room.ledger import Ledger
from gamekeeper.room.sessions import MAX_SESSION_CHARACTERS, mint, resume
from gamekeeper.wire.cursor import Cursors

CURSORS = Cursors(b"secret", "room", 1)
SEAT = Seat(1)


def test_minted_ids_are_long_distinct_and_bounded() -> None:
    minted = {mint(CURSORS, 5) for _ in range(1_000)}
    assert len(minted) == 1_000
    assert all(22 + 1 + 16 == len(id) <= MAX_SESSION_CHARACTERS for id in minted)


def test_a_session_whose_past_is_known_goes_on() -> None:
    ledger, id = Ledger(), mint(CURSORS, 5)
    ledger.record(SEAT, id, 3, 9)
    assert resume(id, ledger, SEAT, CURSORS, 20) == id


def test_a_session_that_has_done_nothing_yet_goes_on() -> None:
    id = mint(CURSORS, 5)
    assert resume(id, Ledger(), SEAT, CURSORS, 20) == id


def test_a_session_that_may_have_been_forgotten_does_not() -> None:
    """Were it to go on, a command it had carried out could be carried out again."""
    ledger = Ledger(1)
    old, recent = mint(CURSORS, 1), mint(CURSORS, 6)
    ledger.record(SEAT, old, 1, 5)
    ledger.record(SEAT, recent, 1, 8)
    assert ledger.last_id(SEAT, old) is None
    assert resume(old, ledger, SEAT, CURSORS, 20) not in (old, recent)
    assert resume(recent, ledger, SEAT, CURSORS, 20) == recent


def test_a_session_begun_after_the_last_one_forgotten_goes_on() -> None:
    ledger = Ledger(1)
    ledger.record(SEAT, mint(CURSORS, 1), 1, 5)
    ledger.record(SEAT, mint(CURSORS, 2), 1, 8)
    fresh = mint(CURSORS, 6)
    assert resume(fresh, ledger, SEAT, CURSORS, 20) == fresh
    assert resume(mint(CURSORS, 5), ledger, SEAT, CURSORS, 20) != fresh


@pytest.mark.parametrize(
    "wanted",
    [None, "", "x" * (MAX_SESSION_CHARACTERS + 1), mint(Cursors(b"secret", "other", 1), 90), "made.up", ".", "a.b.c"],
    ids=["none", "empty", "too long", "another room's", "made up", "a dot", "too many parts"],
)
def test_what_the_server_did_not_mint_is_replaced_once_anything_was_forgotten(wanted: str | None) -> None:
    ledger = Ledger(1)
    ledger.record(SEAT, "one", 1, 5)
    ledger.record(SEAT, "two", 1, 8)
    given = resume(wanted, ledger, SEAT, CURSORS, 20)
    assert given != wanted
    assert CURSORS.seq(given.rpartition(".")[2]) == 20


def test_seats_do_not_share_sessions() -> None:
    ledger, id = Ledger(1), mint(CURSORS, 1)
    ledger.record(SEAT, id, 7, 5)
    assert ledger.last_id(Seat(2), resume(id, ledger, Seat(2), CURSORS, 20)) is None
