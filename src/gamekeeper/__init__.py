"""Gamekeeper: an authoritative, durable real-time session server. Every call is written down before it is announced.

This is the public promise: every name an application may use. Importing it does nothing else.
"""

from immutables import Map

from gamekeeper.app import App
from gamekeeper.core.context import Context
from gamekeeper.core.errors import ErrorCode, Fault, InvariantViolated, Misuse, Rejected
from gamekeeper.core.frozen import Frozen
from gamekeeper.core.game import Decision, Game
from gamekeeper.core.messages import (
    Command,
    Config,
    Connected,
    Disconnected,
    Event,
    Joined,
    Left,
    Lifecycle,
    Rate,
    Started,
    State,
    TimedOut,
    View,
    Woken,
)
from gamekeeper.core.names import clean_name
from gamekeeper.core.record import Record
from gamekeeper.core.seats import ADMIN, HOST, NO_SEAT, PLAYER, SPECTATOR, SYSTEM, Role, Seat

__all__ = [
    "ADMIN",
    "HOST",
    "NO_SEAT",
    "PLAYER",
    "SPECTATOR",
    "SYSTEM",
    "App",
    "Command",
    "Config",
    "Connected",
    "Context",
    "Decision",
    "Disconnected",
    "ErrorCode",
    "Event",
    "Fault",
    "Frozen",
    "Game",
    "InvariantViolated",
    "Joined",
    "Left",
    "Lifecycle",
    "Map",
    "Misuse",
    "Rate",
    "Record",
    "Rejected",
    "Role",
    "Seat",
    "Started",
    "State",
    "TimedOut",
    "View",
    "Woken",
    "clean_name",
]
