"""Who is watching, and what a commit changes for them."""

from typing import Any

import pytest
from msgspec import UNSET, Raw

from gamekeeper.core.messages import View
from gamekeeper.core.seats import HOST, PLAYER, SPECTATOR, Role, Seat
from gamekeeper.room.audience import Audience
from tests.room.kit import Added, Hidden, Noticed, Public, Sum, Sums, Watching


class Dash(View):
    total: int
    role: Role


class Shared(Sum):
    """Has something for hosts and players besides, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def public(self, state: Sums) -> Any:
        self.asked.append(("public", None))
        return super().public(state)

    def shared(self, state: Sums, role: Role) -> Any:
        self.asked.append(("shared", role))
        return Dash(state.total, role) if role is not SPECTATOR else None

    def private(self, state: Sums, seat: Seat) -> Any:
        self.asked.append(("private", seat))
        return super().private(state, seat)


def test_a_newcomer_sees_all_that_is_theirs() -> None:
    audience = Audience(Shared())
    state = Sums(total=7)
    assert audience.add(Watching(1, PLAYER), state) == (Public(7, 0), Dash(7, PLAYER), {"hidden": 0})
    assert audience.add(Watching(0, SPECTATOR), state) == (Public(7, 0), None, None)


def test_newcomers_get_the_very_objects_others_were_shown() -> None:
    audience = Audience(Shared())
    one, other = Watching(1, PLAYER), Watching(1, PLAYER)
    first, second = audience.add(one, Sums()), audience.add(other, Sums())
    assert all(mine is theirs for mine, theirs in zip(first, second, strict=True))
    assert audience.views(one) == first


def test_nothing_is_computed_for_nobody() -> None:
    game = Shared()
    audience = Audience(game)
    assert audience.public_change(Sums(total=1)) is UNSET
    assert audience.roles == []
    assert list(audience.touched([Added(Seat(1), 1), Noticed("x")], Sums())) == []
    assert game.asked == []


def test_a_hundred_viewers_cost_one_computation() -> None:
    game = Shared()
    audience = Audience(game)
    for _ in range(100):
        audience.add(Watching(0, SPECTATOR), Sums())
    game.asked.clear()
    assert audience.public_change(Sums(total=1)) == {"total": [1]}
    assert [audience.shared_change(Sums(total=1), role) for role in audience.roles] == [UNSET]
    assert game.asked == [("public", None), ("shared", SPECTATOR)]


def test_changes_are_told_once() -> None:
    audience = Audience(Shared())
    audience.add(Watching(1, PLAYER), Sums())
    state = Sums(total=3).__class__(total=3, hidden=Sums().hidden.set(Seat(1), 4))
    assert audience.public_change(state) == {"total": [3]}
    assert audience.public_change(state) is UNSET
    assert audience.shared_change(state, PLAYER) == {"total": [3]}
    assert audience.shared_change(state, PLAYER) is UNSET
    assert audience.private_change(state, Seat(1)) == {"hidden": [4]}
    assert audience.private_change(state, Seat(1)) is UNSET


@pytest.mark.parametrize(
    ("events", "seats"),
    [
        ([Added(Seat(1), 1)], []),
        ([Hidden(Seat(1), 1)], [1]),
        ([Hidden(Seat(9), 1)], []),
        ([Hidden(Seat(1), 1), Hidden(Seat(2), 1), Hidden(Seat(1), 2)], [1, 2]),
    ],
)
def test_only_watched_seats_that_an_event_touches(events: list[Any], seats: list[int]) -> None:
    audience = Audience(Sum())
    for seat in (1, 2, 3):
        audience.add(Watching(seat, PLAYER), Sums())
    assert sorted(audience.touched(events, Sums())) == seats


def test_an_event_that_does_not_say_touches_all_who_watch() -> None:
    class Everywhere(Hidden):
        pass

    audience = Audience(Sum())
    for seat in (1, 2):
        audience.add(Watching(seat, PLAYER), Sums())
    assert list(audience.touched([Everywhere(Seat(1), 1)], Sums())) == [1, 2]


def test_a_game_without_views_is_never_asked() -> None:
    class Silent(Sum):
        public = Sum.__mro__[1].public
        private = Sum.__mro__[1].private

    audience = Audience(Silent())
    assert audience.add(Watching(1, PLAYER), Sums()) == (None, None, None)
    assert audience.public_change(Sums(total=1)) is UNSET
    assert audience.roles == []
    assert list(audience.touched([Hidden(Seat(1), 1)], Sums())) == []


def test_who_leaves_is_forgotten_with_what_only_they_saw() -> None:
    game = Shared()
    audience = Audience(game)
    host, ann, also_ann, bob = Watching(1, HOST), Watching(2, PLAYER), Watching(2, PLAYER), Watching(3, PLAYER)
    for viewer in (host, ann, also_ann, bob):
        audience.add(viewer, Sums())
    assert audience.at_seat(Seat(2)) == [ann, also_ann]
    audience.remove(ann)
    assert audience.at_seat(Seat(2)) == [also_ann]
    audience.remove(also_ann)
    audience.remove(also_ann)
    assert audience.at_seat(Seat(2)) == []
    audience.remove(host)
    assert audience.roles == [PLAYER]
    assert list(audience.viewers) == [bob]
    audience.remove(bob)
    assert audience.views(bob) == (None, None, None), "the last one out turns off the light"


def test_after_everybody_left_a_newcomer_sees_the_present() -> None:
    audience = Audience(Shared())
    ann = Watching(1, PLAYER)
    audience.add(ann, Sums(total=1))
    audience.remove(ann)
    assert audience.add(ann, Sums(total=9)) == (Public(9, 0), Dash(9, PLAYER), {"hidden": 0})


def test_a_view_made_elsewhere_is_shown_once_it_is_adopted() -> None:
    audience = Audience(Shared())
    ann = Watching(1, PLAYER)
    audience.add(ann, Sums())
    refreshed = audience.refreshed(Sums(total=3), PLAYER)
    assert refreshed.change == Raw(b'{"total":[3]}')
    assert audience.views(ann)[1] == Dash(0, PLAYER)
    audience.adopt(PLAYER, refreshed.view)
    assert audience.views(ann)[1] == Dash(3, PLAYER)
    assert audience.refreshed(Sums(total=3), PLAYER).change is UNSET


def test_what_is_kept_stays_when_nobody_looks() -> None:
    game = Shared()
    audience = Audience(game)
    ann = Watching(1, PLAYER)
    audience.add(ann, Sums(total=1))
    audience.keep(PLAYER)
    audience.remove(ann)
    game.asked.clear()
    assert audience.roles == []
    assert audience.add(Watching(2, PLAYER), Sums(total=2))[1] == Dash(1, PLAYER)
    assert ("shared", PLAYER) not in game.asked


def test_what_a_role_costs_is_known() -> None:
    spent = iter([1.0, 1.5, 3.0, 3.25])
    audience = Audience(Shared(), lambda: next(spent))
    audience.add(Watching(1, PLAYER), Sums())
    assert audience.spent_s == {PLAYER: 0.5}
    audience.shared_change(Sums(), PLAYER)
    assert audience.spent_s == {PLAYER: 0.25}
