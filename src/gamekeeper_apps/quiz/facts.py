"""What happens in a quiz: written down for ever. Times are UTC; durations end in `_ms`."""

from datetime import datetime
from typing import Any, Literal

from gamekeeper import Event, Seat
from gamekeeper_apps.quiz import touching
from gamekeeper_apps.quiz.challenge_facts import ChallengeDrawn, ChallengeFailed, ChallengePassed, Knocked
from gamekeeper_apps.quiz.messages import Confidence
from gamekeeper_apps.quiz.overlay_facts import HookMade, HookRevoked, ReadKeyMade, ReadKeyRevoked
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import Preset, Settings, TimeFactor

Phase = Literal[
    "lobby", "intro", "shown", "open", "closed", "revealed", "board", "segment_done", "remix_ready", "ended"
]
Cause = Literal["time", "all", "host", "skipped"]
PauseReason = Literal["host", "presenter_lost", "no_players", "server_restart"]


class GatheringCreated(Event, touches=(), version=3, upcast={1: touching.as_it_was, 2: touching.as_it_was}):
    title: str
    settings: Settings
    at: datetime


class SettingsChanged(Event, touches=(), version=3, upcast={1: touching.as_it_was, 2: touching.as_it_was}):
    settings: Settings


class RateSet(Event, touches=()):
    per_s: float
    burst: int


class SegmentAdded(Event, touches=()):
    segment: int
    title: str
    preset: Preset | None = None
    limit_s: float | None = None
    points: int | None = None


class QuizLoaded(Event, touches=touching.orders_touched):
    """The frozen copy that is played; `hash` is SHA-256 of its JSON."""

    segment: int
    quiz: tuple[Question, ...]
    hash: str


class SegmentEdited(Event, touches=()):
    segment: int
    title: str
    preset: Preset | None = None
    limit_s: float | None = None
    points: int | None = None


class SegmentsArranged(Event):
    """`order`: the old numbers in their new order."""

    order: tuple[int, ...]


class PresenterSet(Event):
    segment: int
    player: Seat


class HandedOver(Event):
    segment: int
    player: Seat


class PlayerJoined(Event, touches=touching.moderators_touched, personal=("name",), person="player"):
    """`late_from`: the first ask that may be answered, None: from the start. `pending`: the name awaits approval."""

    player: Seat
    name: str
    at: datetime
    late_from: int | None = None
    pending: bool = False
    item: str = ""


class PlayerIntroduced(Event, touches="player", personal=("avatar", "custom_id"), person="player"):
    player: Seat
    avatar: str
    custom_id: str


class PlayerRenamed(Event, touches=touching.names_touched, personal=("name",), person="player"):
    player: Seat
    name: str
    pending: bool = False
    item: str = ""


class PlayerRemoved(Event, touches=touching.names_touched):
    player: Seat
    ban: bool
    cause: Literal["kicked", "purged", "left"] = "kicked"


class PlayerForgotten(Event, forgets="player"):
    player: Seat


class PlayerConnected(Event, touches=()):
    player: Seat


class PlayerAway(Event, touches=()):
    player: Seat
    at: datetime


class TeamJoined(Event, touches="player"):
    player: Seat
    team: str


class TimeFactorSet(Event, touches="player"):
    player: Seat
    x: TimeFactor


class ModeratorSet(Event, touches="player"):
    player: Seat
    on: bool


class Locked(Event, touches=()):
    at: datetime


class Unlocked(Event, touches=()):
    pass


class PhaseChanged(Event, touches=touching.orders_touched):
    """`due_at`: when `auto` goes on by itself."""

    phase: Phase
    at: datetime
    segment: int | None = None


class QuestionShown(Event, touches=touching.orders_touched):
    """`order`: the options as they stand on the screen, as positions in the question; `oids` in the same order. For
    matches `rights` are the oids of the right column. `seed`: of the order per seat, where seats have their own."""

    ask: int
    segment: int
    question: int
    oids: tuple[str, ...]
    order: tuple[int, ...]
    options_at: datetime
    opens_at: datetime
    closes_at: datetime | None
    limit_ms: int
    points: int
    preset: Preset
    rights: tuple[str, ...] = ()
    right_order: tuple[int, ...] = ()
    seed: str = ""


class QuestionSkipped(Event, touches=()):
    """One that was not put at all."""

    segment: int
    question: int


class QuestionOpened(Event, touches=touching.orders_touched):
    """Earlier than planned: the host did not wait for the reading time."""

    ask: int
    opens_at: datetime
    closes_at: datetime | None


class Answered(Event, touches=touching.answer_touched):
    ask: int
    player: Seat
    value: Any
    raw_ms: int
    credited_ms: int
    credit_ms: int
    command_id: str
    accepted_at: datetime
    confidence: Confidence | None = None
    was_online: bool = True


class Closed(Event, touches=()):
    ask: int
    cause: Cause
    at: datetime


class Overtime(Event, touches=()):
    """Seats with extra time are still at it. `until` None: until the host closes."""

    ask: int
    until: datetime | None


class RevealAsked(Event, touches=()):
    """Answers that were under way at the close are waited for."""

    ask: int
    due_at: datetime


class Revealed(Event):
    ask: int
    at: datetime


class PacedStarted(Event):
    """From now on everybody goes through the questions alone."""

    at: datetime


class AskBegun(Event, touches="player"):
    """Somebody opened the next question; those before it are over for that player."""

    ask: int
    player: Seat
    opens_at: datetime


class PacedStood(Event):
    """The server was away: nobody's time ran."""

    since: datetime
    until: datetime


class PacedClosed(Event):
    """The deadline, or the host's end: every question is closed and told."""

    at: datetime


class Graded(Event):
    ask: int
    player: Seat
    f: float


class Voided(Event):
    ask: int


class KeyFixed(Event):
    ask: int
    question: Question


class Paused(Event, touches=()):
    reason: PauseReason
    at: datetime


class Resumed(Event, touches=()):
    at: datetime


class ResumeDue(Event, touches=()):
    """The pause ends by itself then."""

    at: datetime


class Extended(Event, touches=()):
    ask: int
    s: float
    closes_at: datetime


class Reopened(Event, touches=()):
    ask: int
    closes_at: datetime | None


class SegmentCompleted(Event, touches=touching.orders_touched):
    segment: int


class SegmentSkipped(Event, touches=touching.orders_touched):
    segment: int


class SegmentReopened(Event, touches=touching.orders_touched):
    segment: int


class RemixDrawn(Event, touches=touching.orders_touched):
    """`questions`: (segment, position) of each, both counted from 1, in the order they will be asked."""

    seed: str
    mode: str
    segment: int
    questions: tuple[tuple[int, int], ...]
    at: datetime


class RemixSkipped(Event, touches=()):
    pass


class TextJudged(Event, touches=touching.names_touched):
    """A name or a text was let through or not."""

    item: str
    approved: bool
    by: Seat


class TranscriptAdded(Event, touches=()):
    segment: int
    text: str


class Drafted(Event, touches=touching.presenters_touched):
    segment: int
    id: int
    question: Question
    quote: str
    confidence: float | None = None


class DraftingDeclined(Event, touches=touching.presenters_touched):
    segment: int
    reason: str


class DraftEdited(Event, touches=touching.presenters_touched):
    id: int
    question: Question


class DraftApproved(Event, touches=touching.orders_touched):
    id: int
    by: Seat


class DraftRejected(Event, touches=touching.presenters_touched):
    id: int
    by: Seat


class HostLost(Event, touches=()):
    at: datetime


class HostBack(Event, touches=()):
    pass


class Ended(Event, touches=()):
    at: datetime


class EndUndone(Event, touches=()):
    pass


class Sealed(Event, touches=()):
    at: datetime


Fact = (
    GatheringCreated | SettingsChanged | RateSet | SegmentAdded | QuizLoaded | PresenterSet | HandedOver
    | PlayerJoined | PlayerIntroduced | PlayerRenamed | PlayerRemoved | PlayerForgotten | PlayerConnected
    | PlayerAway | TeamJoined | TimeFactorSet | ModeratorSet | Locked | Unlocked | PhaseChanged | QuestionShown
    | QuestionSkipped | QuestionOpened | Answered | Closed | Overtime | RevealAsked | Revealed | Graded | Voided
    | KeyFixed | Paused | Resumed | ResumeDue | Extended | Reopened | SegmentCompleted | SegmentSkipped
    | SegmentEdited | SegmentsArranged | SegmentReopened | RemixDrawn | RemixSkipped | TextJudged | TranscriptAdded
    | Drafted | DraftingDeclined
    | PacedStarted | AskBegun | PacedStood | PacedClosed
    | DraftEdited | DraftApproved | DraftRejected | HostLost | HostBack | Ended | EndUndone | Sealed | ReadKeyMade
    | ReadKeyRevoked | HookMade | HookRevoked | ChallengeDrawn | Knocked | ChallengeFailed | ChallengePassed
)  # fmt: skip
