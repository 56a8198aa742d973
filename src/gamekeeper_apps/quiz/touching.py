"""Whose private view an event may change; and what old events lack."""

from typing import Any

from gamekeeper import Seat


def presenters_touched(event: Any, state: Any) -> tuple[Seat, ...]:
    """Presenters see their own segment's drafts and keys."""
    return tuple(state.presenters_ever)


def moderators_touched(event: Any, state: Any) -> tuple[Seat, ...]:
    """Moderators see what waits for them; whom it is about sees the own name."""
    return (*state.moderators, event.player)


def names_touched(event: Any, state: Any) -> tuple[Seat, ...]:
    """Once there are standings, a name that changes or goes is somebody's neighbour."""
    item = getattr(event, "item", "")
    subject = (Seat(int(item.partition(":")[2])),) if item.startswith("name:") else ()
    own = (event.player,) if hasattr(event, "player") else ()
    return (*(state.players if state.asks else ()), *state.moderators, *subject, *own)


def answer_touched(event: Any, state: Any) -> tuple[Seat, ...]:
    """Whose answer it is; and whoever presents, a few times a second."""
    ask = state.ask
    if ask is None or ask.id != event.ask or ask.counted_at != event.accepted_at:
        return (event.player,)
    return (event.player, *ask.presenters)


def orders_touched(event: Any, state: Any) -> tuple[Seat, ...]:
    """Where every seat has its own order, all; else those who present."""
    mixed = state.settings.shuffle == "seat"
    return tuple(state.players) if mixed else tuple(state.presenters_ever)


def as_it_was(fields: dict[str, Any]) -> dict[str, Any]:
    """Settings that came later have their defaults in an old log."""
    return fields
