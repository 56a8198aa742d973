"""The game that simulations play is a game."""

from datetime import timedelta
from random import Random

import pytest

from gamekeeper.core.errors import Rejected
from gamekeeper.core.seats import PLAYER
from gamekeeper.testing.rehearsal import Rehearsal
from gamekeeper.testing.tally import ROUND_S, Add, Hide, Tally, app, wish
from gamekeeper.wire.replica import Replica


def test_sums_some_of_them_secret() -> None:
    room = Rehearsal(Tally())
    ann, bob = room.join("Ann"), room.join("Bob")
    ann.send(Add(3))
    ann.send(Hide(4))
    ann.send(Hide(5))
    assert (ann.public["total"], ann.private, bob.private) == (3, {"secret": 9}, {"secret": 0})
    with pytest.raises(Rejected) as refused:
        ann.send(Add(-1))
    assert refused.value.field == "amount"


def test_a_round_closes_by_the_clock_and_the_next_opens_with_the_next_sum() -> None:
    room = Rehearsal(Tally())
    ann = room.join("Ann")
    ann.send(Add(1))
    opened = room.state.closes_at
    ann.send(Add(1))
    assert room.state.closes_at == opened
    room.next_deadline()
    assert (room.state.round, room.state.closed, room.state.closes_at) == (1, 1, None)
    ann.send(Add(1))
    assert room.state.round == 2
    assert room.state.closes_at - opened >= timedelta(seconds=ROUND_S)


def test_wishes_are_commands_of_the_game() -> None:
    rng, catalogue = Random(1), Tally.catalogue
    wishes = [wish(Replica(), rng) for _ in range(200)]
    assert {name for name, _ in filter(None, wishes)} == set(catalogue.commands)
    assert min(data["amount"] for _, data in filter(None, wishes)) == -1, "now and then one that is refused"


def test_its_players_open_rooms() -> None:
    assert (app.name, app.creator) == ("tally", PLAYER)
