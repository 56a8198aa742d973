"""What the host fixes before a gathering begins. Times in seconds unless a name says otherwise."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from gamekeeper import Frozen, Rejected

Preset = Literal["kahoot", "linear", "flat", "off"]
Shuffle = Literal["off", "room", "seat"]
TimeFactor = Literal["1", "1.5", "2", "off"]
Moment = Annotated[datetime, Meta(tz=True)]

MAX_PLAYERS = 2_000
MAX_SEGMENTS = 50
MAX_QUESTIONS = 500
MIN_LIMIT_S, MAX_LIMIT_S = 5.0, 300.0
MAX_POINTS = 10_000
MAX_PRE_READ_S = 30.0
MIN_LEAD_MS, MAX_LEAD_MS = 400, 1_000
MAX_PENALTY = 10_000
MAX_TEAMS = 50
MAX_TITLE_CHARACTERS = 200
MAX_ATTEMPTS = 10


class Settings(Frozen):
    """The rules of one gathering. Those named in `SCORING` may change in the lobby only."""

    preset: Preset = "kahoot"
    limit_s: float = 20.0
    points: int = 1_000
    pre_read_s: float = 3.0
    lead_ms: int = 800
    advance: Literal["manual", "auto"] = "manual"
    close_when_all: bool = True
    shuffle: Shuffle = "off"
    allow_change: bool = False
    untimed: bool = False
    penalty: int = 0
    floor: Literal["zero", "none"] = "zero"
    streak: bool = False
    streak_cap: int = 500
    tiebreak: Literal["none", "time"] = "none"
    confidence: bool = False
    teams: tuple[str, ...] = ()
    team_score: Literal["mean", "sum", "best"] = "mean"
    team_best: int = 3
    team_talk_s: float = 0.0
    presenter_credit: Literal["none", "average"] = "none"
    on_host_loss: Literal["continue", "pause"] = "continue"
    remix: bool | None = None
    """None: on with two segments or more."""
    challenge: bool = False
    """Who comes in has to show that they see the big screen: by a number on it, another one every 20 seconds."""
    approve_names: bool = False
    moderate_texts: bool = True
    name_filter: Literal["off", "moderate", "strict"] = "moderate"
    max_players: int = MAX_PLAYERS
    host_plays: bool = False
    mode: Literal["live", "self_paced"] = "live"
    """`self_paced`: everybody goes through the questions alone, until the deadline or until the host ends it."""
    deadline: Moment | None = None
    attempts: int = 1
    """How often a question may be answered at one's own pace; the last answer counts."""
    feedback: Literal["at_once", "at_end"] = "at_once"
    """When one's own result is told at one's own pace."""
    buttons_only: bool = False
    """Phones show shapes, colours and letters; what is asked stands on the big screen alone."""


SCORING = frozenset(
    [
        "preset",
        "limit_s",
        "points",
        "untimed",
        "penalty",
        "floor",
        "streak",
        "streak_cap",
        "tiebreak",
        "confidence",
        "teams",
        "team_score",
        "team_best",
        "presenter_credit",
        "host_plays",
        "shuffle",
        "mode",
        "attempts",
        "feedback",
    ]
)

_RANGES: dict[str, tuple[float, float]] = {
    "limit_s": (MIN_LIMIT_S, MAX_LIMIT_S),
    "points": (0, MAX_POINTS),
    "pre_read_s": (0, MAX_PRE_READ_S),
    "lead_ms": (MIN_LEAD_MS, MAX_LEAD_MS),
    "penalty": (0, MAX_PENALTY),
    "streak_cap": (0, 500),
    "team_best": (1, MAX_PLAYERS),
    "team_talk_s": (0, 30),
    "max_players": (1, MAX_PLAYERS),
    "attempts": (1, MAX_ATTEMPTS),
}


def checked(settings: Settings) -> Settings:
    """The same settings. Raises `Rejected("bad_value")` naming the field that is out of its range."""
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(settings, name) <= most:
            raise Rejected("bad_value", f"{least:g} to {most:g}", field=name)
    if len(settings.teams) > MAX_TEAMS or any(not 1 <= len(team) <= 40 for team in settings.teams):
        raise Rejected("bad_value", f"at most {MAX_TEAMS} teams of 1 to 40 characters", field="teams")
    return settings
