"""What is written down about the challenge at the door."""

from datetime import datetime

from gamekeeper import Event, Seat


class ChallengeDrawn(Event, touches=()):
    """One number after the other, each for 20 seconds from `since`."""

    numbers: tuple[str, ...]
    since: datetime


class Knocked(Event, touches="player"):
    player: Seat


class ChallengeFailed(Event, touches="player"):
    """`until`: when the number that was asked for goes, and its tries with it."""

    player: Seat
    until: datetime


class ChallengePassed(Event, touches="player"):
    player: Seat
