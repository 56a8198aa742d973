"""What nobody may see: letters of open rounds, the partner's time, connections, secrets."""

import json
from collections.abc import Callable
from random import Random

import msgspec
import pytest

from gamekeeper import Rejected
from gamekeeper.testing import Rehearsal, Seated, assert_indistinguishable
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.game import Chsh
from gamekeeper_apps.chsh.views import player
from tests.apps.chsh.table import UNLIMITED, Table


def test_the_host_never_sees_an_open_rounds_letters_or_answers() -> None:
    table = Table(planned_rounds=10)
    table.answer(table.players[0])
    table.room.advance(3)
    text = b"".join(table.host.payloads)
    assert b'"letter' not in text
    assert b'"answer' not in text.replace(b'"answer_is_outcome"', b"")
    assert table.host.shared["pairs"]["1"]["blocking"] == [2]


def partner_does(act: Callable[[Table], None]) -> Callable[[Rehearsal], Seated]:
    """The first player's view after its partner did something and before it has locked itself."""

    def play(room: Rehearsal) -> Seated:
        table = Table.__new__(Table)
        table.room, table.host = room, room.host
        table.players = [room.join("Ann"), room.join("Bob")]
        room.host.send(m.OpenRun(planned_rounds=20, feedback_pause_s=0.0, deadline_s=30.0, device="quantum"))
        table.run = 1
        room.host.send(m.StartRun(1))
        act(table)
        return table.players[0]

    return play


@pytest.mark.parametrize(
    "act",
    [
        lambda table: table.answer(table.players[1], "T"),
        lambda table: table.answer(table.players[1], "F"),
        lambda table: table.players[1].send(m.Measure(1, 1)),
        lambda table: table.room.leave(table.players[1]),
        lambda table: (table.room.leave(table.players[1]), table.room.advance(10)),
    ],
)
def test_timing_is_no_channel(act: Callable[[Table], None]) -> None:
    """Check 4: until its own lock a seat is sent the same bytes, whatever its partner does or does not."""

    def nothing(table: Table) -> None:
        table.room.advance(0)

    def make() -> Rehearsal:
        return Rehearsal(Chsh(), seed="same", limits=UNLIMITED)

    assert_indistinguishable(make, partner_does(act), partner_does(nothing))


def test_public_says_nothing_of_rounds_or_connections() -> None:
    table = Table(pairs=2)
    before = len(table.room.watch().payloads)
    spectator = table.room.watch()
    table.play(3)
    table.room.leave(table.players[0])
    table.room.advance(0.5)
    changes = [payload for payload in spectator.payloads[before:] if b'"public"' in payload]
    assert changes == []
    assert spectator.public["counts"] is None


def test_the_projector_has_closed_rounds_only_and_its_pace() -> None:
    table = Table(pairs=1, planned_rounds=100)
    spectator = table.room.watch()
    sent = len(spectator.payloads)
    table.play(40)
    assert len(spectator.payloads) - sent <= 1, "at most one change a second"
    table.room.advance(2)
    assert spectator.shared["class"]["rounds"] == 40
    assert spectator.shared["players"] is None


def hosting(table: Table, rng: Random) -> object:
    """Something a host may do at any time, sensible or not."""
    pair, seat = rng.choice(sorted(table.room.state.pairs)), rng.choice(table.players).seat
    return rng.choice(
        [
            m.OpenRun(planned_rounds=rng.choice([2, 4, None]), feedback_pause_s=rng.choice([0.0, 1.5])),
            m.StartRun(),
            m.StartRun(),
            m.PauseRun(),
            m.ResumeRun(),
            m.EndRun(),
            m.ArchiveRun(),
            m.SetDevice("quantum"),
            m.FormPairs(),
            m.FormPairs(((table.players[0].seat, seat),)),
            m.ClosePair(pair),
            m.ResetSeat(seat),
            m.SeatBot(pair, rng.choice((1, 2))),
            m.AnonymiseNames(rng.random() < 0.5),
            m.SetPolicy(absent=rng.choice(("wait", "bot", "close")), seat_hold_s=5.0),
            m.OpenTables(),
        ]
    )


def somebody_acts(table: Table, rng: Random) -> None:
    one = rng.choice(table.players)
    if rng.random() < 0.15:
        table.room.advance(rng.choice([0.5, 2.0, 6.0]))
    elif rng.random() < 0.3:
        table.host.send(hosting(table, rng))  # type: ignore[arg-type]
    elif rng.random() < 0.1:
        one.send(m.JoinRoom(f"Name {rng.random()}"))
    elif one.private and one.private["question"] is not None:
        table.run = table.room.state.run.id
        table.answer(one)


@pytest.mark.parametrize("seed", range(8))
def test_what_a_seat_was_shown_is_what_the_state_says(seed: int) -> None:
    """No event claims to touch fewer seats than it does, whatever hosts and players do one after the other."""
    rng, table = Random(seed), Table(pairs=3, planned_rounds=4)
    for _ in range(250):
        try:
            somebody_acts(table, rng)
        except Rejected as rejected:
            assert rejected.code not in ("internal", "invariant")
        for one in table.players:
            assert one.private == json.loads(msgspec.json.encode(player(table.room.state, one.seat)))
