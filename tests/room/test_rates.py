"""Token buckets: what is over is refused, and the refusal says when to come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import DEFAULT_RATE, Command, Rate
from gamekeeper.core.seats import PLAYER
from gamekeeper.room import rates
from gamekeeper.room.rates import Buckets


class Show(Command, by=PLAYER, rate=Rate(3, per_s=2.0)):
    pass


class Guess(Command, by=PLAYER, rate=Rate(1, per_s=60.0, code="one_guess_a_minute")):
    pass


class Plain(Command, by=PLAYER):
    pass


def refusal(buckets: Buckets, seat: int, kind: type[Command], now: float) -> Rejected | None:
    try:
        buckets.take(seat, kind, now)
    except Rejected as rejected:
        return rejected
    return None


def test_so_many_at_once_and_then_no_more() -> None:
    buckets = Buckets()
    assert [refusal(buckets, 1, Show, 0.0) for _ in range(3)] == [None] * 3
    rejected = refusal(buckets, 1, Show, 0.0)
    assert rejected is not None
    assert (rejected.code, rejected.retry_after_s) == (ErrorCode.RATE_LIMITED, 0.668)
    assert "3 in 2 s" in rejected.message


def test_a_rate_may_have_its_own_code() -> None:
    buckets = Buckets()
    buckets.take(1, Guess, 0.0)
    rejected = refusal(buckets, 1, Guess, 1.0)
    assert rejected is not None
    assert (rejected.code, rejected.retry_after_s) == ("one_guess_a_minute", 59.001)


def test_seats_and_commands_have_buckets_of_their_own() -> None:
    buckets = Buckets()
    for seat in range(3):
        buckets.take(seat, Guess, 0.0)
        buckets.take(seat, Show, 0.0)
    assert len(buckets) == 6


def test_a_command_that_names_no_rate_is_limited_too() -> None:
    buckets = Buckets()
    for _ in range(DEFAULT_RATE.count):
        buckets.take(1, Plain, 0.0)
    assert refusal(buckets, 1, Plain, 0.0) is not None


@given(st.integers(1, 50), st.floats(0.001, 3_600), st.floats(0, 2e9))
def test_who_waits_as_told_is_let_in(count: int, per_s: float, now: float) -> None:
    class Timed(Command, by=PLAYER, rate=Rate(count, per_s=per_s)):
        pass

    buckets = Buckets()
    for _ in range(count):
        buckets.take(1, Timed, now)
    rejected = refusal(buckets, 1, Timed, now)
    assert rejected is not None
    assert rejected.retry_after_s is not None
    assert refusal(buckets, 1, Timed, now + rejected.retry_after_s) is None


@given(st.lists(st.floats(0, 5), max_size=100))
def test_never_more_than_the_rate_in_any_interval(waits: list[float]) -> None:
    buckets, now, let_in = Buckets(), 0.0, list[float]()
    for wait in waits:
        now += wait
        if refusal(buckets, 1, Show, now) is None:
            let_in.append(now)
    for first, start in enumerate(let_in):
        for last in range(first, len(let_in)):
            assert last - first + 1 <= 3 + (let_in[last] - start) * 3 / 2.0 + 1e-6


def test_a_clock_that_stands_still_gives_nothing() -> None:
    buckets = Buckets()
    assert sum(refusal(buckets, 1, Show, 5.0) is None for _ in range(100)) == 3


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_BUCKETS", 10)
    buckets = Buckets()
    for seat in range(10):
        buckets.take(seat, Show, 0.0)
    buckets.take(10, Show, 100.0)
    assert len(buckets) == 1
    assert refusal(buckets, 10, Show, 100.0) is None
    assert refusal(buckets, 10, Show, 100.0) is None
    assert refusal(buckets, 10, Show, 100.0) is not None, "a bucket that is not full is kept"
