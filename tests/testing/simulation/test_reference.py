"""The judge of simulations sees every kind of broken promise."""

from typing import Any

import msgspec
import pytest

from gamekeeper.core.catalogue import store
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import PLAYER, Seat
from gamekeeper.room.governance import MemberJoined, RoomOpened
from gamekeeper.testing.simulation.reference import Reference, Violation
from gamekeeper.wire.cursor import Cursors
from gamekeeper.wire.frames import PublicEvent
from tests.room.kit import Added, Hidden, Sum

CURSORS = Cursors(b"secret", "room", 1)


class Seen:
    def __init__(self, seq: int, total: int = 5, hidden: int = 3, seat: int = 1) -> None:
        self.seat = seat
        self.cursor = CURSORS.at(seq)
        self.public: Any = {"total": total, "rang": 0}
        self.private: Any = {"hidden": hidden}


def entry(seq: int, *events: Any, n: int = 0) -> Entry:
    return Entry(seq, 0, "", 1, "s", n, "x", tuple(store(event) for event in events))


@pytest.fixture
def reference() -> Reference:
    made = Reference(Sum(), CURSORS, lambda state: None)
    made.written("room", entry(1, RoomOpened("sum", "", msgspec.Raw(b"{}")), MemberJoined(Seat(1), "a", "A", PLAYER)))
    made.written("room", entry(3, Added(Seat(1), 5), Hidden(Seat(1), 3), n=1))
    return made


def feed() -> list[PublicEvent]:
    return [PublicEvent("added", 0.0, msgspec.Raw(b'{"seat":1,"amount":5}'))]


def test_what_is_true_passes(reference: Reference) -> None:
    assert (reference.seq, reference.state.total) == (4, 5)
    reference.acknowledged(1, "s", 1)
    reference.seen(Seen(4), CURSORS.at(2), feed())
    reference.seen(Seen(2, total=0, hidden=0), CURSORS.at(2), [])


def test_a_log_with_a_hole_or_a_second_writer(reference: Reference) -> None:
    for seq in (4, 6):
        with pytest.raises(Violation, match=r"^I2"):
            reference.written("room", entry(seq, Added(Seat(1), 1)))


def test_a_command_that_took_effect_twice(reference: Reference) -> None:
    with pytest.raises(Violation, match=r"^I3 .* took effect twice"):
        reference.written("room", entry(5, Added(Seat(1), 5), n=1))


def test_an_acknowledgement_of_what_is_not_written(reference: Reference) -> None:
    with pytest.raises(Violation, match=r"^I1 command 2"):
        reference.acknowledged(1, "s", 2)


@pytest.mark.parametrize(
    ("seen", "complaint"),
    [
        (Seen(5), "^I1 seat 1 saw seq 5; the log ends at 4"),
        (Seen(3), "^I1 .* in the middle of a command"),
        (Seen(4, total=6), "^I4 .* public"),
        (Seen(4, hidden=4), "^I5 "),
    ],
)
def test_a_view_that_is_not_what_the_log_says(reference: Reference, seen: Seen, complaint: str) -> None:
    with pytest.raises(Violation, match=complaint):
        reference.seen(seen, CURSORS.at(2), feed())


def test_a_view_without_a_position(reference: Reference) -> None:
    seen = Seen(4)
    seen.cursor = "made up"
    with pytest.raises(Violation, match=r"^I1"):
        reference.seen_views(seen)


@pytest.mark.parametrize("events", [[], feed() * 2])
def test_a_feed_with_a_gap_or_a_repeat(reference: Reference, events: list[PublicEvent]) -> None:
    with pytest.raises(Violation, match=r"^I4 seat 1 at 4 has"):
        reference.seen(Seen(4), CURSORS.at(2), events)


def test_a_state_that_cannot_be() -> None:
    def check(state: Any) -> None:
        raise Violation("I8 cannot be")

    with pytest.raises(Violation, match="I8"):
        Reference(Sum(), CURSORS, check).written("room", entry(1, RoomOpened("sum", "", msgspec.Raw(b"{}"))))
