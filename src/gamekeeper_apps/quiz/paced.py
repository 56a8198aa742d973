"""At one's own pace: a question as one player has it, and how the room changes. Everybody's asks are put at the start,
so that totals, reports and exports are those of any gathering; when each opened is each player's own."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from gamekeeper import Map
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz.clock import MICROSECOND
from gamekeeper_apps.quiz.marking import Marker
from gamekeeper_apps.quiz.state import Ask, Given, Player, Room, Turn
from gamekeeper_apps.quiz.texts import collected
from gamekeeper_apps.quiz.totals import recounted


def own_ask(room: Room, player: Player) -> Ask | None:
    """The question a player is at, with the opening and the close that are the player's own."""
    turn = player.turn
    ask = room.asks.get(turn.ask) if turn is not None else None
    if turn is None or ask is None:
        return None
    stood_us = sum(_stood_us(turn.opens_at, since, until) for since, until in room.stood)
    limit = timedelta(milliseconds=ask.limit_ms, microseconds=stood_us)
    return replace(
        ask,
        options_at=turn.opens_at,
        opens_at=turn.opens_at,
        closes_at=turn.opens_at + limit if ask.closes_at is not None else None,
        paused_us=stood_us,
    )


def _stood_us(opens_at: datetime, since: datetime, until: datetime) -> int:
    return max(0, (until - max(opens_at, since)) // MICROSECOND)


def next_ask(room: Room, player: Player) -> int | None:
    """The question that comes after the one a player is at; None: that was the last. Presenters pass over their own."""
    number = player.turn.ask if player.turn is not None else 0
    while (number := number + 1) <= room.ask_count:
        if player.seat not in room.asks[number].presenters:
            return number
    return None


def may_answer_again(room: Room, player: Player, ask: int) -> bool:
    if room.phase != "paced":
        return room.settings.allow_change
    return player.answers[ask].attempt < room.settings.attempts


def own_result(room: Room, player: Player, ask: Ask) -> tuple[Marker, Given] | None:
    """What is needed to tell a player's own result at once; None: it is told at the end."""
    given = player.answers.get(ask.id)
    nearest_wins = ask.question.type == "number" and ask.question.grading == "closest"
    if given is None or room.settings.feedback == "at_end" or nearest_wins:
        return None
    return Marker(room, ask), given


# -- folding -----------------------------------------------------------------------------------------------------------


def begun(room: Room, event: e.AskBegun) -> Room:
    player = replace(room.players[event.player], turn=Turn(event.ask, event.opens_at))
    return replace(room, players=room.players.set(event.player, player))


def answered_alone(room: Room, event: e.Answered) -> Room:
    player, ask = room.players[event.player], room.asks[event.ask]
    before = player.answers.get(event.ask)
    attempt = before.attempt + 1 if before is not None else 1
    given = Given(event.value, event.raw_ms, event.credited_ms, event.confidence, attempt)
    player = replace(player, answers=player.answers.set(event.ask, given), last=event.ask)
    room = replace(room, players=room.players.set(event.player, player))
    if before is not None:
        return room
    return replace(room, asks=room.asks.set(ask.id, replace(ask, answered=ask.answered + 1)))


def told_to_all(room: Room, event: e.PacedClosed) -> Room:
    """Every question told and counted, as if each had been revealed in turn."""
    asks = {
        number: collected(replace(ask, closed="time", closed_at=event.at, revealed=True), room)
        for number, ask in room.asks.items()
    }
    segments = tuple(replace(one, status="done" if one.asked else one.status) for one in room.segments)
    room = replace(room, asks=Map(asks), segments=segments, phase="segment_done", phase_at=event.at)
    return recounted(room)
