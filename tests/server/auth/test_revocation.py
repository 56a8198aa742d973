"""Credentials taken back."""

import pytest

from gamekeeper import Rejected
from gamekeeper.server.auth.identity import Identity
from gamekeeper.server.auth.revocation import Revocations


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def issued(at: float, user: str = "ann", login: str = "phone") -> Identity:
    return Identity(user, "Ann", login=login, issued_at=at)


def test_what_was_issued_before_no_longer_counts() -> None:
    revocations = Revocations(900, Clock())
    revocations.revoke("ann", 1_000.0)
    for identity in (issued(999.0), issued(1_000.0)):
        with pytest.raises(Rejected, match="revoked"):
            revocations.check(identity)
    revocations.check(issued(1_000.1))
    revocations.check(issued(999.0, user="bob", login="tablet"))


def test_one_login_ends_alone() -> None:
    revocations = Revocations(900, Clock())
    revocations.revoke("phone", 1_000.0)
    with pytest.raises(Rejected):
        revocations.check(issued(999.0))
    revocations.check(issued(999.0, login="tablet"))


def test_listeners_are_told_once() -> None:
    told: list[tuple[str, float]] = []
    revocations = Revocations(900, Clock())
    revocations.listeners.append(lambda subject, at: told.append((subject, at)))
    for _ in range(3):
        revocations.revoke("ann", 1_000.0)
    assert told == [("ann", 1_000.0)]


def test_memory_lasts_as_long_as_a_token() -> None:
    clock = Clock()
    revocations = Revocations(900, clock)
    revocations.revoke("ann", clock.now_s)
    clock.now_s += 901
    revocations.revoke("bob", clock.now_s)
    assert len(revocations) == 1


def test_when_there_is_too_much_to_remember_everybody_refreshes() -> None:
    clock = Clock()
    revocations = Revocations(900, clock, max_remembered=2)
    for number, user in enumerate(["a", "b", "c"]):
        revocations.revoke(user, clock.now_s + number)
    assert len(revocations) == 1
    with pytest.raises(Rejected):
        revocations.check(issued(clock.now_s, user="a"))
    with pytest.raises(Rejected):
        revocations.check(issued(clock.now_s, user="innocent"))
    revocations.check(issued(clock.now_s + 3, user="a"))
