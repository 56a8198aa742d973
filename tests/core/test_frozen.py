"""Values do not change and do not take in what they do not know."""

import msgspec
import pytest

from gamekeeper.core.frozen import Frozen


class Point(Frozen):
    x: int
    y: int = 0


class Named(Point):
    name: str = ""


class Open(Frozen, forbid_unknown_fields=False):
    x: int


class StillOpen(Open):
    y: int = 0


@pytest.mark.parametrize("value", [Point(1), Named(1, 2, "a")])
def test_values_cannot_be_changed(value: Point) -> None:
    with pytest.raises(AttributeError):
        value.x = 2
    assert msgspec.structs.replace(value, x=5).x == 5
    assert value.x == 1


def test_values_are_hashable_and_compared_by_content() -> None:
    assert {Point(1), Point(1, 0)} == {Point(1)}
    assert Point(1) != Named(1)


@pytest.mark.parametrize("kind", [Point, Named])
def test_unknown_fields_are_refused(kind: type[Point]) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `z`"):
        msgspec.json.decode(b'{"x":1,"z":2}', type=kind)


@pytest.mark.parametrize("kind", [Open, StillOpen])
def test_an_option_can_be_turned_off_for_good(kind: type[Open]) -> None:
    assert msgspec.json.decode(b'{"x":1,"z":2}', type=kind) == kind(1)
    assert kind.__struct_config__.frozen
