"""Exactly once: the ledger against a set of everything that was ever accepted."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gamekeeper.room.ledger import WINDOW, Known, Ledger, Line
from gamekeeper.wire.frames import MAX_UNANSWERED

SESSIONS = 3
seats = st.integers(1, 2)
sessions = st.sampled_from("abcd")


class Naive(RuleBasedStateMachine):
    """The model: every accepted (seat, session, id) with the seq it was accepted at, kept for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(SESSIONS)
        self.accepted: dict[tuple[int, str], dict[int, int]] = {}
        self.forgotten: set[tuple[int, str]] = set()
        self.seq = 0

    @rule(seat=seats, session=sessions, step=st.integers(-70, 80))
    def submit(self, seat: int, session: str, step: int) -> None:
        """A command arrives: the next, a repeat, a straggler or one from far ahead."""
        key = (seat, session)
        if key in self.forgotten:
            return
        ids = self.accepted.get(key, {})
        newest = max(ids, default=0)
        id = max(1, newest + step)
        known = self.ledger.look_up(seat, session, id)
        if id <= newest - WINDOW:
            assert known is Known.STALE
        elif id in ids:
            assert known is Known.DONE
        else:
            assert known is Known.NEW
            self.seq += 1
            self.ledger.record(seat, session, id, self.seq)
            self.accepted.setdefault(key, {})[id] = self.seq
            self.evict(seat)

    def evict(self, seat: int) -> None:
        mine = {key: max(ids.values()) for key, ids in self.accepted.items() if key[0] == seat}
        if len(mine) > SESSIONS:
            oldest = min(mine, key=lambda key: mine[key])
            del self.accepted[oldest]
            self.forgotten.add(oldest)
            assert self.ledger.floor(seat) >= mine[oldest]

    @rule()
    def snapshot(self) -> None:
        body = msgspec.json.encode((self.ledger.lines(), self.ledger.floors()))
        lines, floors = msgspec.json.decode(body, type=tuple[list[Line], dict[int, int]])
        self.ledger = Ledger(SESSIONS)
        self.ledger.restore(lines, floors)

    @invariant()
    def what_is_remembered_is_the_highest(self) -> None:
        for seat in (1, 2):
            for session in "abcd":
                ids = self.accepted.get((seat, session))
                assert self.ledger.last_id(seat, session) == (max(ids) if ids else None)

    @invariant()
    def nothing_grows(self) -> None:
        assert len(self.ledger.lines()) <= 2 * SESSIONS
        assert all(line.bits < 2**WINDOW for line in self.ledger.lines())

    @invariant()
    def who_was_forgotten_began_before_the_floor(self) -> None:
        for seat, session in self.forgotten:
            assert self.ledger.last_id(seat, session) is None
            assert self.ledger.floor(seat) > 0


TestLedger = Naive.TestCase
TestLedger.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(st.data())
def test_within_the_window_any_order_of_repeats_takes_effect_once(data: st.DataObject) -> None:
    """A client has at most 32 unanswered commands: in whatever order they and their repeats come, each counts once."""
    ledger, effects, base = Ledger(), list[int](), data.draw(st.integers(0, 2**40))
    ids = data.draw(st.lists(st.integers(base + 1, base + MAX_UNANSWERED), min_size=1, max_size=100))
    for seq, id in enumerate(ids, 1):
        known = ledger.look_up(1, "s", id)
        assert known is not Known.STALE
        if known is Known.NEW:
            effects.append(id)
            ledger.record(1, "s", id, seq)
    assert sorted(effects) == sorted(set(ids))


@pytest.mark.parametrize(("age", "known"), [(0, Known.DONE), (1, Known.NEW), (63, Known.NEW), (64, Known.STALE)])
def test_the_edge_of_the_window(age: int, known: Known) -> None:
    ledger = Ledger()
    ledger.record(1, "s", 1_000, 1)
    assert ledger.look_up(1, "s", 1_000 - age) is known


def test_an_id_at_the_edge_is_remembered() -> None:
    ledger = Ledger()
    ledger.record(1, "s", 1, 1)
    ledger.record(1, "s", 64, 2)
    assert ledger.look_up(1, "s", 1) is Known.DONE
    ledger.record(1, "s", 65, 3)
    assert ledger.look_up(1, "s", 1) is Known.STALE
    assert ledger.look_up(1, "s", 64) is Known.DONE
    ledger.record(1, "s", 65 + WINDOW, 4)
    assert ledger.look_up(1, "s", 66) is Known.NEW
    assert ledger.look_up(1, "s", 65) is Known.STALE


def test_sessions_and_seats_are_apart() -> None:
    ledger = Ledger()
    ledger.record(1, "s", 5, 1)
    assert ledger.look_up(1, "t", 5) is ledger.look_up(2, "s", 5) is Known.NEW
    assert ledger.floor(1) == ledger.floor(2) == 0


def test_a_straggler_keeps_its_session_in_use() -> None:
    ledger = Ledger(2)
    ledger.record(1, "old", 9, 1)
    ledger.record(1, "new", 1, 2)
    ledger.record(1, "old", 8, 3)
    ledger.record(1, "newest", 1, 4)
    assert (ledger.last_id(1, "old"), ledger.last_id(1, "new")) == (9, None)
    assert ledger.floor(1) == 2


def test_a_million_commands_take_no_more_room_than_one() -> None:
    ledger, rng, id = Ledger(), random.Random(1), 0
    for seq in range(20_000):
        id += rng.randint(1, 200)
        ledger.record(1, rng.choice("abcdefghijkl"), id, seq)
    assert len(ledger.lines()) == 8
