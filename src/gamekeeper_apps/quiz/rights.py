"""Who may ask for what. Deny by default: a command that no post has is refused, whoever sends it."""

from typing import Any

from gamekeeper import HOST, PLAYER, Context, Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.state import Room

Post = str
"""host, presenter (of the segment that is on), moderator, player, anyone (with a seat)."""

NOBODY: frozenset[Post] = frozenset()
_HOST = frozenset({"host"})
_STAGE = frozenset({"host", "presenter"})
_DESK = frozenset({"host", "moderator"})

RIGHTS: dict[type[Any], frozenset[Post]] = {
    m.Join: frozenset({"player"}),
    m.Answer: frozenset({"player"}),
    m.BeginAsk: frozenset({"player"}),
    m.Rename: frozenset({"host", "player"}),
    m.JoinTeam: frozenset({"host", "player"}),
    m.ForgetMe: frozenset({"player"}),
    m.Start: _HOST,
    m.Intro: _STAGE,
    m.Show: _STAGE,
    m.Open: _STAGE,
    m.Close: _STAGE,
    m.Reveal: _STAGE,
    m.Board: _STAGE,
    m.Next: _STAGE,
    m.Skip: _STAGE,
    m.Extend: _STAGE,
    m.Reopen: _STAGE,
    m.Pause: _HOST,
    m.Resume: _HOST,
    m.End: _HOST,
    m.UndoEnd: _HOST,
    m.Void: _HOST,
    m.FixKey: _HOST,
    m.Grade: _HOST,
    m.Lock: _DESK,
    m.Unlock: _DESK,
    m.Kick: _DESK,
    m.Purge: _DESK,
    m.Approve: _DESK,
    m.Reject: _DESK,
    m.SetTimeFactor: _HOST,
    m.SetModerator: _HOST,
    m.ChangeSettings: _HOST,
    m.SetRate: _HOST,
    m.AddSegment: _HOST,
    m.EditSegment: _HOST,
    m.MoveSegment: _HOST,
    m.SetPresenter: _HOST,
    m.HandOver: _STAGE,
    m.SkipSegment: _HOST,
    m.ReopenSegment: _HOST,
    m.DrawRemix: _HOST,
    m.SkipRemix: _HOST,
    m.AddTranscript: _STAGE,
    m.ApproveDraft: _STAGE,
    m.EditDraft: _STAGE,
    m.RejectDraft: _STAGE,
    m.MakeReadKey: _HOST,
    m.RevokeReadKey: _HOST,
    m.MakeHook: _HOST,
    m.RevokeHook: _HOST,
}


def posts(room: Room, command: Any, ctx: Context) -> set[Post]:
    """Everything the sender is, as far as this command is concerned."""
    if ctx.role is HOST:
        plays = room.settings.host_plays and (isinstance(command, m.Join) or ctx.seat in room.players)
        return {"host", "player"} if plays else {"host"}
    found: set[Post] = set()
    player = room.players.get(ctx.seat)
    removed = player is not None and not player.active
    if ctx.role is PLAYER and (not removed or isinstance(command, m.Join)):
        found.add("player")
    if ctx.seat in room.moderators and not removed:
        found.add("moderator")
    if ctx.role is PLAYER and not removed and room.presents(ctx.seat, segment_of(room, command)):
        found.add("presenter")
    return found


def segment_of(room: Room, command: Any) -> int | None:
    """The segment a command is about, None: the one that is on."""
    if isinstance(command, m.AddTranscript):
        return command.segment if 1 <= command.segment <= len(room.segments) else None
    if isinstance(command, (m.ApproveDraft, m.EditDraft, m.RejectDraft)):
        draft = room.drafts.get(command.id)
        return draft.segment if draft is not None else None
    return None


def authorise(room: Room, command: Any, ctx: Context) -> None:
    """Raises `Rejected("not_allowed")`."""
    if not posts(room, command, ctx) & RIGHTS.get(command.__class__, NOBODY):
        raise Rejected("not_allowed", "your place in this room does not allow that")
