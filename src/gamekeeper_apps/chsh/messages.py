"""What hosts and players of a Bell game may ask for, and what happens then."""

from datetime import datetime
from typing import Any, Literal

from gamekeeper import HOST, PLAYER, Command, Event, Frozen, Rate, Seat
from gamekeeper_apps.chsh.cells import Answer as Side
from gamekeeper_apps.chsh.cells import ModeName
from gamekeeper_apps.chsh.device import DeviceKind
from gamekeeper_apps.chsh.schedule import ScheduleName

Feedback = Literal["full", "result", "none"]
Source = Literal["system", "committed", "seeded", "imported"]
Absent = Literal["wait", "bot", "close"]

MAX_PLANNED_ROUNDS = 100_000
MIN_DEADLINE_S, MAX_DEADLINE_S = 5.0, 300.0
ANSWER_RATE = Rate(10, per_s=1.0, code="too_fast")


class Plan(Frozen):
    """What is fixed for the life of a run. `planned_rounds` None: not declared; `deadline_s` None: no limit."""

    mode: ModeName = "chsh"
    schedule: ScheduleName = "iid"
    device: DeviceKind = "off"
    visibility: float = 1.0
    free_angle: bool = False
    answer_is_outcome: bool = False
    planned_rounds: int | None = 40
    time_limit_s: float | None = None
    deadline_s: float | None = 30.0
    feedback: Feedback = "full"
    feedback_pause_s: float = 1.5
    theme: str = "classic"
    condition: str = ""


class Policy(Frozen):
    """How the host wants the room run."""

    auto_pair: bool = True
    seat_hold_s: float = 60.0
    absent: Absent = "wait"
    show_names: bool = True
    anonymous: bool = False


# -- host --------------------------------------------------------------------------------------------------------------


class OpenRun(Command, by=HOST):
    mode: ModeName = "chsh"
    schedule: ScheduleName = "iid"
    device: DeviceKind = "off"
    visibility: float = 1.0
    free_angle: bool = False
    answer_is_outcome: bool = False
    planned_rounds: int | None = 40
    time_limit_s: float | None = None
    deadline_s: float | None = 30.0
    feedback: Feedback = "full"
    feedback_pause_s: float = 1.5
    theme: str = "classic"
    condition: str = ""
    committed: bool = False


class StartRun(Command, by=HOST):
    run: int | None = None


class PauseRun(Command, by=HOST):
    run: int | None = None


class ResumeRun(Command, by=HOST):
    run: int | None = None


class EndRun(Command, by=HOST):
    run: int | None = None


class ArchiveRun(Command, by=HOST):
    run: int | None = None


class SetDevice(Command, by=HOST):
    device: DeviceKind
    visibility: float = 1.0
    free_angle: bool = False
    answer_is_outcome: bool = False


class FormPairs(Command, by=HOST):
    pairs: tuple[tuple[Seat, Seat], ...] | None = None


class ClosePair(Command, by=HOST):
    pair: int


class ResetSeat(Command, by=HOST):
    seat: Seat


class RemovePlayer(Command, by=HOST):
    seat: Seat


class SeatBot(Command, by=HOST):
    pair: int
    position: Literal[1, 2]
    strategy: Literal["random", "classical", "classical-mix", "quantum", "pr-box"] = "classical"


class AnonymiseNames(Command, by=HOST):
    on: bool = True


class SetPolicy(Command, by=HOST):
    auto_pair: bool | None = None
    seat_hold_s: float | None = None
    absent: Absent | None = None
    show_names: bool | None = None


class OpenTables(Command, by=HOST):
    open: bool = True


class ImportTable(Command, by=HOST):
    title: str
    csv: str


# -- player ------------------------------------------------------------------------------------------------------------


class JoinRoom(Command, by=PLAYER):
    name: str
    label: str | None = None


class ChoosePartner(Command, by=PLAYER):
    pair_code: str


class BeReady(Command, by=PLAYER):
    run: int
    round: int


class Measure(Command, by=PLAYER, rate=ANSWER_RATE):
    run: int
    round: int
    angle: float | None = None


class Answer(Command, by=PLAYER, rate=ANSWER_RATE):
    run: int
    round: int
    answer: Any = None


Wish = (
    OpenRun | StartRun | PauseRun | ResumeRun | EndRun | ArchiveRun | SetDevice | FormPairs | ClosePair | ResetSeat
    | RemovePlayer | SeatBot | AnonymiseNames | SetPolicy | OpenTables | ImportTable | JoinRoom | ChoosePartner
    | BeReady | Measure | Answer
)  # fmt: skip


# -- what happened -----------------------------------------------------------------------------------------------------


def seats_of_pair(event: Any, state: Any) -> tuple[Seat, ...]:
    """Whose private view an event of a pair may change."""
    pair = state.pairs.get(event.pair)
    return tuple(pair.seats) if pair is not None else ()


def seats_of_pair_and_results(event: Any, state: Any) -> tuple[Seat, ...]:
    """And those who look at their result: a badge is corrected for all pairs, so one more may take it away."""
    finished = [seat for pair in state.pairs.values() if pair.finished for seat in pair.seats]
    return (*seats_of_pair(event, state), *finished)


def seats_around(event: Any, state: Any) -> tuple[Seat, ...]:
    """A seat and its partner."""
    player = state.players.get(event.seat)
    pair = state.pairs.get(player.pair) if player is not None else None
    return tuple(pair.seats) if pair is not None else (event.seat,)


class RunOpened(Event):
    run: int
    plan: Plan
    source: Source
    at: datetime
    secret: str | None = None
    commitment: str | None = None


class RunStarted(Event):
    run: int
    at: datetime


class RunPaused(Event):
    run: int
    at: datetime


class RunResumed(Event):
    run: int
    at: datetime


class RunEnded(Event):
    run: int
    reason: str
    at: datetime


class RunArchived(Event):
    run: int


class DeviceSet(Event, touches=()):
    run: int
    device: DeviceKind
    visibility: float
    free_angle: bool
    answer_is_outcome: bool


def _of_the_usual_rule(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {"outcomes_known": True, "differ": None}


class TableImported(Event, touches=(), version=2, upcast={1: _of_the_usual_rule}):
    run: int
    title: str
    cells: dict[str, tuple[int, int, int, int]]
    outcomes_known: bool
    differ: tuple[str, ...] | None
    at: datetime


class PlayerJoined(Event, touches="seat"):
    seat: Seat
    name: str
    code: str


class PlayerRenamed(Event, touches=seats_around):
    seat: Seat
    name: str
    label: str | None = None


class PlayerLeft(Event, touches="seat"):
    seat: Seat
    reason: str


class SeatConnected(Event, touches=seats_around):
    seat: Seat


class SeatDisconnected(Event, touches=seats_around):
    seat: Seat
    at: datetime


class PairFormed(Event, touches=seats_of_pair_and_results):
    pair: int
    name: str
    seats: tuple[Seat, Seat]


class PairClosed(Event, touches=seats_of_pair):
    pair: int
    reason: str
    at: datetime


class BotSeated(Event, touches=seats_of_pair):
    pair: int
    position: int
    strategy: str


class SeatReady(Event, touches=seats_of_pair):
    pair: int
    position: int


class QuestionAsked(Event, touches=seats_of_pair):
    pair: int
    round: int
    letter1: str
    letter2: str
    q: float
    at: datetime
    closes_at: datetime | None = None


class Measured(Event, touches=seats_of_pair):
    pair: int
    round: int
    position: int
    angle: float
    outcome: Side


class AnswerLocked(Event, touches=seats_of_pair):
    pair: int
    round: int
    position: int
    answer: Side
    at: datetime
    by_bot: bool = False


class RoundScored(Event, touches=seats_of_pair):
    pair: int
    round: int
    same: bool
    win: bool
    at: datetime


class RoundVoided(Event, touches=seats_of_pair):
    pair: int
    round: int
    reason: str
    silent: tuple[int, ...]
    at: datetime


class PairFinished(Event, touches=seats_of_pair):
    pair: int


class NamesAnonymised(Event):
    on: bool


class PolicySet(Event, touches=()):
    policy: Policy


class TablesOpened(Event, touches=()):
    open: bool


Fact = (
    RunOpened | RunStarted | RunPaused | RunResumed | RunEnded | RunArchived | DeviceSet | TableImported | PlayerJoined
    | PlayerRenamed | PlayerLeft | SeatConnected | SeatDisconnected | PairFormed | PairClosed | BotSeated | SeatReady
    | QuestionAsked | Measured | AnswerLocked | RoundScored | RoundVoided | PairFinished | NamesAnonymised | PolicySet
    | TablesOpened
)  # fmt: skip
