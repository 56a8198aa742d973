"""The public events kept for those who come back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.core.catalogue import store
from gamekeeper.core.record import Entry, Stored
from gamekeeper.core.seats import Seat
from gamekeeper.room.feed import Feed, public_event, public_events
from gamekeeper.wire.frames import PublicEvent
from tests.room.kit import Added, Hidden, Sum


def event(name: str) -> PublicEvent:
    return PublicEvent(name, 0.0, msgspec.Raw(b"{}"))


@given(st.integers(0, 5), st.integers(0, 9), st.lists(st.integers(1, 4), max_size=12))
def test_what_is_covered_is_complete(capacity: int, since: int, steps: list[int]) -> None:
    """Against a list of everything: never a gap, and what fits is covered."""
    feed, everything, seq = Feed(capacity, since), list[tuple[int, PublicEvent]](), since
    for step in steps:
        more = [(seq + number, event(str(seq + number))) for number in range(1, step + 1)][::2]
        seq += step
        everything += more
        feed.add(more)
    for position in range(since, seq + 2):
        missed = tuple(one for at, one in everything if at > position)
        if feed.covers(position):
            assert feed.after(position) == missed
        else:
            assert len(missed) > capacity
    assert not feed.covers(since - 1)


def test_an_event_as_clients_see_it() -> None:
    stored = Stored("added", 1, msgspec.Raw(b'{"seat":1,"amount":2}'))
    assert public_event(stored, 1_500_250) == PublicEvent("added", 1500.25, stored.data)


@pytest.mark.parametrize(("after", "seqs"), [(0, [2, 4]), (2, [4]), (3, [4]), (4, [])])
def test_only_public_events_of_the_game_after_a_seq(after: int, seqs: list[int]) -> None:
    hidden, added = store(Hidden(Seat(1), 5)), store(Added(Seat(1), 5))
    joined = Stored("room.joined", 1, msgspec.Raw(b"{}"))
    entries = [Entry(1, 7, "", 0, "", 0, "x", (joined, added, hidden)), Entry(4, 8_000, "", 0, "", 0, "x", (added,))]
    found = public_events(Sum.catalogue, entries, after)
    assert [seq for seq, _ in found] == seqs
    assert all(one.type == "added" for _, one in found)


@given(st.integers(1, 6), st.integers(0, 8), st.integers(0, 6), st.integers(0, 8))
def test_what_is_read_from_the_log_makes_it_reach_further_back(
    capacity: int, since: int, more: int, begin: int
) -> None:
    """Never a gap, never more than fits, and events that do not meet are left out."""
    everything = [(seq, event(str(seq))) for seq in range(1, since + more + 1)]
    feed = Feed(capacity, since)
    for at, one in everything[since:]:
        feed.add([(at, one)])
    before = [position for position in range(since + more + 1) if feed.covers(position)]
    feed.reach_back(begin, [one for one in everything if one[0] > begin], since + more)
    assert len(feed) <= capacity and all(feed.covers(position) for position in before)
    for position in range(since + more + 1):
        if feed.covers(position):
            assert feed.after(position) == tuple(one for at, one in everything if at > position)
    if since + more - begin <= capacity:
        assert feed.covers(begin)
    apart = Feed(capacity, since + 5)
    apart.reach_back(0, everything, since)
    assert not apart.covers(since)
