"""Is a secret kept? Play the same game twice, differing only in the secret, and compare what somebody else was sent."""

import re
from collections.abc import Callable

from gamekeeper.testing.rehearsal import Rehearsal, Seated

_CURSOR = re.compile(rb'"cursor":"[0-9a-f]{16}"')

Play = Callable[[Rehearsal], Seated]
"""Plays a game up to the point of interest; gives the seat that must not know."""


def assert_indistinguishable(make: Callable[[], Rehearsal], one: Play, other: Play) -> None:
    """Every byte sent to the seats that `one` and `other` return is equal: frames, their number and their order.

    Cursors are opaque and not compared. Raises `AssertionError` with the first difference.
    """
    first, second = (_observed(play(make())) for play in (one, other))
    for number, (mine, theirs) in enumerate(zip(first, second, strict=False)):
        if mine != theirs:
            raise AssertionError(f"frame {number} gives the secret away:\n  {mine!r}\n  {theirs!r}")
    if len(first) != len(second):
        extra = (first + second)[min(len(first), len(second))]
        raise AssertionError(
            f"the number of frames gives the secret away: {len(first)} against {len(second)}: {extra!r}"
        )


def _observed(seated: Seated) -> list[bytes]:
    return [_CURSOR.sub(b'"cursor":""', payload) for payload in seated.payloads]
