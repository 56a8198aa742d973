"""A room as its log tells it, and as its snapshot does."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from gamekeeper.core.catalogue import store
from gamekeeper.core.errors import Undecodable
from gamekeeper.core.messages import Event
from gamekeeper.core.record import Entry, Stored
from gamekeeper.core.seats import HOST, PLAYER, Seat
from gamekeeper.room.fold import Fold, SnapshotBody, due_in
from gamekeeper.room.governance import (
    Member,
    MemberJoined,
    MemberLeft,
    RoomClosed,
    RoomOpened,
    RoomStarted,
)
from gamekeeper.room.ledger import Known
from tests.room.kit import Added, Hidden, Sum, Sums

OPENED = RoomOpened("sum", "Sums", msgspec.Raw(b'{"start_at":5}'), "seed")
ANN = MemberJoined(Seat(1), "ann", "Ann", HOST)
BOB = MemberJoined(Seat(2), "bob", "Bob", PLAYER)


def entry(seq: int, *events: Event, seat: int = 0, n: int = 0) -> Entry:
    return Entry(seq, seq * 1_000, "ann", seat, "s" if n else "", n, "x", tuple(store(event) for event in events))


def folded(*entries: Entry) -> Fold:
    fold = Fold(Sum())
    for one in entries:
        fold.apply(one)
    return fold


def test_a_room_without_a_log_is_nothing() -> None:
    fold = Fold(Sum())
    assert (fold.seq, fold.opened, fold.state, fold.closed, fold.started) == (0, None, None, None, False)
    with pytest.raises(ValueError, match="no snapshot"):
        fold.snapshot(None)


def test_the_log_tells_everything() -> None:
    fold = folded(
        entry(1, OPENED, ANN, RoomStarted()),
        entry(4, BOB),
        entry(5, Added(Seat(1), 2), Hidden(Seat(2), 3), seat=2, n=4),
        entry(7, MemberLeft(Seat(2), "left")),
        entry(8, RoomClosed("over", "ann")),
    )
    assert (fold.seq, fold.at, fold.opened, fold.started, fold.closed) == (8, 8_000, OPENED, True, "over")
    assert fold.state == Sums(7, Map({Seat(2): 3}))
    assert fold.members == {
        1: Member(Seat(1), "ann", "Ann", HOST),
        2: Member(Seat(2), "bob", "Bob", PLAYER, present=False),
    }
    assert fold.seat_of == {"ann": 1, "bob": 2}
    assert (fold.count(), fold.count(HOST)) == (0, 1)
    assert fold.ledger.look_up(2, "s", 4) is Known.DONE
    assert fold.ledger.look_up(2, "s", 3) is Known.NEW
    assert fold.bytes > sum(len(stored.data) for stored in entry(1, OPENED, ANN).events)


@pytest.mark.parametrize("seq", [1, 3, 5, 0])
def test_a_gap_or_repeat_is_refused(seq: int) -> None:
    fold = folded(entry(1, OPENED))
    with pytest.raises(ValueError, match="gap"):
        fold.apply(entry(seq, ANN))
    assert fold.seq == 1


@pytest.mark.parametrize(
    "stored",
    [
        Stored("room.moved", 1, msgspec.Raw(b"{}")),
        Stored("room.closed", 1, msgspec.Raw(b'{"stray":1}')),
        Stored("room.closed", 1, msgspec.Raw(b"{")),
        Stored("lost", 1, msgspec.Raw(b"{}")),
        Stored("added", 2, msgspec.Raw(b'{"seat":1,"amount":1}')),
        Stored("added", 1, msgspec.Raw(b'{"seat":1}')),
    ],
)
def test_what_cannot_be_read_is_named(stored: Stored) -> None:
    fold = folded(entry(1, OPENED))
    with pytest.raises(Undecodable, match=stored.type):
        fold.apply(Entry(2, 0, "", 0, "", 0, "x", (stored,)))


def test_an_event_of_the_game_is_none_of_the_frameworks() -> None:
    with pytest.raises(Undecodable, match="Added"):
        folded(entry(1, OPENED)).govern(Added(Seat(1), 1))


amounts = st.integers(-5, 5)
steps = st.lists(
    st.one_of(
        st.builds(Added, st.integers(1, 3).map(Seat), amounts), st.builds(Hidden, st.integers(1, 3).map(Seat), amounts)
    ),
    max_size=12,
)


@given(steps, st.integers(0, 12), st.none() | st.floats(0, 2e9))
def test_a_snapshot_and_the_rest_of_the_log_make_the_same_room(events: list[Event], at: int, due: float | None) -> None:
    entries = [entry(1, OPENED, ANN, BOB)]
    entries += [entry(4 + place, event, seat=1 + place % 2, n=1 + place) for place, event in enumerate(events)]
    whole = folded(*entries)
    half = folded(*entries[: at + 1])
    body = half.snapshot(due)
    again = Fold(Sum())
    again.restore(body)
    for one in entries[at + 1 :]:
        again.apply(one)
    assert again.snapshot(None) == whole.snapshot(None)
    assert again.state == whole.state
    assert due_in(body) == due


def test_a_snapshot_of_another_shape_may_have_something_due_at_any_time() -> None:
    assert due_in(b'{"of": "another version"}') == 0.0


def test_a_snapshot_of_newer_events_is_told() -> None:
    """R4-171: what came of events that this program cannot read is of no use to it either."""
    taken = folded(entry(1, OPENED, ANN), entry(3, Added(Seat(1), 1))).snapshot(None)
    assert msgspec.json.decode(taken, type=SnapshotBody).kinds == {"added": 1}
    for newer in (b'"kinds":{"added":2}', b'"kinds":{"subtracted":1}'):
        fold = Fold(Sum())
        with pytest.raises(Undecodable, match="newer than this program"):
            fold.restore(taken.replace(b'"kinds":{"added":1}', newer))
        assert fold.seq == 0


@pytest.mark.parametrize(
    "damage",
    [lambda body: b"", lambda body: body[:-2], lambda body: b"{}", lambda body: body.replace(b'"total"', b'"sum"')],
)
def test_a_snapshot_that_no_longer_fits_is_told(damage: object) -> None:
    body = folded(entry(1, OPENED, ANN)).snapshot(None)
    fold = Fold(Sum())
    with pytest.raises(msgspec.DecodeError):
        fold.restore(damage(body))
    assert fold.seq == 0, "and nothing of it was taken in"


def test_a_snapshot_is_json_of_a_known_shape() -> None:
    body = folded(entry(1, OPENED, ANN)).snapshot(None)
    assert msgspec.json.decode(body, type=SnapshotBody).opened == OPENED
