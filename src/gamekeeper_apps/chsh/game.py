"""The Bell game's rules: who may do what when. The steps themselves are in `runs`, `seating` and `rounds`."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gamekeeper import (
    HOST,
    PLAYER,
    SPECTATOR,
    Connected,
    Context,
    Decision,
    Disconnected,
    Game,
    InvariantViolated,
    Joined,
    Left,
    Lifecycle,
    Rejected,
    Role,
    Seat,
    TimedOut,
)
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh import rounds, runs, seating
from gamekeeper_apps.chsh.dashboard import figures, host
from gamekeeper_apps.chsh.folding import fold
from gamekeeper_apps.chsh.rounds import Steps
from gamekeeper_apps.chsh.state import Room
from gamekeeper_apps.chsh.strategies import BEST_TABLE
from gamekeeper_apps.chsh.views import player, public

MAX_PLAYERS = 1_000


def _single(make: Callable[[Room, Any], m.Fact | None]) -> Callable[[Room, Any, Context], Steps]:
    """A command that is one event, or none where it would change nothing."""

    def steps(room: Room, command: Any, ctx: Context) -> Steps:
        event = make(room, command)
        return (yield event) if event is not None else room

    return steps


def _policy(room: Room, command: m.SetPolicy) -> m.Fact | None:
    changes = {name: getattr(command, name) for name in command.__struct_fields__}
    changes = {name: value for name, value in changes.items() if value is not None}
    hold_s = changes.get("seat_hold_s", room.policy.seat_hold_s)
    if not 5 <= hold_s <= 3600:
        raise Rejected("bad_plan", "5 seconds to an hour", field="seat_hold_s")
    policy = m.Policy(**{name: changes.get(name, getattr(room.policy, name)) for name in m.Policy.__struct_fields__})
    return m.PolicySet(policy) if policy != room.policy else None


_COMMANDS: dict[type[Any], Callable[[Room, Any, Context], Steps]] = {
    m.OpenRun: runs.open_run,
    m.StartRun: runs.start_run,
    m.PauseRun: runs.pause_run,
    m.ResumeRun: runs.resume_run,
    m.EndRun: runs.end_run,
    m.ArchiveRun: runs.archive_run,
    m.SetDevice: runs.set_device,
    m.ImportTable: runs.import_table,
    m.FormPairs: seating.form_pairs,
    m.ClosePair: seating.close_pair,
    m.ResetSeat: seating.reset_seat,
    m.RemovePlayer: seating.remove_player,
    m.SeatBot: seating.seat_bot,
    m.JoinRoom: seating.rename,
    m.ChoosePartner: seating.choose_partner,
    m.BeReady: rounds.be_ready,
    m.Measure: rounds.measure,
    m.Answer: rounds.answer,
    m.SetPolicy: _single(_policy),
    m.AnonymiseNames: _single(
        lambda room, command: m.NamesAnonymised(command.on) if command.on != room.policy.anonymous else None
    ),
    m.OpenTables: _single(
        lambda room, command: m.TablesOpened(command.open) if command.open != room.tables_open else None
    ),
}


class Chsh(Game[Room, m.Wish, m.Fact]):
    """A live Bell game: pairs who cannot talk, questions they cannot foresee, statistics that are what they say."""

    seats = MAX_PLAYERS
    start = "created"
    refresh_s = {HOST: 0.5, SPECTATOR: 1.0}
    grace_s = 3.0
    presence = "nobody"

    def decide(self, state: Room, command: m.Wish | Lifecycle, ctx: Context) -> Decision[m.Fact, Room]:
        yield from self._steps(state, command, ctx)

    def _steps(self, room: Room, command: m.Wish | Lifecycle, ctx: Context) -> Steps:
        match command:
            case Joined(seat, name, role):
                return (yield from seating.join(room, seat, name, ctx)) if role is PLAYER else room
            case Left(seat, reason):
                return (yield from seating.leave(room, seat, reason, ctx))
            case Connected(seat):
                return (yield from seating.connected(room, seat, ctx))
            case Disconnected(seat):
                return (yield from seating.disconnected(room, seat, ctx))
            case TimedOut(deadline):
                return (yield from self._timed_out(room, deadline, ctx))
            case _:
                steps = _COMMANDS.get(type(command))
                return (yield from steps(room, command, ctx)) if steps is not None else room

    def _timed_out(self, room: Room, deadline: str, ctx: Context) -> Steps:
        kind, _, number = deadline.partition(":")
        match kind:
            case "run":
                return (yield from runs.end(room, "time_limit", ctx))
            case "round":
                return (yield from rounds.round_timed_out(room, int(number), ctx))
            case "pause":
                return (yield from rounds.pause_is_over(room, int(number), ctx))
            case _:
                return (yield from seating.hold_is_over(room, Seat(int(number)), ctx))

    def evolve(self, state: Room, event: m.Fact) -> Room:
        return fold(state, event)

    def deadlines(self, state: Room) -> Mapping[str, datetime]:
        """Of an open run: its time limit, open rounds, feedback pauses, and seats held for the absent."""
        run = state.run
        if run is None or run.phase != "open":
            return {}
        due: dict[str, datetime] = {}
        if run.ends_at is not None:
            due["run"] = run.ends_at
        for id, pair in state.pairs.items():
            if pair.question is not None:
                if pair.question.closes_at is not None:
                    due[f"round:{id}"] = pair.question.closes_at
            elif (ready_at := rounds.ready_at(run, pair)) is not None:
                due[f"pause:{id}"] = ready_at
        if state.policy.absent != "wait":
            due |= self._holds(state)
        return due

    def _holds(self, state: Room) -> dict[str, datetime]:
        hold = timedelta(seconds=state.policy.seat_hold_s)
        held: dict[str, datetime] = {}
        for seat, one in state.players.items():
            pair = state.pairs.get(one.pair) if one.pair is not None else None
            if pair is not None and pair.active and one.away_since is not None and one.bot is None:
                held[f"hold:{seat}"] = one.away_since + hold
        return held

    def public(self, state: Room) -> Any:
        return public(state)

    def shared(self, state: Room, role: Role) -> Any:
        if role is HOST:
            return host(state)
        return figures(state) if role is SPECTATOR else None

    def private(self, state: Room, seat: Seat) -> Any:
        return player(state, seat)

    def bot(self, public: Any, private: Any, rng: Random) -> m.Wish | None:
        """The best local table; enough to fill a room."""
        run, question = public["run"], private["question"] if private is not None else None
        if run is None or run["phase"] != "open" or question is None or question["answer"] is not None:
            return None
        return m.Answer(run["id"], question["round"], BEST_TABLE[question["letter"]])

    def invariants(self, state: Room) -> None:
        for pair in state.pairs.values():
            if pair.question is not None and (state.run is None or state.run.phase == "ended"):
                raise InvariantViolated(f"pair {pair.id} has an open round and no run")
            if len(set(pair.seats)) != 2:
                raise InvariantViolated(f"pair {pair.id} is not two players")
