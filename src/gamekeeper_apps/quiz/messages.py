"""What people in a quiz may ask for. Who may ask what stands in `rights`, so that every refusal is `not_allowed`."""

from typing import Any, Literal

from gamekeeper import HOST, PLAYER, SPECTATOR, SYSTEM, Command, Frozen, Rate, Seat
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.settings import Preset, Settings, TimeFactor

SEATED = (HOST, PLAYER, SPECTATOR)
Confidence = Literal["low", "mid", "high"]
Scope = Literal["state", "scores"]
"""What a program may read: all that the big screen sees, or the boards alone."""

ANSWERS = Rate(10, per_s=1.0, code="slow_down")
USUAL = Rate(30, per_s=1.0, code="slow_down")
NAMES = Rate(10, per_s=10.0, code="slow_down")
BULK = Rate(30, per_s=10.0, code="slow_down")


# -- player ------------------------------------------------------------------------------------------------------------


class Join(Command, by=SEATED, rate=NAMES):
    """Come (back) in under a name; what the join code gave is only a seat. `challenge`: the number on the big screen,
    where one is asked for."""

    name: str
    avatar: str = ""
    custom_id: str = ""
    challenge: str = ""


class Answer(Command, by=SEATED, rate=ANSWERS):
    """`value` as the type of the question has it; `elapsed_ms`: device time from options uncovered to tap."""

    ask: int
    value: Any
    elapsed_ms: float | None = None
    confidence: Confidence | None = None


class BeginAsk(Command, by=SEATED, rate=ANSWERS):
    """At one's own pace: open the next question. The one before it is over then."""

    ask: int


class Rename(Command, by=SEATED, rate=NAMES):
    name: str
    player: Seat | None = None


class JoinTeam(Command, by=SEATED, rate=NAMES):
    team: str
    player: Seat | None = None


class ForgetMe(Command, by=SEATED, rate=NAMES):
    pass


# -- running the gathering ---------------------------------------------------------------------------------------------


class Start(Command, by=SEATED, rate=USUAL):
    pass


class Intro(Command, by=SEATED, rate=USUAL):
    pass


class Show(Command, by=SEATED, rate=USUAL):
    """The next question of the segment, or the one at `question` (counted from 1)."""

    question: int | None = None


class Open(Command, by=SEATED, rate=USUAL):
    pass


class Close(Command, by=SEATED, rate=USUAL):
    pass


class Reveal(Command, by=SEATED, rate=USUAL):
    pass


class Board(Command, by=SEATED, rate=USUAL):
    pass


class Next(Command, by=SEATED, rate=USUAL):
    pass


class Skip(Command, by=SEATED, rate=USUAL):
    pass


class Extend(Command, by=SEATED, rate=USUAL):
    s: float


class Reopen(Command, by=SEATED, rate=USUAL):
    pass


class Pause(Command, by=SEATED, rate=USUAL):
    pass


class Resume(Command, by=SEATED, rate=USUAL):
    pass


class End(Command, by=SEATED, rate=USUAL):
    pass


class UndoEnd(Command, by=SEATED, rate=USUAL):
    pass


# -- amending ----------------------------------------------------------------------------------------------------------


class Void(Command, by=SEATED, rate=USUAL):
    ask: int


class FixKey(Command, by=SEATED, rate=BULK):
    """`key`: the question as it should have been; same type, same number of options and pairs."""

    ask: int
    key: Question


class Grade(Command, by=SEATED, rate=USUAL):
    """`f`: 0 to 1 as a decimal number in text or as a number."""

    ask: int
    player: Seat
    f: float


# -- people ------------------------------------------------------------------------------------------------------------


class Lock(Command, by=SEATED, rate=USUAL):
    pass


class Unlock(Command, by=SEATED, rate=USUAL):
    pass


class Kick(Command, by=SEATED, rate=USUAL):
    player: Seat
    ban: bool = False


class Purge(Command, by=SEATED, rate=USUAL):
    joined_last_s: float


class Approve(Command, by=SEATED, rate=USUAL):
    item: str


class Reject(Command, by=SEATED, rate=USUAL):
    item: str


class SetTimeFactor(Command, by=SEATED, rate=USUAL):
    player: Seat
    x: TimeFactor


class SetModerator(Command, by=SEATED, rate=USUAL):
    player: Seat
    on: bool = True


# -- the programme -----------------------------------------------------------------------------------------------------


class ChangeSettings(Command, by=SEATED, rate=USUAL):
    """All of them, as they shall be."""

    settings: Settings


class SetRate(Command, by=SEATED, rate=USUAL):
    """Joins a second and in one burst that this room lets in."""

    per_s: float
    burst: int


class AddSegment(Command, by=SEATED, rate=BULK):
    title: str
    questions: tuple[Question, ...] = ()
    preset: Preset | None = None
    limit_s: float | None = None
    points: int | None = None


class EditSegment(Command, by=SEATED, rate=BULK):
    """All of a segment that has not begun, as it shall be."""

    segment: int
    title: str
    questions: tuple[Question, ...] = ()
    preset: Preset | None = None
    limit_s: float | None = None
    points: int | None = None


class MoveSegment(Command, by=SEATED, rate=USUAL):
    """In the lobby: to the place `to`, counted from 1."""

    segment: int
    to: int


class SetPresenter(Command, by=SEATED, rate=USUAL):
    segment: int
    player: Seat


class HandOver(Command, by=SEATED, rate=USUAL):
    player: Seat


class SkipSegment(Command, by=SEATED, rate=USUAL):
    segment: int | None = None


class ReopenSegment(Command, by=SEATED, rate=USUAL):
    segment: int


class DrawRemix(Command, by=SEATED, rate=USUAL):
    n: int = 10
    mode: Literal["random", "hardest"] = "random"


class SkipRemix(Command, by=SEATED, rate=USUAL):
    pass


# -- overlays ----------------------------------------------------------------------------------------------------------


class MakeReadKey(Command, by=SEATED, rate=USUAL):
    """Let a program read what the big screen sees. `digest`: SHA-256 of the key, in hexadecimal."""

    id: str
    name: str
    digest: str
    scope: Scope = "state"


class RevokeReadKey(Command, by=SEATED, rate=USUAL):
    id: str


class MakeHook(Command, by=SEATED, rate=USUAL):
    """Have an address called when what the scope tells has changed. The server says whether it may be."""

    id: str
    name: str
    url: str
    scope: Scope = "state"


class RevokeHook(Command, by=SEATED, rate=USUAL):
    id: str


# -- drafts ------------------------------------------------------------------------------------------------------------


class AddTranscript(Command, by=SEATED, rate=BULK):
    segment: int
    text: str


class ApproveDraft(Command, by=SEATED, rate=USUAL):
    id: int


class EditDraft(Command, by=SEATED, rate=BULK):
    id: int
    question: Question


class RejectDraft(Command, by=SEATED, rate=USUAL):
    id: int


class Drafted(Frozen):
    """A question somebody suggests; `quote`: the words it rests on."""

    question: Question
    quote: str = ""
    confidence: float | None = None


class TakeDrafts(Command, by=SYSTEM):
    """What a drafter made of a segment's transcript, or why it made nothing."""

    segment: int
    drafts: tuple[Drafted, ...] = ()
    declined: str = ""


Wish = (
    Join | Answer | BeginAsk
    | Rename | JoinTeam | ForgetMe | Start | Intro | Show | Open | Close | Reveal | Board | Next | Skip
    | Extend | Reopen | Pause | Resume | End | UndoEnd | Void | FixKey | Grade | Lock | Unlock | Kick | Purge | Approve
    | Reject | SetTimeFactor | SetModerator | ChangeSettings | SetRate | AddSegment | SetPresenter | HandOver
    | SkipSegment | ReopenSegment | DrawRemix | SkipRemix | AddTranscript | ApproveDraft | EditDraft | RejectDraft
    | EditSegment | MoveSegment | TakeDrafts | MakeReadKey | RevokeReadKey | MakeHook
    | RevokeHook
)  # fmt: skip
