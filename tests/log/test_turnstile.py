"""Everybody who waits for a commit goes through once, together."""

import pytest

from gamekeeper.log.turnstile import Turnstile


def test_all_go_in_their_order_and_once() -> None:
    turnstile, gone = Turnstile(), list[int]()
    for number in range(3):
        turnstile.wait(lambda number=number: gone.append(number))  # type: ignore[misc]
    assert gone == []
    turnstile.release()
    turnstile.release()
    assert gone == [0, 1, 2]


def test_who_comes_back_waits_for_the_next() -> None:
    turnstile, gone = Turnstile(), list[str]()

    def again() -> None:
        gone.append("again")
        turnstile.wait(again)

    turnstile.wait(again)
    turnstile.release()
    assert gone == ["again"]
    turnstile.release()
    assert gone == ["again", "again"]


def test_after_an_error_of_one_nobody_is_forgotten() -> None:
    turnstile, gone = Turnstile(), list[str]()

    def fail() -> None:
        raise ZeroDivisionError

    turnstile.wait(fail)
    turnstile.wait(lambda: gone.append("second"))
    with pytest.raises(ZeroDivisionError):
        turnstile.release()
    turnstile.release()
    assert gone == ["second"]
