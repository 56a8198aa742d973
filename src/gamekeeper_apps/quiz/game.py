"""The live quiz's rules: who may do what when. The steps themselves are in the modules named here."""

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
    Role,
    Seat,
    Started,
    TimedOut,
    Woken,
)
from gamekeeper_apps.quiz import (
    amending,
    arranging,
    challenge,
    console,
    drafting,
    people,
    phases,
    programme,
    reading,
    views,
)
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.alone import at_own_pace
from gamekeeper_apps.quiz.answering import answer
from gamekeeper_apps.quiz.closing import (
    AUTO_BOARD,
    AUTO_REVEAL,
    Steps,
    automatic,
    reveal,
    reveal_at,
    reveal_now,
    time_is_up,
)
from gamekeeper_apps.quiz.folding import fold
from gamekeeper_apps.quiz.guessing import guess
from gamekeeper_apps.quiz.pacing import begin_ask, deadline_of, end_at_deadline
from gamekeeper_apps.quiz.rights import authorise
from gamekeeper_apps.quiz.settings import MAX_PLAYERS, checked
from gamekeeper_apps.quiz.state import QuizConfig, Room

EMPTY = timedelta(seconds=20)
"""Those who are away have been so for ten seconds when that is written down."""
RESTART_S = 10.0

COMMANDS: dict[type[Any], Callable[[Room, Any, Context], Steps]] = {
    m.Join: people.join,
    m.Answer: answer,
    m.BeginAsk: begin_ask,
    m.Rename: people.rename,
    m.JoinTeam: people.join_team,
    m.ForgetMe: people.forget_me,
    m.Start: phases.start,
    m.Intro: phases.intro,
    m.Show: phases.show,
    m.Open: phases.open_now,
    m.Close: phases.close,
    m.Reveal: lambda room, command, ctx: reveal(_ready(room, "closed"), ctx),
    m.Board: phases.board,
    m.Next: phases.go_on,
    m.Skip: phases.skip,
    m.Extend: phases.extend,
    m.Reopen: phases.reopen,
    m.Pause: phases.pause,
    m.Resume: phases.resume,
    m.End: phases.end,
    m.UndoEnd: phases.undo_end,
    m.Void: amending.void,
    m.FixKey: amending.fix_key,
    m.Grade: amending.grade,
    m.Lock: people.lock,
    m.Unlock: people.unlock,
    m.Kick: people.kick,
    m.Purge: people.purge,
    m.Approve: amending.approve,
    m.Reject: amending.reject,
    m.SetTimeFactor: people.set_time_factor,
    m.SetModerator: people.set_moderator,
    m.ChangeSettings: programme.change_settings,
    m.SetRate: programme.set_rate,
    m.AddSegment: programme.add_segment,
    m.EditSegment: arranging.edit_segment,
    m.MoveSegment: arranging.move_segment,
    m.SetPresenter: programme.set_presenter,
    m.HandOver: programme.hand_over,
    m.SkipSegment: programme.skip_segment,
    m.ReopenSegment: programme.reopen_segment,
    m.DrawRemix: programme.draw_remix,
    m.SkipRemix: programme.skip_remix,
    m.AddTranscript: drafting.add_transcript,
    m.ApproveDraft: drafting.approve_draft,
    m.EditDraft: drafting.edit_draft,
    m.RejectDraft: drafting.reject_draft,
    m.MakeReadKey: reading.make_read_key,
    m.RevokeReadKey: reading.revoke_read_key,
    m.MakeHook: reading.make_hook,
    m.RevokeHook: reading.revoke_hook,
}


def _ready(room: Room, phase: str) -> Room:
    phases.need(room, phase)
    return room


class Quiz(Game[Room, m.Wish, e.Fact]):
    """A live quiz: results exactly right under concurrency, nothing told early, response time judged fairly."""

    seats = MAX_PLAYERS
    start = "created"
    config = QuizConfig
    refresh_s = {HOST: 0.25, SPECTATOR: 0.25, PLAYER: 0.5}
    grace_s = 10.0
    presence = "nobody"
    timed = True

    def initial(self, config: QuizConfig) -> Room:
        return Room(title=config.title[:200], settings=checked(config.settings))

    def decide(self, state: Room, command: m.Wish | Lifecycle, ctx: Context) -> Decision[e.Fact, Room]:
        yield from self._steps(state, command, ctx)

    def _steps(self, room: Room, command: m.Wish | Lifecycle, ctx: Context) -> Steps:
        match command:
            case Started():
                room = yield e.GatheringCreated(room.title, room.settings, ctx.now)
                return (yield from challenge.draw_if_needed(room, ctx))
            case Joined(seat, name, role):
                return (yield from people.seated(room, seat, name, role, ctx))
            case Left(seat, _):
                return (yield e.PlayerRemoved(seat, ban=False, cause="left")) if seat in room.players else room
            case Connected(seat):
                return (yield from people.connected(room, seat, ctx))
            case Disconnected(seat):
                return (yield from people.disconnected(room, seat, ctx))
            case TimedOut(deadline):
                return (yield from self._timed_out(room, deadline, ctx))
            case Woken(at):
                return (yield from _woken(room, at, ctx))
            case m.TakeDrafts():
                return (yield from drafting.take(room, command, ctx))
            case _:
                authorise(room, command, ctx)
                return (yield from COMMANDS[type(command)](room, command, ctx))

    def _timed_out(self, room: Room, deadline: str, ctx: Context) -> Steps:
        match deadline:
            case "options":
                return (yield from phases.options_are_due(room, ctx))
            case "close":
                return (yield from time_is_up(room, ctx))
            case "reveal":
                return (yield from reveal_now(room, ctx))
            case "board":
                return (yield e.PhaseChanged("board", ctx.now))
            case "next":
                return (yield from phases.advance(room, ctx))
            case "deadline":
                return (yield from end_at_deadline(room, ctx))
            case "challenge":
                return (yield from challenge.draw(room, ctx))
            case "empty":
                return (yield e.Paused("no_players", ctx.now))
            case "resume":
                return (yield e.Resumed(ctx.now))
            case _:
                return (yield e.Sealed(ctx.now))

    def evolve(self, state: Room, event: e.Fact) -> Room:
        return fold(state, event)

    def deadlines(self, state: Room) -> Mapping[str, datetime]:
        """What is due: at most four things, whatever the number of players."""
        return self._evening_due(state) | challenge.due(state)

    def _evening_due(self, state: Room) -> dict[str, datetime]:
        if state.pause is not None:
            return {"resume": state.pause.resume_at} if state.pause.resume_at is not None else {}
        if state.phase == "ended":
            return (
                {"seal": state.ended_at + timedelta(seconds=phases.UNDO_S)}
                if state.ended_at and not state.sealed
                else {}
            )
        due = self._question_due(state) | deadline_of(state)
        if state.phase in phases.RUNNING and state.empty_since is not None and not state.online:
            due["empty"] = max(state.empty_since, state.phase_at or state.empty_since) + EMPTY
        return due

    def _question_due(self, state: Room) -> dict[str, datetime]:
        ask, at = state.ask, state.phase_at
        if ask is None or at is None:
            return {}
        match state.phase:
            case "shown":
                return {"options": ask.options_at}
            case "open":
                end = ask.overtime_until if ask.overtime else ask.closes_at
                return {"close": end} if end is not None else {}
            case "closed":
                told = reveal_at(state)
                return {"reveal": told} if told is not None else {}
            case "revealed" if automatic(state):
                return {"board": at + AUTO_REVEAL}
            case "board" if automatic(state):
                return {"next": at + AUTO_BOARD}
            case _:
                return {}

    def public(self, state: Room) -> Any:
        return views.public(state)

    def shared(self, state: Room, role: Role) -> Any:
        match role:
            case Role.HOST:
                return console.host(state)
            case Role.SPECTATOR:
                return console.screen(state)
            case Role.PLAYER:
                return views.lobby(state)
            case _:
                return None

    def private(self, state: Room, seat: Seat) -> Any:
        own = views.player(state, seat)
        return challenge.door(state, seat) if own is None else own | {"paced": at_own_pace(state, seat)}

    def bot(self, public: Any, private: Any, rng: Random) -> m.Wish | None:
        """A random valid answer to whatever is open."""
        return guess(public, private, rng)

    def invariants(self, state: Room) -> None:
        ask = state.ask
        if state.phase in phases.RUNNING and ask is None:
            raise InvariantViolated(f"{state.phase} without a question")
        if ask is not None and not 0 <= ask.answered_online <= ask.answered:
            raise InvariantViolated(f"ask {ask.id}: {ask.answered_online} present of {ask.answered} answers")
        if state.online > len(state.players):
            raise InvariantViolated(f"{state.online} present of {len(state.players)} players")


def _woken(room: Room, at: datetime, ctx: Context) -> Steps:
    """The server was away: an open question's clock stands still from the last sign of life until players are back."""
    if room.phase == "paced":
        return (yield e.PacedStood(min(at, ctx.now), ctx.after(seconds=RESTART_S)))
    if room.phase not in ("shown", "open") or room.pause is not None:
        return room
    room = yield e.Paused("server_restart", min(at, ctx.now))
    return (yield e.ResumeDue(ctx.after(seconds=RESTART_S)))
