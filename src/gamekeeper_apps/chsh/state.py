"""What a room of the Bell game is: its run, its players, its pairs; and how each event changes it."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from gamekeeper import Frozen, Map, Seat, State
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.cells import Answer, Cell, outcome
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.schedule import BLOCK_ROUNDS
from gamekeeper_apps.chsh.statistics.evidence import EProcess

CellCounts = Map[str, Outcomes]


class Run(Frozen):
    """The open run. `phase` lobby, open, paused or ended."""

    id: int
    plan: m.Plan
    source: m.Source
    opened_at: datetime
    phase: str = "lobby"
    secret: str | None = None
    commitment: str | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = None


class Player(Frozen):
    """One seat. `code`: what another player types to be paired with this one."""

    seat: Seat
    name: str
    code: str
    label: str | None = None
    pair: int | None = None
    online: bool = False
    away_since: datetime | None = None
    bot: str | None = None
    closed_reason: str | None = None


class Question(Frozen):
    """An open round. By position: what was measured (angle, outcome) and answered."""

    round: int
    cell: Cell
    asked_at: datetime
    closes_at: datetime | None
    measured: tuple[tuple[float, Answer] | None, tuple[float, Answer] | None] = (None, None)
    answers: tuple[Answer | None, Answer | None] = (None, None)


class Closed(Frozen):
    """The round closed last."""

    round: int
    cell: Cell
    answers: tuple[Answer | None, Answer | None]
    win: bool | None
    void_reason: str | None
    silent: tuple[int, ...]
    at: datetime


class Figures(Frozen):
    """Counts of scored rounds with their running e-value: of a pair, or of the whole class."""

    rounds: int = 0
    wins: int = 0
    voids: int = 0
    cells: CellCounts = Map()
    e: EProcess = EProcess()

    def scored(self, cell: Cell, index: int, win: bool, crossing: bool) -> "Figures":
        """With one more round. Same-letter cells of `symmetric` are counted but prove nothing."""
        cells = self.cells.set(cell, self.cells.get(cell, Outcomes()).plus(index))
        if not crossing:
            return Figures(self.rounds, self.wins, self.voids, cells, self.e)
        return Figures(self.rounds + 1, self.wins + win, self.voids, cells, self.e.step(win))

    def voided(self, crossing: bool) -> "Figures":
        """With one more round that was not scored."""
        return replace(self, voids=self.voids + 1, e=self.e.voided() if crossing else self.e)


class Pair(Frozen):
    """Two players who answer together; the unit of all statistics."""

    id: int
    name: str
    seats: tuple[Seat, Seat]
    figures: Figures = Figures()
    asked: int = 0
    scored: int = 0
    block: Map[str, int] = Map()
    question: Question | None = None
    last: Closed | None = None
    ready: tuple[bool, bool] = (True, True)
    finished: bool = False
    closed_reason: str | None = None
    bots: tuple[str | None, str | None] = (None, None)
    had_bot: bool = False
    last_at: datetime | None = None
    """When a round of it was last closed."""

    def position(self, seat: Seat) -> int:
        return 1 if self.seats[0] == seat else 2

    @property
    def active(self) -> bool:
        return self.closed_reason is None and not self.finished


class Table(Frozen):
    """A published table. `outcomes_known`: not only agreement; `differ`: the cells its own rule wins by different
    answers, None: the usual one."""

    title: str
    outcomes_known: bool = True
    differ: tuple[Cell, ...] | None = None


class PastRun(Frozen):
    """A run that is over: what the archive lists."""

    id: int
    plan: m.Plan
    source: m.Source
    figures: Figures
    pairs: int
    pairs_formed: int
    badges: int
    all_reached: bool
    table: Table | None = None
    """What was imported, in place of a run that was played."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = None
    archived: bool = False


class Room(State):
    """Everything."""

    run: Run | None = None
    past: tuple[PastRun, ...] = ()
    players: Map[Seat, Player] = Map()
    pairs: Map[int, Pair] = Map()
    pairs_ever: int = 0
    formed: int = 0
    """Pairs ever formed in the current run: what badges are corrected for."""
    figures: Figures = Figures()
    policy: m.Policy = m.Policy()
    tables_open: bool = False

    @property
    def playing(self) -> bool:
        return self.run is not None and self.run.phase == "open"

    @property
    def between_runs(self) -> bool:
        return self.run is None or self.run.phase in ("lobby", "ended")

    @property
    def last_run(self) -> int:
        return max([past.id for past in self.past] + ([self.run.id] if self.run else []), default=0)


def with_pair(room: Room, pair: Pair, **changes: Any) -> Room:
    return replace(room, pairs=room.pairs.set(pair.id, pair), **changes)


def with_player(room: Room, seat: Seat, **changes: Any) -> Room:
    return replace(room, players=room.players.set(seat, replace(room.players[seat], **changes)))


def crossing(cell: Cell) -> bool:
    """Whether a cell compares the two sides (what P- and e-values are about)."""
    return (cell[0] in "AB") is not (cell[1] in "AB")


def ask(room: Room, event: m.QuestionAsked) -> Room:
    pair = room.pairs[event.pair]
    cell = event.letter1 + event.letter2
    mode = room.run.plan.mode if room.run else "chsh"
    block: Map[str, int] = Map() if sum(pair.block.values()) >= BLOCK_ROUNDS[mode] else pair.block
    question = Question(event.round, cell, event.at, event.closes_at)
    block = block.set(cell, block.get(cell, 0) + 1)
    return with_pair(
        room, replace(pair, question=question, asked=event.round, block=block, ready=(False, False), last=None)
    )


def put(pair: tuple[Any, Any], position: int, value: Any) -> tuple[Any, Any]:
    """A pair of values with one replaced."""
    return (value, pair[1]) if position == 1 else (pair[0], value)


def measure(room: Room, event: m.Measured) -> Room:
    pair = room.pairs[event.pair]
    if pair.question is None:
        return room
    measured = put(pair.question.measured, event.position, (event.angle, event.outcome))
    return with_pair(room, replace(pair, question=replace(pair.question, measured=measured)))


def lock(room: Room, event: m.AnswerLocked) -> Room:
    pair = room.pairs[event.pair]
    if pair.question is None:
        return room
    answers = put(pair.question.answers, event.position, event.answer)
    return with_pair(room, replace(pair, question=replace(pair.question, answers=answers)))


def score(room: Room, event: m.RoundScored) -> Room:
    pair = room.pairs[event.pair]
    asked = pair.question
    if asked is None or asked.answers[0] is None or asked.answers[1] is None:
        return room
    index, crosses = outcome(asked.answers[0], asked.answers[1]), crossing(asked.cell)
    closed = Closed(asked.round, asked.cell, asked.answers, event.win, None, (), event.at)
    scored = replace(
        pair,
        figures=pair.figures.scored(asked.cell, index, event.win, crosses),
        scored=pair.scored + 1,
        question=None,
        last=closed,
        last_at=event.at,
    )
    return with_pair(room, scored, figures=room.figures.scored(asked.cell, index, event.win, crosses))


def void(room: Room, event: m.RoundVoided) -> Room:
    pair = room.pairs[event.pair]
    if pair.question is None:
        return room
    asked = pair.question
    closed = Closed(asked.round, asked.cell, asked.answers, None, event.reason, event.silent, event.at)
    crosses = crossing(asked.cell)
    counted = replace(pair, figures=pair.figures.voided(crosses), question=None, last=closed, last_at=event.at)
    return with_pair(room, counted, figures=room.figures.voided(crosses))


def resume(room: Room, run: Run, at: datetime) -> Room:
    """Deadlines go on from where they stopped."""
    lost = at - run.paused_at if run.paused_at else timedelta()
    pairs = room.pairs.mutate()
    for id, pair in room.pairs.items():
        if pair.question is not None and pair.question.closes_at is not None:
            pairs[id] = replace(pair, question=replace(pair.question, closes_at=pair.question.closes_at + lost))
    ends_at = run.ends_at + lost if run.ends_at else None
    return replace(room, pairs=pairs.finish(), run=replace(run, phase="open", paused_at=None, ends_at=ends_at))
