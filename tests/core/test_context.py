"""Time and chance, as the rules get them."""

from datetime import UTC, datetime, timedelta
from random import SystemRandom

from hypothesis import example, given
from hypothesis import strategies as st

from gamekeeper.core.context import Context, moment, seeded_stream
from gamekeeper.core.seats import PLAYER, Seat

AT = 1_767_225_600_123_456


def context(seed: str | None = "seed", seq: int = 7) -> Context:
    return Context(Seat(2), PLAYER, "ann", AT, seq, seed)


def test_now_is_the_time_of_the_command() -> None:
    ctx = context()
    assert ctx.now == datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC)
    assert ctx.after(seconds=1.5) - ctx.now == timedelta(seconds=1.5)


def test_an_unseeded_room_draws_from_the_operating_system() -> None:
    ctx = context(seed=None)
    assert isinstance(ctx.rng, SystemRandom)
    assert isinstance(ctx.stream("deck"), SystemRandom)
    assert not ctx.seeded


def test_a_seeded_room_draws_the_same_again() -> None:
    assert context().seeded
    assert [context().rng.random() for _ in range(3)] == [context().rng.random()] * 3
    assert context().rng.random() != context(seq=8).rng.random()
    assert context().rng.random() != context(seed="other").rng.random()


def test_a_command_draws_on() -> None:
    """Two dice of one command are two dice."""
    ctx, rng = context(), context().rng
    assert [ctx.rng.random(), ctx.rng.random()] == [rng.random(), rng.random()]
    assert len({ctx.rng.random() for _ in range(100)}) == 100


def test_streams_do_not_depend_on_the_order_of_commands() -> None:
    early, late = context(seq=1), context(seq=100)
    assert early.stream("ann", 3).random() == late.stream("ann", 3).random()
    assert early.stream("ann", 3).random() != early.stream("bob", 3).random()


def test_a_stream_keyed_by_a_number_is_not_the_commands_own() -> None:
    assert context(seq=7).stream(7).random() != context(seq=7).rng.random()


@given(st.lists(st.text(max_size=4), max_size=3), st.lists(st.text(max_size=4), max_size=3))
@example(["a", "b"], ["a\x1fb"])
@example(["1:a"], ["", "a"])
def test_other_keys_draw_otherwise(one: list[str], other: list[str]) -> None:
    same = seeded_stream("seed", *one).getrandbits(128) == seeded_stream("seed", *other).getrandbits(128)
    assert same == (one == other)


def test_seeded_streams_are_for_ever() -> None:
    """A seeded room must draw the same in every later version: this number may never change."""
    assert seeded_stream("seed", "deck", 3).getrandbits(64) == 980_817_313_042_654_782


@given(st.integers(-(2**50), 2**53))
def test_moments_are_exact(at: int) -> None:
    assert (moment(at) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == at
