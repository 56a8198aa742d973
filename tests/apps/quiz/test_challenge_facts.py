"""What the log says about the door concerns nobody but whoever stands at it."""

from datetime import UTC, datetime

from gamekeeper import Seat
from gamekeeper_apps.quiz.challenge_facts import ChallengeDrawn, ChallengeFailed, ChallengePassed, Knocked
from gamekeeper_apps.quiz.state import Room

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_only_who_stands_at_the_door_sees_a_change() -> None:
    for event in (Knocked(Seat(3)), ChallengeFailed(Seat(3), NOW), ChallengePassed(Seat(3))):
        assert tuple(type(event).__touches__(event, Room())) == (3,)
    drawn = ChallengeDrawn(("123456",), NOW)
    assert tuple(type(drawn).__touches__(drawn, Room())) == ()
