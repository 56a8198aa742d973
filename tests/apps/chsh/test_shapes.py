"""Event shapes are for ever: the frozen copy, and the check seen to fail.

After adding an event or a version: `python -m tests.apps.chsh.test_shapes` writes the addition down.
"""

import json
from pathlib import Path

import pytest

from gamekeeper import PLAYER, Command, Event, Game, State
from gamekeeper.testing import assert_shapes_kept, event_shapes
from gamekeeper_apps.chsh.game import Chsh

FROZEN = Path(__file__).parents[2] / "golden" / "chsh_events.json"


def test_no_event_has_been_edited() -> None:
    assert_shapes_kept(Chsh(), FROZEN)


class Wish(Command, by=PLAYER):
    pass


class Happened(Event):
    amount: int


class Nothing(State):
    pass


class Small(Game[Nothing, Wish, Happened]):
    pass


def test_an_edited_event_is_refused(tmp_path: Path) -> None:
    """R0-17's neighbour: an event change without a version and an upcaster fails here."""
    frozen = tmp_path / "shapes.json"
    assert_shapes_kept(Small(), frozen, update=True)
    assert_shapes_kept(Small(), frozen)
    shapes = event_shapes(Small())
    key = next(iter(shapes))
    edited = json.loads(json.dumps(shapes).replace('"integer"', '"string"'))
    frozen.write_text(json.dumps(edited))
    with pytest.raises(AssertionError, match="upcaster"):
        assert_shapes_kept(Small(), frozen)
    frozen.write_text(json.dumps({key.replace("happened", "gone"): {}}))
    with pytest.raises(AssertionError, match="gone"):
        assert_shapes_kept(Small(), frozen)


if __name__ == "__main__":
    assert_shapes_kept(Chsh(), FROZEN, update=True)
