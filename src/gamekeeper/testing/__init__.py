"""The shipped test-kit: drive a room without a server, jump to deadlines, prove secrecy, play a thousand games."""

from gamekeeper.testing.contract import Played, game_contract
from gamekeeper.testing.house import House, house
from gamekeeper.testing.rehearsal import Rehearsal, Seated
from gamekeeper.testing.secrecy import assert_indistinguishable
from gamekeeper.testing.shapes import assert_shapes_kept, event_shapes
from gamekeeper.testing.virtual import VirtualTime

__all__ = [
    "House",
    "Played",
    "Rehearsal",
    "Seated",
    "VirtualTime",
    "assert_indistinguishable",
    "assert_shapes_kept",
    "event_shapes",
    "game_contract",
    "house",
]
