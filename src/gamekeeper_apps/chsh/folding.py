"""How each event changes the room. One small pure function each, found by the event's type."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from gamekeeper import Map
from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.cells import must_differ
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.runs import ends_at
from gamekeeper_apps.chsh.state import (
    Figures,
    Pair,
    PastRun,
    Player,
    Room,
    Run,
    Table,
    ask,
    lock,
    measure,
    put,
    resume,
    score,
    void,
    with_pair,
    with_player,
)
from gamekeeper_apps.chsh.verdicts import has_badge


def fold(room: Room, event: m.Fact) -> Room:
    """The room after an event."""
    folded: Room = _FOLDS[type(event)](room, event)
    return folded


def run_opened(room: Room, event: m.RunOpened) -> Room:
    room, run = without_figures(room), Run(event.run, event.plan, event.source, event.at)
    run = replace(run, secret=event.secret, commitment=event.commitment)
    return replace(room, run=run, formed=len(room.pairs))


def without_figures(room: Room) -> Room:
    """Between two runs: closed pairs are gone, the others have played nothing yet."""
    kept = {id: fresh(pair) for id, pair in room.pairs.items() if pair.closed_reason is None}
    return replace(room, run=None, pairs=Map(kept), figures=Figures())


def fresh(pair: Pair) -> Pair:
    """A pair at the start of a run."""
    return Pair(pair.id, pair.name, pair.seats, bots=pair.bots, had_bot=any(pair.bots))


def run_started(room: Room, event: m.RunStarted) -> Room:
    run = room.run
    if run is None:
        return room
    return replace(room, run=replace(run, phase="open", started_at=event.at, ends_at=ends_at(run, event.at)))


def run_changed(room: Room, **changes: Any) -> Room:
    return replace(room, run=replace(room.run, **changes)) if room.run is not None else room


def run_resumed(room: Room, event: m.RunResumed) -> Room:
    return resume(room, room.run, event.at) if room.run is not None else room


def run_archived(room: Room, event: m.RunArchived) -> Room:
    run = room.run
    if run is None or run.id != event.run:
        return room
    return replace(without_figures(room), past=(*room.past, past_run(room, run)))


def past_run(room: Room, run: Run) -> PastRun:
    """What is kept of a run in the state; its rounds are in the log."""
    played = [pair for pair in room.pairs.values() if pair.scored]
    planned = run.plan.planned_rounds
    return PastRun(
        run.id,
        run.plan,
        run.source,
        room.figures,
        len([pair for pair in room.pairs.values() if pair.closed_reason is None]),
        room.formed,
        sum(has_badge(pair.figures, run.plan, room.formed) for pair in played),
        planned is not None and all(pair.scored >= planned for pair in played),
        None,
        run.started_at,
        run.ended_at,
        run.ended_reason,
        archived=True,
    )


def device_set(room: Room, event: m.DeviceSet) -> Room:
    if room.run is None:
        return room
    plan = replace(
        room.run.plan,
        device=event.device,
        visibility=event.visibility,
        free_angle=event.free_angle,
        answer_is_outcome=event.answer_is_outcome,
    )
    return run_changed(room, plan=plan)


def table_imported(room: Room, event: m.TableImported) -> Room:
    cells = {cell: Outcomes(*counts) for cell, counts in event.cells.items()}
    differ = event.differ if event.differ is not None else [cell for cell in cells if must_differ(cell)]
    rounds = sum(one.n for one in cells.values())
    wins = sum(one.won(cell in differ) for cell, one in cells.items())
    plan = m.Plan(planned_rounds=rounds or None, device="off")
    table = Table(event.title, event.outcomes_known, event.differ)
    past = PastRun(
        event.run, plan, "imported", Figures(rounds, wins, 0, Map(cells)), 1, 1, 0, True, table, event.at, event.at,
        "imported", archived=True,
    )  # fmt: skip
    return replace(room, past=(*room.past, past))


def player_joined(room: Room, event: m.PlayerJoined) -> Room:
    before = room.players.get(event.seat)
    player = Player(event.seat, event.name, event.code, online=before.online if before else False)
    return replace(room, players=room.players.set(event.seat, player))


def player_left(room: Room, event: m.PlayerLeft) -> Room:
    return replace(room, players=room.players.delete(event.seat)) if event.seat in room.players else room


def pair_formed(room: Room, event: m.PairFormed) -> Room:
    room = replace(
        room,
        pairs=room.pairs.set(event.pair, Pair(event.pair, event.name, event.seats)),
        pairs_ever=event.pair,
        formed=room.formed + 1,
    )
    for seat in event.seats:
        room = with_player(room, seat, pair=event.pair, closed_reason=None)
    return room


def pair_closed(room: Room, event: m.PairClosed) -> Room:
    pair = room.pairs[event.pair]
    room = with_pair(room, replace(pair, closed_reason=event.reason, question=None))
    for seat in pair.seats:
        player = room.players.get(seat)
        if player is not None and player.pair == event.pair:
            room = with_player(room, seat, pair=None, closed_reason=event.reason)
    return room


def bot_seated(room: Room, event: m.BotSeated) -> Room:
    pair = room.pairs[event.pair]
    bots = put(pair.bots, event.position, event.strategy)
    room = with_pair(room, replace(pair, bots=bots, had_bot=True))
    seat = pair.seats[event.position - 1]
    return with_player(room, seat, bot=event.strategy) if seat in room.players else room


def seat_ready(room: Room, event: m.SeatReady) -> Room:
    pair = room.pairs[event.pair]
    return with_pair(room, replace(pair, ready=put(pair.ready, event.position, True)))


def seat_connected(room: Room, event: m.SeatConnected) -> Room:
    room = with_player(room, event.seat, online=True, away_since=None)
    player = room.players[event.seat]
    pair = room.pairs.get(player.pair) if player.pair is not None else None
    if pair is None or player.bot is None:
        return room
    bots = put(pair.bots, pair.position(event.seat), None)
    return with_player(with_pair(room, replace(pair, bots=bots)), event.seat, bot=None)


_FOLDS: dict[type[Any], Callable[[Room, Any], Room]] = {
    m.RunOpened: run_opened,
    m.RunStarted: run_started,
    m.RunPaused: lambda room, event: run_changed(room, phase="paused", paused_at=event.at),
    m.RunResumed: run_resumed,
    m.RunEnded: lambda room, event: run_changed(
        room, phase="ended", ended_reason=event.reason, ended_at=event.at, paused_at=None
    ),
    m.RunArchived: run_archived,
    m.DeviceSet: device_set,
    m.TableImported: table_imported,
    m.PlayerJoined: player_joined,
    m.PlayerRenamed: lambda room, event: with_player(room, event.seat, name=event.name, label=event.label),
    m.PlayerLeft: player_left,
    m.SeatConnected: seat_connected,
    m.SeatDisconnected: lambda room, event: with_player(room, event.seat, online=False, away_since=event.at),
    m.PairFormed: pair_formed,
    m.PairClosed: pair_closed,
    m.BotSeated: bot_seated,
    m.SeatReady: seat_ready,
    m.QuestionAsked: ask,
    m.Measured: measure,
    m.AnswerLocked: lock,
    m.RoundScored: score,
    m.RoundVoided: void,
    m.PairFinished: lambda room, event: with_pair(room, replace(room.pairs[event.pair], finished=True)),
    m.NamesAnonymised: lambda room, event: replace(room, policy=replace(room.policy, anonymous=event.on)),
    m.PolicySet: lambda room, event: replace(room, policy=event.policy),
    m.TablesOpened: lambda room, event: replace(room, tables_open=event.open),
}
