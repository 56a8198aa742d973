"""Thousands of seeded histories of one node, and proof that the simulation would notice.

More seeds: `python -m bench.simulate --seeds 100000`.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from gamekeeper.core.game import Game
from gamekeeper.core.record import Entry, encode_entries
from gamekeeper.core.seats import Seat
from gamekeeper.room.alarm import Alarm
from gamekeeper.room.batch import Batch
from gamekeeper.room.fold import Fold
from gamekeeper.room.room import Room
from gamekeeper.testing.simulation import Parts, Report, Violation, simulate
from gamekeeper.testing.tally import Sums, Tally, wish
from gamekeeper.transport.connection import Connection

SEEDS = 2_000
ENOUGH_SEEDS = 200


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_thousand_histories() -> None:
    """R0-17, R0-18, R0-56, R1-96, R1-98, R1-102, R1-104: every promise holds in every seeded history."""
    reports = [simulate(Tally, seed, wish, parts=Parts(check=closed_once)) for seed in range(SEEDS)]
    assert sum(report.crashes for report in reports) > SEEDS, "crashes happened"
    assert sum(report.cuts for report in reports) > SEEDS, "connections were lost"
    assert sum(report.welcomes for report in reports) > 7 * SEEDS, "clients came back"
    assert sum(report.acknowledged for report in reports) > 25 * SEEDS, "and got their answers"


def test_a_seed_is_a_history() -> None:
    assert simulate(Tally, 7, wish) == simulate(Tally, 7, wish)


def closed_once(state: Sums) -> None:
    if state.closed > state.round:
        raise Violation(f"I8 {state.closed} rounds closed of {state.round}: a deadline fired twice")


class PublishesFirst(Room):
    """Shows a batch before the log has it."""

    def _commit(self) -> None:
        if self._in_flight is None and self._staged.entries:
            early = Batch()
            early.entries, early.events = self._staged.entries, self._staged.events
            early.state, early.public_events = self._staged.state, self._staged.public_events
            self._staged.public_events = []
            self.stage.publish(early)
        super()._commit()


class AnswersFirst(Room):
    """Acknowledges a batch before the log has it."""

    def _commit(self) -> None:
        if self._in_flight is None and self._staged.entries:
            early = Batch()
            early.answers, self._staged.answers = self._staged.answers, []
            self.stage.publish(early)
        super()._commit()


class ForgetsCommands(Fold):
    """Does not remember over a restart which commands took effect."""

    def apply(self, entry: Entry) -> None:
        fields = (entry.seq, entry.at, entry.actor, entry.seat, entry.session, 0, entry.command, entry.events)
        super().apply(Entry(*fields))


class Leaky(Tally):
    """Shows a seat its neighbour's secret."""

    def private(self, state: Sums, seat: Seat) -> dict[str, Any]:
        return super().private(state, Seat(seat - 1))


class Leaks(Room):
    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.stage.audience._game = Leaky()


class Stutters(Alarm):
    """Rings twice, and never finds that it is too late."""

    def _rings(self) -> None:
        due = self._armed
        super()._rings()
        if due is not None:
            self._ring(due[0])

    def is_due(self, state: Any, name: str) -> bool:
        return True


class RingsTwice(Room):
    def __init__(self, id: str, fold: Fold, *parts: Any) -> None:
        super().__init__(id, fold, *parts)
        ring = self.alarm._ring
        self.alarm.cancel()
        self.alarm = Stutters(fold.game, self._runtime, ring)
        self.alarm.set(fold.state)


class SkipsTheLog(Room):
    """Appends without saying where the log must end (writes the batch twice when it is slow)."""

    def _appended(self, error: Exception | None) -> None:
        batch = self._in_flight
        if batch is not None and batch.entries and batch.first % 7 == 0:
            batch.entries = [*batch.entries]
            self._log.append(self.id, batch.first, batch.last, encode_entries(batch.entries), lambda _: None)
        super()._appended(error)


def seeds_until_found(parts: Parts, promises: tuple[str, ...]) -> int:
    for seed in range(ENOUGH_SEEDS):
        try:
            simulate(Tally, seed, wish, parts=parts)
        except Violation as violation:
            assert str(violation).startswith(promises), violation
            return seed + 1
    raise AssertionError(f"{ENOUGH_SEEDS} seeds did not find the planted fault")


@pytest.mark.parametrize(
    ("parts", "promises"),
    [
        pytest.param(Parts(make_room=PublishesFirst), ("I1", "I4"), id="publish before append"),
        pytest.param(Parts(make_room=AnswersFirst), ("I1",), id="ack before append"),
        pytest.param(Parts(make_fold=ForgetsCommands), ("I3",), id="lost dedup after restart"),
        pytest.param(Parts(make_room=Leaks), ("I5",), id="private view leaked"),
        pytest.param(Parts(make_room=RingsTwice, check=closed_once), ("I8",), id="deadline fired twice"),
    ],
)
def test_a_planted_fault_is_found(parts: Parts, promises: tuple[str, ...]) -> None:
    seeds_until_found(parts, promises)


def test_views_before_their_events_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection cut between the two would come back with a cursor past events it never had."""
    deliver = Connection.deliver

    def views_first(self: Connection, events: bytes, views: bytes, answers: bytes) -> None:
        deliver(self, b"", views + events, answers)

    monkeypatch.setattr(Connection, "deliver", views_first)
    seeds_until_found(Parts(), ("I4",))


def test_a_fenced_second_writer_is_harmless() -> None:
    """An append at a position the log has passed is refused; clients notice nothing."""
    report: Report = simulate(Tally, 3, wish, parts=Parts(make_room=SkipsTheLog))
    assert report.acknowledged


def test_the_simulated_game_is_a_game() -> None:
    assert isinstance(Tally(), Game)
