"""Cursors: opaque, each of one room and one epoch, and back again."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.wire.cursor import MAX_SEQ, Cursors

SECRET = b"a secret of thirty-two characters"
CURSORS = Cursors(SECRET, "room", 1)

seqs = st.integers(0, MAX_SEQ)


@given(seqs)
def test_a_cursor_leads_back(seq: int) -> None:
    cursor = CURSORS.at(seq)
    assert CURSORS.seq(cursor) == seq
    assert len(cursor) == 16
    assert set(cursor) <= set("0123456789abcdef")


@given(seqs, seqs)
def test_no_two_positions_share_a_cursor(one: int, other: int) -> None:
    assert (CURSORS.at(one) == CURSORS.at(other)) == (one == other)


def test_cursors_are_for_ever() -> None:
    """Clients hold cursors over restarts and upgrades: this one may never change."""
    assert CURSORS.at(1) == "2a8b357534bb9e27"


def test_a_cursor_tells_nothing_of_distance() -> None:
    """Neighbours differ in about half of their bits, wherever they are."""
    flips = [int(CURSORS.at(seq), 16) ^ int(CURSORS.at(seq + 1), 16) for seq in range(2_000)]
    average = sum(flip.bit_count() for flip in flips) / len(flips)
    assert 31 < average < 33
    digits = Counter(digit for seq in range(2_000) for digit in CURSORS.at(seq))
    assert max(digits.values()) < 1.2 * min(digits.values())


@pytest.mark.parametrize(
    "other",
    [Cursors(SECRET, "other room", 1), Cursors(SECRET, "room", 2), Cursors(b"another secret", "room", 1)],
    ids=["room", "epoch", "secret"],
)
def test_cursors_from_elsewhere_are_refused(other: Cursors) -> None:
    assert [CURSORS.seq(other.at(seq)) for seq in range(100)] == [None] * 100


@pytest.mark.parametrize(
    "cursor",
    ["", "1", "0" * 15, "0" * 17, "g" * 16, "x" * 100_000, "\x00" * 16, "\u0661" * 16, "-" + "1" * 15],
)
def test_garbage_is_refused(cursor: str) -> None:
    assert CURSORS.seq(cursor) is None


@given(seqs, st.integers(0, 15))
def test_only_the_canonical_form_is_a_cursor(seq: int, place: int) -> None:
    """`int()` would also take underscores, signs, spaces and capitals."""
    cursor = CURSORS.at(seq)
    for stranger in ("_", " ", "+", "X"):
        assert CURSORS.seq(cursor[:place] + stranger + cursor[place + 1 :]) is None
    if cursor.upper() != cursor:
        assert CURSORS.seq(cursor.upper()) is None


@given(st.text(max_size=20))
def test_whatever_comes_is_a_position_or_none(text: str) -> None:
    seq = CURSORS.seq(text)
    assert seq is None or CURSORS.at(seq) == text


def test_epochs_wrap_at_sixteen_bits() -> None:
    assert Cursors(SECRET, "room", 65_537).at(5) == CURSORS.at(5)


def test_a_long_secret_is_cut_not_refused() -> None:
    assert Cursors(b"x" * 100, "room", 1).at(1) == Cursors(b"x" * 64, "room", 1).at(1)
