"""How each event changes a gathering. Pure and total: a log folds to the same state for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from gamekeeper import Map, Seat
from gamekeeper_apps.quiz import challenge, reading
from gamekeeper_apps.quiz import challenge_facts as c
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import overlay_facts as o
from gamekeeper_apps.quiz.arranging import arranged, draft_approved, drafted, edited
from gamekeeper_apps.quiz.closing import tells_presenters
from gamekeeper_apps.quiz.names import name_key, stand_in
from gamekeeper_apps.quiz.paced import answered_alone, begun, told_to_all
from gamekeeper_apps.quiz.putting import ask_of
from gamekeeper_apps.quiz.state import Ask, Given, Item, PauseNow, Player, Room, Segment
from gamekeeper_apps.quiz.texts import collected, judged
from gamekeeper_apps.quiz.totals import ranked, recounted, score_ask, shown_board, takes_part

MICROSECOND = timedelta(microseconds=1)


def with_player(room: Room, seat: Seat, **changes: Any) -> Room:
    player = room.players.get(seat)
    if player is None:
        return room
    return replace(room, players=room.players.set(seat, replace(player, **changes)))


def with_segment(room: Room, number: int, **changes: Any) -> Room:
    segments = list(room.segments)
    segments[number - 1] = replace(segments[number - 1], **changes)
    return replace(room, segments=tuple(segments))


def with_ask(room: Room, **changes: Any) -> Room:
    return replace(room, ask=replace(room.ask, **changes)) if room.ask is not None else room


def counted(player: Player, room: Room) -> bool:
    """Whether a question waits for this player before it closes early."""
    if not player.online or not player.active or player.pending:
        return False
    return not room.presents(player.seat) if room.ask is None else takes_part(player, room.ask)


def census(room: Room) -> Room:
    """The counters of those present, counted anew: at rare events, not at answers."""
    present = [player for player in room.players.values() if counted(player, room)]
    room = replace(room, online=len(present))
    if room.ask is None:
        return room
    return with_ask(room, answered_online=sum(1 for player in present if room.ask.id in player.answers))


# -- the programme -----------------------------------------------------------------------------------------------------


def _created(room: Room, event: e.GatheringCreated) -> Room:
    return replace(room, title=event.title, settings=event.settings, created_at=event.at, phase_at=event.at)


def _segment_added(room: Room, event: e.SegmentAdded) -> Room:
    segment = Segment(event.segment, event.title, preset=event.preset, limit_s=event.limit_s, points=event.points)
    return replace(room, segments=(*room.segments, segment))


def _presenter(room: Room, event: e.PresenterSet | e.HandedOver) -> Room:
    seat = event.player
    presenters = (*(one for one in room.segments[event.segment - 1].presenters if one != seat), seat)
    if isinstance(event, e.HandedOver):
        presenters = (seat,)
    room = with_segment(room, event.segment, presenters=presenters)
    if room.ask is not None and room.ask.closed is None:
        room = with_ask(room, presenters=room.presenters_of(room.ask.segment, room.ask.number))
    if seat not in room.presenters_ever:
        room = replace(room, presenters_ever=(*room.presenters_ever, seat))
    return census(replace(room, presenter_away=None))


def _phase(room: Room, event: e.PhaseChanged) -> Room:
    room = replace(room, phase=event.phase, phase_at=event.at)
    if event.segment is not None:
        room = replace(room, current=event.segment)
    if event.phase in ("intro", "segment_done", "remix_ready"):
        room = replace(room, ask=None)
    if event.phase == "intro" and room.segment is not None and room.segment.status == "planned":
        room = with_segment(room, room.segment.number, status="presenting")
    return census(shown_board(room)) if event.phase in ("board", "segment_done", "intro") else room


def _remix(room: Room, event: e.RemixDrawn) -> Room:
    questions = tuple(room.segments[number - 1].questions[place - 1] for number, place in event.questions)
    segment = Segment(event.segment, "Remix", questions, status="ready", remix_of=event.questions)
    room = replace(room, segments=(*room.segments, segment), current=event.segment, ask=None)
    room = replace(room, phase="intro", phase_at=event.at)
    return census(room)


# -- a question's life -------------------------------------------------------------------------------------------------


def _shown(room: Room, event: e.QuestionShown) -> Room:
    segment, ask = room.segments[event.segment - 1], ask_of(room, event)
    room = with_segment(room, event.segment, status="quizzing", asked=max(segment.asked, event.question))
    room = replace(room, ask_count=event.ask, current=event.segment)
    if room.phase == "paced":
        return replace(room, asks=room.asks.set(ask.id, ask))
    return census(replace(room, ask=ask))


def _answered(room: Room, event: e.Answered) -> Room:
    if room.phase == "paced":
        return answered_alone(room, event)
    ask, player = room.ask, room.players.get(event.player)
    if ask is None or player is None or ask.id != event.ask:
        return room
    given = Given(event.value, event.raw_ms, event.credited_ms, event.confidence)
    first = event.ask not in player.answers
    player = replace(player, answers=player.answers.set(event.ask, given), last=event.ask)
    room = replace(room, players=room.players.set(event.player, player))
    if not first:
        return room
    here = counted(player, room)
    room = with_ask(room, answered=ask.answered + 1, answered_online=ask.answered_online + here)
    return with_ask(room, counted_at=event.accepted_at) if tells_presenters(room, event.accepted_at) else room


def _revealed(room: Room, event: e.Revealed) -> Room:
    if room.ask is None:
        return room
    ask = collected(replace(room.ask, revealed=True), room)
    room = replace(room, ask=ask, asks=room.asks.set(ask.id, ask), phase="revealed", phase_at=event.at, told=ask.id)
    return score_ask(room, ask)


def _closed(room: Room, event: e.Closed) -> Room:
    room = with_ask(room, closed=event.cause, closed_at=event.at, overtime=False, overtime_until=None)
    return replace(room, phase="closed", phase_at=event.at)


def _voided(room: Room, event: e.Voided) -> Room:
    ask = room.ask if room.ask is not None and room.ask.id == event.ask else room.asks.get(event.ask)
    if ask is None:
        return room
    return recounted(_put(room, replace(ask, void=True)))


def _key_fixed(room: Room, event: e.KeyFixed) -> Room:
    ask = room.asks.get(event.ask)
    return recounted(_put(room, collected(replace(ask, question=event.question), room))) if ask is not None else room


def _put(room: Room, ask: Ask) -> Room:
    room = replace(room, asks=room.asks.set(ask.id, ask))
    return replace(room, ask=ask) if room.ask is not None and room.ask.id == ask.id else room


def _graded(room: Room, event: e.Graded) -> Room:
    player = room.players[event.player]
    return recounted(with_player(room, event.player, grades=player.grades.set(event.ask, event.f)))


def _opened(room: Room, event: e.QuestionOpened) -> Room:
    moments = {"options_at": event.opens_at, "opens_at": event.opens_at}
    return with_ask(room, closes_at=event.closes_at, **moments)


def _reopened(room: Room, event: e.Reopened) -> Room:
    room = with_ask(room, closes_at=event.closes_at, closed=None, closed_at=None, reveal_due=None, reopened=True)
    return replace(room, phase="open")


def _resumed(room: Room, event: e.Resumed) -> Room:
    if room.pause is None:
        return room
    began = room.pause.at
    room = replace(room, pause=None, phase_at=event.at)
    ask = room.ask
    if ask is None or ask.closed is not None:
        return room
    length = event.at - began
    shifted = {"closes_at": _later(ask.closes_at, length), "overtime_until": _later(ask.overtime_until, length)}
    if began < ask.options_at:
        shifted["options_at"] = ask.options_at + length
    if began < ask.opens_at:
        return with_ask(room, opens_at=ask.opens_at + length, **shifted)
    return with_ask(room, paused_us=ask.paused_us + length // MICROSECOND, **shifted)


def _later(moment: datetime | None, length: timedelta) -> Any:
    return moment + length if moment is not None else None


# -- people ------------------------------------------------------------------------------------------------------------


def _joined(room: Room, event: e.PlayerJoined) -> Room:
    known = room.players.get(event.player)
    name = event.name or stand_in(event.player)
    shown = stand_in(event.player) if event.pending else name
    if known is not None:
        changes = {"removed": False, "pending": event.pending, "name": shown}
        room = with_player(room, event.player, **changes, joined_at=event.at)
    else:
        player = Player(event.player, shown, event.at, late_from=event.late_from, pending=event.pending)
        room = replace(room, players=room.players.set(event.player, player))
    passed = (event.at - room.joined_at).total_seconds() if room.joined_at is not None else 0.0
    tokens = min(float(room.join_burst), room.join_tokens + passed * room.join_per_s) - 1.0
    entered = room.entered + 1
    gathered = entered if room.phase == "lobby" else room.gathered
    room = replace(room, joined_at=event.at, join_tokens=tokens, empty_since=None, entered=entered, gathered=gathered)
    room = _queued(room, event.item, name) if event.pending else room
    return census(_named(room, event.player, name)) if known is not None else _named(room, event.player, shown)


def _named(room: Room, seat: Seat, name: str) -> Room:
    return replace(room, names=room.names.set(name_key(name), seat))


def _queued(room: Room, item: str, text: str) -> Room:
    return replace(room, queue=room.queue.set(item, Item(item, text)))


def _renamed(room: Room, event: e.PlayerRenamed) -> Room:
    player, name = room.players[event.player], event.name or stand_in(event.player)
    if event.pending:
        return with_player(_queued(room, event.item, name), event.player, pending=True)
    names = room.names
    if names.get(name_key(player.name)) == event.player:
        names = names.delete(name_key(player.name))
    return _named(with_player(replace(room, names=names), event.player, name=name), event.player, name)


def _removed(room: Room, event: e.PlayerRemoved) -> Room:
    player = room.players.get(event.player)
    if player is None:
        return room
    room = with_player(room, event.player, removed=True, banned=event.ban, rank=None, place=None, online=False)
    names, queue, item = room.names, room.queue, f"name:{event.player}"
    if names.get(name_key(player.name)) == event.player:
        names = names.delete(name_key(player.name))
    queue = queue.delete(item) if item in queue else queue
    entered = room.entered - (1 if player.active else 0)
    gathered = entered if room.phase == "lobby" else room.gathered
    room = census(replace(room, names=names, queue=queue, entered=entered, gathered=gathered))
    return ranked(room) if room.asks else room


def _forgotten(room: Room, event: e.PlayerForgotten) -> Room:
    room = _removed(room, e.PlayerRemoved(event.player, ban=False, cause="left"))
    name = stand_in(event.player)
    room = replace(room, names=Map({key: seat for key, seat in room.names.items() if seat != event.player}))
    return shown_board(with_player(room, event.player, name=name, custom_id="", avatar="", forgotten=True))


def _connected(room: Room, event: e.PlayerConnected | e.PlayerAway) -> Room:
    player = room.players.get(event.player)
    here = isinstance(event, e.PlayerConnected)
    if player is None or player.online is here:
        return room
    away = None if isinstance(event, e.PlayerConnected) else event.at
    room = with_player(room, event.player, online=here, away_since=away)
    if not counted(replace(player, online=True), room):
        return room
    step = 1 if here else -1
    online = room.online + step
    since = None if isinstance(event, e.PlayerConnected) else event.at if online == 0 else room.empty_since
    room = replace(room, online=online, empty_since=since)
    if room.ask is not None and room.ask.id in player.answers:
        return with_ask(room, answered_online=room.ask.answered_online + step)
    return room


def _time_factor(room: Room, event: e.TimeFactorSet) -> Room:
    extra = room.extra_time
    if event.x != "1":
        extra = extra.set(event.player, event.x)
    elif event.player in extra:
        extra = extra.delete(event.player)
    return with_player(replace(room, extra_time=extra), event.player, factor=event.x)


def _moderator(room: Room, event: e.ModeratorSet) -> Room:
    others = tuple(seat for seat in room.moderators if seat != event.player)
    return replace(room, moderators=(*others, event.player) if event.on else others)


def _text_judged(room: Room, event: e.TextJudged) -> Room:
    item = room.queue.get(event.item)
    if event.item in room.queue:
        room = replace(room, queue=room.queue.delete(event.item))
    if event.item.startswith("text:"):
        return judged(room, event.item, event.approved)
    seat = Seat(int(event.item.partition(":")[2]))
    player = room.players.get(seat)
    if player is None or item is None:
        return room
    room = census(with_player(room, seat, pending=False))
    return _renamed(room, e.PlayerRenamed(seat, item.text)) if event.approved else room


def _ended(room: Room, event: e.Ended) -> Room:
    room = replace(room, phase_before_end=room.phase, phase="ended", phase_at=event.at, ended_at=event.at, pause=None)
    return shown_board(room)


_FOLDS: dict[type[Any], Callable[[Room, Any], Room]] = {
    e.GatheringCreated: _created,
    e.SettingsChanged: lambda room, event: replace(room, settings=event.settings),
    e.RateSet: lambda room, event: replace(
        room, join_per_s=event.per_s, join_burst=event.burst, join_tokens=float(event.burst)
    ),
    e.SegmentAdded: _segment_added,
    e.QuizLoaded: lambda room, event: with_segment(room, event.segment, questions=event.quiz, hash=event.hash),
    e.SegmentEdited: edited,
    e.SegmentsArranged: arranged,
    e.PresenterSet: _presenter,
    e.HandedOver: _presenter,
    e.PlayerJoined: _joined,
    e.PlayerIntroduced: lambda room, event: with_player(
        room, event.player, avatar=event.avatar, custom_id=event.custom_id
    ),
    e.PlayerRenamed: _renamed,
    e.PlayerRemoved: _removed,
    e.PlayerForgotten: _forgotten,
    e.PlayerConnected: _connected,
    e.PlayerAway: _connected,
    e.TeamJoined: lambda room, event: with_player(room, event.player, team=event.team),
    e.TimeFactorSet: _time_factor,
    e.ModeratorSet: _moderator,
    e.Locked: lambda room, event: replace(room, locked_at=event.at),
    e.Unlocked: lambda room, event: replace(room, locked_at=None),
    e.PhaseChanged: _phase,
    e.QuestionShown: _shown,
    e.QuestionSkipped: lambda room, event: with_segment(room, event.segment, asked=event.question),
    e.QuestionOpened: _opened,
    e.Answered: _answered,
    e.Closed: _closed,
    e.Overtime: lambda room, event: with_ask(room, overtime=True, overtime_until=event.until),
    e.RevealAsked: lambda room, event: with_ask(room, reveal_due=event.due_at),
    e.Revealed: _revealed,
    e.PacedStarted: lambda room, event: replace(room, phase="paced", phase_at=event.at),
    e.AskBegun: begun,
    e.PacedStood: lambda room, event: replace(room, stood=(*room.stood, (event.since, event.until))),
    e.PacedClosed: told_to_all,
    e.Graded: _graded,
    e.Voided: _voided,
    e.KeyFixed: _key_fixed,
    e.Paused: lambda room, event: replace(room, pause=PauseNow(event.reason, event.at)),
    e.ResumeDue: lambda room, event: (
        replace(room, pause=replace(room.pause, resume_at=event.at)) if room.pause else room
    ),
    e.Resumed: _resumed,
    e.Extended: lambda room, event: with_ask(room, closes_at=event.closes_at, overtime=False, overtime_until=None),
    e.Reopened: _reopened,
    e.SegmentCompleted: lambda room, event: with_segment(room, event.segment, status="done"),
    e.SegmentSkipped: lambda room, event: with_segment(room, event.segment, status="skipped"),
    e.SegmentReopened: lambda room, event: with_segment(room, event.segment, status="ready"),
    e.RemixDrawn: _remix,
    e.RemixSkipped: lambda room, event: room,
    e.TextJudged: _text_judged,
    e.TranscriptAdded: lambda room, event: replace(room, transcripts=room.transcripts.set(event.segment, event.text)),
    e.Drafted: drafted,
    e.DraftingDeclined: lambda room, event: room,
    e.DraftEdited: lambda room, event: replace(
        room, drafts=room.drafts.set(event.id, replace(room.drafts[event.id], question=event.question))
    ),
    e.DraftApproved: draft_approved,
    e.DraftRejected: lambda room, event: replace(room, drafts=room.drafts.delete(event.id)),
    o.ReadKeyMade: reading.made,
    o.ReadKeyRevoked: reading.revoked,
    o.HookMade: reading.hooked,
    o.HookRevoked: reading.unhooked,
    c.ChallengeDrawn: challenge.drawn,
    c.Knocked: challenge.knocked,
    c.ChallengeFailed: challenge.failed,
    c.ChallengePassed: challenge.let_in,
    e.HostLost: lambda room, event: replace(room, host_away=event.at),
    e.HostBack: lambda room, event: replace(room, host_away=None),
    e.Ended: _ended,
    e.EndUndone: lambda room, event: replace(room, phase=room.phase_before_end, ended_at=None),
    e.Sealed: lambda room, event: replace(room, sealed=True),
}


def fold(room: Room, event: e.Fact) -> Room:
    """The gathering after an event."""
    return _FOLDS[type(event)](room, event)
