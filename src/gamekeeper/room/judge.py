"""One command, judged: what it makes happen in this room, or why not. Changes nothing."""

from typing import Any

import msgspec

from gamekeeper.core.codec import decode_map
from gamekeeper.core.context import Context
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.machine import execute
from gamekeeper.core.messages import Command, Event, Joined, Left, Started
from gamekeeper.core.seats import HOST, NO_SEAT, PLAYER, Role, Seat
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import (
    CloseRoom,
    JoinRoom,
    LeaveRoom,
    MemberForgotten,
    MemberJoined,
    MemberLeft,
    OpenRoom,
    RoomClosed,
    RoomOpened,
    RoomStarted,
    StartRoom,
)
from gamekeeper.room.limits import Limits

FRAMEWORK_COMMANDS = frozenset({OpenRoom, JoinRoom, LeaveRoom, StartRoom, CloseRoom})

Step = Event | Command
"""One of the framework's own events, or a command for the game to decide."""


def authorise(fold: Fold, command: Command, seat: Seat, role: Role) -> None:
    """Deny by default: the command names the sender's role, and the sender still has the seat in that role."""
    roles = command.__roles__
    if role not in roles:
        code = ErrorCode.NOT_HOST if roles == frozenset({HOST}) else ErrorCode.FORBIDDEN
        raise Rejected(code, f"{command.__wire_name__} is for {' or '.join(sorted(roles))}")
    if seat == NO_SEAT:
        return
    member = fold.members.get(seat)
    if member is None or not member.present or member.role is not role:
        raise Rejected(ErrorCode.FORBIDDEN, "you have left this room")


def judge(fold: Fold, command: Command, ctx: Context, limits: Limits) -> tuple[list[Event], Any]:
    """All events of the command in order, the framework's among them, and the game's state after them.

    Raises `Rejected`, or whatever fault the game has; either way the room is as before.
    """
    if fold.closed is not None:
        raise Rejected(ErrorCode.ROOM_CLOSED, "this room has ended")
    if (fold.opened is None) is not (type(command) is OpenRoom):
        raise Rejected(ErrorCode.UNKNOWN_ROOM, "there is no such room")
    if type(command) not in FRAMEWORK_COMMANDS:
        events, state = execute(fold.game, fold.state, command, ctx)
    else:
        events, state = _of_framework(fold, command, ctx, limits)
    return _with_forgotten(fold, events), state


def _of_framework(fold: Fold, command: Command, ctx: Context, limits: Limits) -> tuple[list[Event], Any]:
    state: Any = fold.state
    events: list[Event] = []
    for step in _steps(fold, command, ctx, limits):
        if isinstance(step, RoomOpened):
            state = fold.game.initial(_config(fold, step.config))
        if isinstance(step, Event):
            events.append(step)
        else:
            happened, state = execute(fold.game, state, step, ctx)
            events += happened
    return events, state


def _with_forgotten(fold: Fold, events: list[Event]) -> list[Event]:
    """Where the game forgets a member, so does the room."""
    for event in events:
        if event.__forgets__:
            break
    else:
        return events
    seats = [getattr(event, event.__forgets__) for event in events if event.__forgets__]
    return [*events, *(MemberForgotten(seat, fold.members[seat].user) for seat in seats if seat in fold.members)]


def _config(fold: Fold, config: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(config, type=fold.game.config, dec_hook=decode_map)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Rejected(ErrorCode.BAD_REQUEST, f"config: {error}", field="config") from error


def _steps(fold: Fold, command: Command, ctx: Context, limits: Limits) -> list[Step]:
    """What the command consists of."""
    match command:
        case OpenRoom():
            return _open(fold, command)
        case JoinRoom(user, name, role):
            return _join(fold, user, name, role, limits)
        case LeaveRoom() if ctx.seat == NO_SEAT:
            raise Rejected(ErrorCode.FORBIDDEN, "you have no seat to leave")
        case LeaveRoom():
            return [MemberLeft(ctx.seat, "left"), Left(ctx.seat, "left")]
        case StartRoom():
            return [] if fold.started else [RoomStarted(), Started()]
        case CloseRoom(reason):
            return [RoomClosed(reason, ctx.user)]
        case _:
            raise TypeError(f"{type(command).__name__} is none of the framework's commands")


def _open(fold: Fold, command: OpenRoom) -> list[Step]:
    seat = Seat(1)
    steps: list[Step] = [
        RoomOpened(command.app, command.name, command.config, command.seed),
        MemberJoined(seat, command.creator, command.creator_name, command.creator_role),
        Joined(seat, command.creator_name, command.creator_role),
    ]
    full = fold.game.start == "full" and command.creator_role is PLAYER and fold.game.seats == 1
    if fold.game.start == "created" or full:
        steps += [RoomStarted(), Started()]
    return steps


def _join(fold: Fold, user: str, name: str, role: Role, limits: Limits) -> list[Step]:
    seat = fold.seat_of.get(user)
    if seat is not None and fold.members[seat].present:
        return []
    players = fold.count(PLAYER)
    if role is PLAYER and players >= fold.game.seats:
        raise Rejected(ErrorCode.CAPACITY, f"all {fold.game.seats} seats are taken")
    if seat is None and len(fold.members) >= limits.members:
        raise Rejected(ErrorCode.CAPACITY, f"a room has at most {limits.members} members")
    seat = seat or Seat(len(fold.members) + 1)
    steps: list[Step] = [MemberJoined(seat, user, name, role), Joined(seat, name, role)]
    if fold.game.start == "full" and role is PLAYER and players + 1 == fold.game.seats and not fold.started:
        steps += [RoomStarted(), Started()]
    return steps
