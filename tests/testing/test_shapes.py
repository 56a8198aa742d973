"""Nobody edits an event that logs already hold."""

import types
from pathlib import Path
from typing import Any

import pytest

from gamekeeper.core.game import Game
from gamekeeper.core.messages import Command, Event, State
from gamekeeper.core.seats import PLAYER
from gamekeeper.testing.shapes import assert_shapes_kept, event_shapes


class Go(Command, by=PLAYER):
    pass


class Place(State):
    pass


def event(
    name: str = "Moved", doc: str | None = None, version: int = 1, upcasts: int = 0, **fields: Any
) -> type[Event]:
    namespace: dict[str, Any] = {"__annotations__": fields, "__module__": __name__}
    if doc:
        namespace["__doc__"] = doc
    upcast = {number: dict for number in range(1, upcasts + 1)}
    return type(Event)(name, (Event,), namespace, version=version, upcast=upcast)


def game(*events: type[Event]) -> Game[Any, Any, Any]:
    union: Any = events[0]
    for one in events[1:]:
        union |= one
    return types.new_class("Sample", (Game[Place, Go, union],))()


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    path = tmp_path / "shapes.json"
    assert_shapes_kept(game(event(to=int)), path, update=True)
    return path


def test_shapes_are_named_by_version() -> None:
    shapes = event_shapes(game(event(to=int), event("Passed")))
    assert sorted(shapes) == ["moved v1", "passed v1"]


def test_what_is_kept_passes(frozen: Path) -> None:
    before = frozen.read_text()
    assert_shapes_kept(game(event(to=int)), frozen)
    assert_shapes_kept(game(event(to=int)), frozen, update=True)
    assert frozen.read_text() == before


def test_words_for_people_may_change(frozen: Path) -> None:
    assert_shapes_kept(game(event(doc="A piece moved, said otherwise.", to=int)), frozen)


@pytest.mark.parametrize("fields", [{"to": str}, {"to": int, "by": int}, {}, {"square": int}])
@pytest.mark.parametrize("update", [True, False])
def test_an_edited_event_is_seen(frozen: Path, fields: dict[str, Any], update: bool) -> None:
    with pytest.raises(AssertionError, match="event moved changed: give it version=2 and an upcaster"):
        assert_shapes_kept(game(event(**fields)), frozen, update=update)


def test_a_vanished_event_is_seen(frozen: Path) -> None:
    with pytest.raises(AssertionError, match="event moved is gone"):
        assert_shapes_kept(game(event("Passed")), frozen)


def test_a_new_version_with_an_upcaster_is_added(frozen: Path) -> None:
    second = event(version=2, upcasts=1, square=int)
    with pytest.raises(AssertionError, match=r"not frozen yet: \['moved v2'\]"):
        assert_shapes_kept(game(second), frozen)
    assert_shapes_kept(game(second), frozen, update=True)
    assert_shapes_kept(game(second), frozen)
    with pytest.raises(AssertionError, match=r"event moved v2 can no longer be read"):
        assert_shapes_kept(game(event(to=int)), frozen)


def test_a_new_event_must_be_frozen_too(frozen: Path) -> None:
    more = game(event(to=int), event("Passed"))
    with pytest.raises(AssertionError, match="not frozen yet"):
        assert_shapes_kept(more, frozen)
    assert_shapes_kept(more, frozen, update=True)
    assert_shapes_kept(more, frozen)
