"""Tests of the example, as its author would write them."""

# region tests
from collections.abc import Callable

import pytest

from examples.pennies import Pennies, Show, Side
from gamekeeper import PLAYER, Rejected
from gamekeeper.testing import Rehearsal, Seated, assert_indistinguishable, game_contract


def table() -> tuple[Rehearsal, Seated, Seated]:
    room = Rehearsal(Pennies(), creator=PLAYER)
    return room, room.creator, room.join("Bob")


def test_a_match_is_the_first_players() -> None:
    room, ann, bob = table()
    ann.send(Show("heads"))
    bob.send(Show("heads"))
    assert room.state.winner == ann.seat


def test_a_coin_is_shown_once() -> None:
    _, ann, _ = table()
    ann.send(Show("heads"))
    with pytest.raises(Rejected, match="already_shown"):
        ann.send(Show("tails"))


def test_who_does_not_show_in_time_loses() -> None:
    room, ann, _ = table()
    ann.send(Show("tails"))
    room.next_deadline()
    assert room.state.winner == ann.seat


def test_nobody_sees_the_others_coin() -> None:
    def show(side: Side) -> Callable[[Rehearsal], Seated]:
        def play(room: Rehearsal) -> Seated:
            bob = room.join("Bob")
            room.creator.send(Show(side))
            return bob

        return play

    assert_indistinguishable(lambda: Rehearsal(Pennies(), creator=PLAYER), show("heads"), show("tails"))


def test_it_is_a_game() -> None:
    game_contract(Pennies, games=200, players=2, rejections=["already_shown"])


# endregion
