"""Who may look into a room: anything with a viewer's shape."""

from gamekeeper.core.seats import PLAYER, Seat
from gamekeeper.room.viewer import Viewer
from gamekeeper.testing.rehearsal import Seated
from gamekeeper.transport.connection import Connection
from tests.room.kit import Watching

PARTS = {"seat", "role", "user", "session", "device", "frame", "answer", "deliver", "end"}


def test_everything_that_looks_into_a_room_has_the_shape() -> None:
    assert {*Viewer.__annotations__, *(name for name in vars(Viewer) if not name.startswith("_"))} == PARTS
    for kind in (Connection, Seated, Watching):
        assert {part for part in PARTS if hasattr(kind, part)} >= {"frame", "answer", "deliver", "end"}


def test_viewers_of_one_transport_share_their_framing() -> None:
    """What is shared is framed once: the framing must be the same object for all."""
    assert Watching(1, PLAYER).frame is Watching(2, PLAYER).frame
    assert Seated.frame is Seated.frame
    assert Watching(1).seat == Seat(1)
