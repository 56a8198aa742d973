"""Differences of views: what a client makes of a patch is exactly what it would have been sent in full."""

import enum
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from gamekeeper.core.messages import View
from gamekeeper.core.patch import SAME, apply, diff
from gamekeeper.wire.frames import encode


class Point(View):
    x: Any
    y: Any = None


class Renamed(View, rename="camel"):
    first_name: Any


class Brief(View, omit_defaults=True):
    score: Any = 0
    note: Any = None


class Row(View, array_like=True):
    name: Any
    score: Any = 0


class Tagged(View, tag="tagged"):
    value: Any


class Optional(View):
    value: Any = msgspec.UNSET


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


def plain(view: Any) -> Any:
    return msgspec.json.decode(encode(view))


def patched(old: Any, new: Any) -> Any:
    """What a client has that held `old` and was sent the difference."""
    change = diff(old, new)
    return plain(old) if change is SAME else apply(plain(old), plain(change))


def assert_turns_into(old: Any, new: Any) -> None:
    assert patched(old, new) == plain(new)


MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
numbers = st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, 1.0, -1.0, 0.5]))
scalars = st.one_of(
    st.none(),
    numbers,
    st.sampled_from(["", "a", "1", "0", "type"]),
    st.sampled_from([*Colour, *Level, MOMENT, UUID(int=1), Decimal(1), b"", b"1"]),
)
keys = st.sampled_from(["", "0", "1", "a", "b", "\u00e9"])


def containers(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(parts, max_size=5),
        st.lists(parts, max_size=5).map(tuple),
        st.dictionaries(keys, parts, max_size=4),
        st.dictionaries(keys, parts, max_size=4).map(Map),
        st.dictionaries(st.integers(0, 3), parts, max_size=3),
        st.builds(Point, parts, parts),
        st.builds(Renamed, parts),
        st.builds(Brief, parts, parts),
        st.builds(Row, parts, parts),
        st.builds(Tagged, parts),
        st.one_of(st.builds(Optional), st.builds(Optional, parts)),
    )


views = st.recursive(scalars, containers, max_leaves=25)


class Asked(View):
    __identity__: ClassVar[str] = "number"

    number: int
    text: str
    key: Any = msgspec.UNSET


def test_a_view_of_another_thing_replaces_the_one_before_whole() -> None:
    """Nothing that was known of the one is named for the other."""
    assert diff(Asked(1, "a"), Asked(1, "a", "k")) == {"key": ["k"]}
    assert diff(Asked(1, "a", "k"), Asked(2, "a")) == [Asked(2, "a")]
    assert_turns_into(Asked(1, "a", "k"), Asked(2, "b"))


def test_a_number_as_a_key_may_become_the_same_text() -> None:
    assert_turns_into({1: None}, {"1": {"a": 1}})
    assert_turns_into({"1": "a", 2: "b"}, {1: "c"})


@given(views, views)
def test_a_patch_turns_any_view_into_any_other(old: Any, new: Any) -> None:
    assert_turns_into(old, new)


@given(st.data())
def test_a_patch_turns_a_view_into_a_slightly_different_one(data: st.DataObject) -> None:
    old = data.draw(st.lists(views, max_size=6))
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    new = [*old[:start], *data.draw(st.lists(views, max_size=3)), *old[end:]]
    assert_turns_into({"list": old}, {"list": new})


@given(views)
def test_equal_views_have_no_difference(view: Any) -> None:
    copy = msgspec.json.decode(encode(view))
    again = msgspec.json.decode(encode(view))
    assert diff(copy, again) is SAME
    assert diff(view, view) is SAME


@given(views, views)
def test_applying_does_not_change_what_the_client_had(old: Any, new: Any) -> None:
    change = diff(old, new)
    if change is not SAME:
        had = plain(old)
        apply(had, plain(change))
        assert had == plain(old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        (True, 1.0),
        (None, False),
        ("1", 1),
        (Decimal(1), 1),
        (Level.LOW, 1),
        ("", None),
    ],
)
def test_values_that_python_calls_equal_are_told_apart(old: Any, new: Any) -> None:
    assert diff(old, new) == [new]
    assert diff([old], [new]) == {"0": [new]}
    assert diff({"a": old}, {"a": new}) == {"a": [new]}


@pytest.mark.parametrize(
    ("old", "new", "patch"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, {"b": []}),
        ({"a": 1}, {"a": 1, "b": None}, {"b": [None]}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, {"a": {"b": {"c": [2]}}}),
        ([1, 2, 3], [1, 2, 3, 4], [3, 0, [4]]),
        ([1, 2, 3], [1, 3], [1, 1, []]),
        ([1, 2], [2], [0, 1, []]),
        ([1, 1], [1], [1, 1, []]),
        ([], [[]], [0, 0, [[]]]),
        ([1, 2, 3], [1, 9, 3], {"1": [9]}),
        ([{"a": 1}, 2], [{"a": 2}, 2], {"0": {"a": [2]}}),
        (Point(1, 2), Point(1, 3), {"y": [3]}),
        (Renamed(1), Renamed(2), {"firstName": [2]}),
        (Brief(1, 2), Brief(0, 2), {"score": []}),
        (Row("a", 1), Row("a", 2), {"1": [2]}),
        (Optional(), Optional(1), {"value": [1]}),
        (Optional(1), Optional(), {"value": []}),
        ({1: "a", 2: "b"}, {1: "a"}, {"2": []}),
        ({Colour.RED: 1}, {Colour.RED: 2}, {"red": [2]}),
        (Map(a=1), {"a": 1}, SAME),
        ((1, 2), [1, 2], SAME),
        (Point(1), {"x": 1}, [{"x": 1}]),
        (Point(1), Tagged(1), [Tagged(1)]),
        ([1], {"0": 1}, [{"0": 1}]),
        (None, [], [[]]),
        ({}, {}, SAME),
        (math.nan, math.nan, SAME),
        (frozenset({1}), frozenset({1}), SAME),
        (frozenset({1}), frozenset({2}), [frozenset({2})]),
    ],
)
def test_a_patch_says_no_more_than_what_changed(old: Any, new: Any, patch: Any) -> None:
    assert diff(old, new) == patch


def test_a_moment_is_a_key_as_it_is_written() -> None:
    assert_turns_into({MOMENT: 1}, {MOMENT + timedelta(days=1): 2})


def test_the_same_object_is_not_looked_into() -> None:
    class Watched(dict[str, int]):
        looked_into = 0

        def items(self) -> Any:
            self.looked_into += 1
            return super().items()

    shared = Watched(a=1)
    assert diff({"shared": shared, "turn": 1}, {"shared": shared, "turn": 2}) == {"turn": [2]}
    assert shared.looked_into == 0


def test_a_list_that_grows_costs_what_grew() -> None:
    feed = [{"play": number} for number in range(10_000)]
    assert diff(feed, [*feed, {"play": "new"}]) == [10_000, 0, [{"play": "new"}]]


def test_nested_lists_are_compared_once_each() -> None:
    """Comparing the ends of a list before its items must not double the work on each level."""
    compared = 0

    class Leaf:
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return self is other

        __hash__ = None

    def nested(leaf: Any, depth: int) -> Any:
        return [nested(leaf, depth - 1)] if depth else leaf

    diff(nested(Leaf(), 12), nested(Leaf(), 12))
    assert compared == 1


@pytest.mark.parametrize(
    ("view", "patch"),
    [
        (1, {"a": [1]}),
        (None, {"a": [1]}),
        ("text", {"0": ["x"]}),
        ({"a": 1}, {"a": {"b": [1]}}),
        ({"a": 1}, {"b": {"c": [1]}}),
        ({"a": 1}, [0, 0, [1]]),
        ([1], []),
        ([1], [1, 2]),
        ([1], [0, 0, [1], 1]),
        ([1], {"1": [2]}),
        ([1], {"-1": [2]}),
        ([1], {"x": [2]}),
        ([1], {"0": []}),
        ([1], {"\u0660": [2]}),
        ([1], [0, 2, []]),
        ([1], [2, 0, []]),
        ([1], [-1, 0, []]),
        ([1], [0, -1, []]),
        ([1], ["0", 0, []]),
        ([1], [0, 0, "ab"]),
        ({}, None),
        ({}, 5),
        ([], "x"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(view: Any, patch: Any) -> None:
    with pytest.raises(ValueError, match=r"patch|merge|splice"):
        apply(view, patch)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.sampled_from(["", "0", "a", "-1"]),
    lambda parts: (
        st.lists(parts, max_size=4) | st.dictionaries(st.sampled_from(["0", "1", "a", "-1"]), parts, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values, json_values)
def test_whatever_comes_is_applied_or_refused(view: Any, patch: Any) -> None:
    try:
        apply(view, patch)
    except ValueError:
        return


def test_removing_what_is_not_there_is_harmless() -> None:
    assert apply({"a": 1}, {"b": []}) == {"a": 1}


def test_a_read_only_mapping_is_compared_like_any_other() -> None:
    assert diff(MappingProxyType({"a": 1}), MappingProxyType({"a": 2})) == {"a": [2]}
