"""A secret that leaks, by a byte or by a frame, is seen."""

from typing import Any

import pytest

from gamekeeper.testing.rehearsal import Rehearsal, Seated
from gamekeeper.testing.secrecy import assert_indistinguishable
from tests.room.kit import Hide, Sum, Sums


class Sealed(Sum):
    """Keeps its secrets."""


class Leaky(Sum):
    """Shows everybody the sum of what is hidden."""

    def public(self, state: Sums) -> Any:
        return {"total": sum(state.hidden.values())}


class Winking(Sum):
    """Shows nothing of the secret, but that there is a large one: by a frame more."""

    def public(self, state: Sums) -> Any:
        return {"large": max(state.hidden.values(), default=0) > 5}


def play(amount: int) -> Any:
    def playing(room: Rehearsal) -> Seated:
        ann, bob = room.join("Ann"), room.join("Bob")
        ann.send(Hide(amount))
        return bob

    return playing


def test_a_kept_secret_passes() -> None:
    assert_indistinguishable(lambda: Rehearsal(Sealed()), play(1), play(9))


def test_a_secret_in_a_view_is_seen() -> None:
    with pytest.raises(AssertionError, match=r"frame \d+ gives the secret away"):
        assert_indistinguishable(lambda: Rehearsal(Leaky()), play(1), play(9))


@pytest.mark.parametrize(("one", "other"), [(1, 9), (9, 1)])
def test_the_existence_of_a_frame_is_seen(one: int, other: int) -> None:
    with pytest.raises(AssertionError, match=r"number of frames gives the secret away: . against .: .*large"):
        assert_indistinguishable(lambda: Rehearsal(Winking()), play(one), play(other))


def test_who_may_know_is_told() -> None:
    def mine(amount: int) -> Any:
        def playing(room: Rehearsal) -> Seated:
            ann = room.join("Ann")
            ann.send(Hide(amount))
            return ann

        return playing

    with pytest.raises(AssertionError):
        assert_indistinguishable(lambda: Rehearsal(Sealed()), mine(1), mine(9))


def test_cursors_are_opaque_and_not_compared() -> None:
    """One play has more hidden events than the other; the bystander's frames are the same but for the cursor."""

    def often(room: Rehearsal) -> Seated:
        ann = room.join("Ann")
        ann.send(Hide(1))
        ann.send(Hide(1))
        return room.join("Bob")

    def once(room: Rehearsal) -> Seated:
        ann = room.join("Ann")
        ann.send(Hide(1))
        return room.join("Bob")

    assert_indistinguishable(lambda: Rehearsal(Sealed()), often, once)
