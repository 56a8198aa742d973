"""Who may do what: roles and seats."""

from enum import StrEnum
from typing import NewType

Seat = NewType("Seat", int)
"""A place in a room, counted from 1. It belongs to one user for the room's life and survives every connection."""

NO_SEAT = Seat(0)
"""What spectators, administrators, reactors and the system have instead of a seat."""


class Role(StrEnum):
    """What a member of a room is. Commands name the roles that may send them."""

    HOST = "host"
    PLAYER = "player"
    SPECTATOR = "spectator"
    ADMIN = "admin"
    SYSTEM = "system"


HOST = Role.HOST
PLAYER = Role.PLAYER
SPECTATOR = Role.SPECTATOR
ADMIN = Role.ADMIN
SYSTEM = Role.SYSTEM
