"""Roles and seats."""

import gamekeeper
from gamekeeper.core import seats
from gamekeeper.core.seats import NO_SEAT, Role, Seat


def test_roles_are_their_words() -> None:
    assert [str(role) for role in Role] == ["host", "player", "spectator", "admin", "system"]


def test_every_role_has_a_short_name() -> None:
    for role in Role:
        assert getattr(seats, role.name) is getattr(gamekeeper, role.name) is role


def test_no_seat_is_false_and_every_seat_true() -> None:
    assert not NO_SEAT
    assert Seat(1)
