"""What a gathering is: its programme, its players, the question that is on; nothing here knows how to change."""

from datetime import datetime
from typing import Any, Literal

from gamekeeper import Config, Frozen, Map, Seat, State
from gamekeeper_apps.quiz.facts import Cause, PauseReason
from gamekeeper_apps.quiz.facts import Phase as LivePhase
from gamekeeper_apps.quiz.messages import Confidence, Scope
from gamekeeper_apps.quiz.pictures import Picture
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import Preset, Settings, TimeFactor

Phase = LivePhase | Literal["paced"]
"""`paced`: there is no question that is on; everybody has an own one."""
SegmentStatus = Literal["planned", "presenting", "ready", "quizzing", "done", "skipped"]


HOST_SEAT = Seat(1)
"""Who opened the room."""


class QuizConfig(Config):
    """What a room is opened with; questions come with `add_segment`."""

    title: str = ""
    settings: Settings = Settings()


class Given(Frozen):
    """One stored answer. `raw_ms` from opening, pauses taken out; `credited_ms` is what scoring uses."""

    value: Any
    raw_ms: int
    credited_ms: int
    confidence: Confidence | None = None
    attempt: int = 1


class Result(Frozen):
    """What an answer was worth. `f` in millionths (rounded); `points` with everything but the streak's `bonus`."""

    f: int
    points: int
    bonus: int
    credited_ms: int | None


class Turn(Frozen):
    """At one's own pace: the question one is at, and since when."""

    ask: int
    opens_at: datetime


class Player(Frozen):
    """One who plays, or played. Totals are raw sums; what is shown is never below 0 unless the floor says so."""

    seat: Seat
    name: str
    joined_at: datetime
    avatar: str = ""
    custom_id: str = ""
    late_from: int | None = None
    online: bool = False
    away_since: datetime | None = None
    pending: bool = False
    removed: bool = False
    banned: bool = False
    forgotten: bool = False
    factor: TimeFactor = "1"
    team: str = ""
    answers: Map[int, Given] = Map()
    turn: Turn | None = None
    last: int | None = None
    """The ask answered last."""
    results: Map[int, Result] = Map()
    grades: Map[int, float] = Map()
    score: int = 0
    by_segment: Map[int, int] = Map()
    streak: int = 0
    right_ms: int = 0
    rank: int | None = None
    place: int | None = None

    @property
    def active(self) -> bool:
        return not self.removed and not self.forgotten


class Text(Frozen):
    """One entry of a word cloud or an open question, merged with those that read the same. `approved` None: waits."""

    shown: str
    count: int
    approved: bool | None
    item: str


class Ask(Frozen):
    """One putting of one question. `question` is replaced by a fixed key; `counts` are there once it is revealed."""

    id: int
    segment: int
    number: int
    """Its question's place in the segment, from 1."""
    question: Question
    oids: tuple[str, ...]
    order: tuple[int, ...]
    rights: tuple[str, ...]
    right_order: tuple[int, ...]
    seed: str
    options_at: datetime
    opens_at: datetime
    closes_at: datetime | None
    limit_ms: int
    points: int
    preset: Preset
    presenters: tuple[Seat, ...] = ()
    """Whose question it is, while it is on: they do not answer it."""
    paused_us: int = 0
    reopened: bool = False
    """Answers from then on are scored as at t = T."""
    overtime: bool = False
    overtime_until: datetime | None = None
    answered: int = 0
    answered_online: int = 0
    closed: Cause | None = None
    closed_at: datetime | None = None
    reveal_due: datetime | None = None
    revealed: bool = False
    void: bool = False
    counts: Map[str, int] = Map()
    texts: Map[str, Text] = Map()
    pictures: tuple[Picture, ...] = ()
    counted_at: datetime | None = None
    """When whoever presents was told last how many have answered."""
    mean_f: float | None = None
    """Over those who answered."""


class Segment(Frozen):
    """A part of the gathering. `presenters` in order; the last one set or handed over to speaks."""

    number: int
    title: str
    questions: tuple[Question, ...] = ()
    hash: str = ""
    status: SegmentStatus = "planned"
    asked: int = 0
    presenters: tuple[Seat, ...] = ()
    preset: Preset | None = None
    limit_s: float | None = None
    points: int | None = None
    remix_of: tuple[tuple[int, int], ...] | None = None

    @property
    def presenter(self) -> Seat | None:
        return self.presenters[-1] if self.presenters else None


class Item(Frozen):
    """Something that waits for a moderator: `name:SEAT` or `text:ASK:NUMBER`."""

    item: str
    text: str

    @property
    def order(self) -> tuple[str, ...]:
        """Names first, then texts by ask and number."""
        return tuple(part.zfill(8) for part in self.item.split(":"))


class Draft(Frozen):
    id: int
    segment: int
    question: Question
    quote: str
    confidence: float | None


class ReadKey(Frozen):
    """Lets a program read what the big screen sees."""

    id: str
    name: str
    digest: str
    at: datetime
    scope: Scope = "state"


class Hook(Frozen):
    """An address that is called when what the scope tells has changed."""

    id: str
    name: str
    url: str
    scope: Scope
    at: datetime


class Challenge(Frozen):
    """The numbers on the big screen, each for 20 seconds."""

    numbers: tuple[str, ...]
    since: datetime


class Knock(Frozen):
    """Somebody at the door, and how often they were wrong with the number that goes at `until`."""

    wrong: int = 0
    until: datetime | None = None


class PauseNow(Frozen):
    reason: PauseReason
    at: datetime
    resume_at: datetime | None = None


class Room(State):
    """Everything. `ask` is the question that is on, from `shown` to the board; `asks` are all before it, and it too
    once it has been revealed or skipped."""

    title: str = ""
    settings: Settings = Settings()
    created_at: datetime | None = None
    phase: Phase = "lobby"
    phase_at: datetime | None = None
    phase_before_end: Phase = "lobby"
    segments: tuple[Segment, ...] = ()
    current: int | None = None
    ask: Ask | None = None
    asks: Map[int, Ask] = Map()
    ask_count: int = 0
    stood: tuple[tuple[datetime, datetime], ...] = ()
    """While everybody goes at the own pace: when nobody's time ran."""
    told: int | None = None
    """The ask whose answer was told last."""
    entered: int = 0
    """Players who are in, present or not."""
    players: Map[Seat, Player] = Map()
    names: Map[str, Seat] = Map()
    gathered: int = 0
    """Players who were in when the lobby was left, or are by now."""
    ranking: tuple[Seat, ...] = ()
    shown_ranking: tuple[tuple[int, str, int], ...] = ()
    """The top 10 as the board shows them: (rank, name, score)."""
    shown_segment: tuple[tuple[int, str, int], ...] = ()
    """The same of the segment that is on, from its end."""
    credited: tuple[str, ...] = ()
    """Who of the top 10 was given points for an own segment."""
    online: int = 0
    """Players who are counted on to answer."""
    pause: PauseNow | None = None
    host_away: datetime | None = None
    presenter_away: datetime | None = None
    empty_since: datetime | None = None
    locked_at: datetime | None = None
    moderators: tuple[Seat, ...] = ()
    presenters_ever: tuple[Seat, ...] = ()
    queue: Map[str, Item] = Map()
    extra_time: Map[Seat, TimeFactor] = Map()
    drafts: Map[int, Draft] = Map()
    draft_count: int = 0
    transcripts: Map[int, str] = Map()
    read_keys: Map[str, ReadKey] = Map()
    hooks: Map[str, Hook] = Map()
    challenge: Challenge | None = None
    knocks: Map[Seat, Knock] = Map()
    join_per_s: float = 10.0
    join_burst: int = 60
    join_tokens: float = 60.0
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    sealed: bool = False

    @property
    def segment(self) -> Segment | None:
        """The one that is on."""
        return self.segments[self.current - 1] if self.current is not None else None

    @property
    def remix_wanted(self) -> bool:
        wanted = self.settings.remix
        plain = sum(1 for segment in self.segments if segment.remix_of is None)
        return plain >= 2 if wanted is None else wanted

    def presents(self, seat: Seat, segment: int | None = None) -> bool:
        """Whether the seat presents a segment (None: the one that is on; in the lobby any)."""
        number = segment if segment is not None else self.current
        if number is None:
            return seat in self.presenters_ever
        return seat in self.segments[number - 1].presenters

    def presenters_of(self, segment: int, question: int) -> tuple[Seat, ...]:
        """Whose question it is: those of its segment, in the remix those of the segment it came from."""
        origin = self.segments[segment - 1].remix_of
        return self.segments[(origin[question - 1][0] if origin is not None else segment) - 1].presenters
