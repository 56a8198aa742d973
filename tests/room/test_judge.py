"""May they, and what happens then: authorisation, seats, the room's own life."""

from typing import Any

import msgspec
import pytest

from gamekeeper.core.context import Context
from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.core.messages import Command, Event
from gamekeeper.core.seats import ADMIN, HOST, NO_SEAT, PLAYER, SPECTATOR, SYSTEM, Role, Seat
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import (
    CloseRoom,
    JoinRoom,
    LeaveRoom,
    MemberJoined,
    MemberLeft,
    OpenRoom,
    RoomClosed,
    RoomOpened,
    RoomStarted,
    StartRoom,
)
from gamekeeper.room.judge import authorise, judge
from gamekeeper.room.limits import DEFAULT_LIMITS, Limits
from tests.room.kit import Add, Added, Desk, Noticed, Reset, Sum


class Notices(Sum):
    notices = True


class Duel(Notices):
    start = "full"
    seats = 2


class Solo(Duel):
    seats = 1


class Hosted(Notices):
    start = "host"


def opened(game: Sum, role: Role = HOST, config: bytes = b"{}", limits: Limits = DEFAULT_LIMITS) -> Desk:
    desk = Desk(game, limits)
    desk.open(role, config)
    return desk


def judged(desk: Desk, command: Command, seat: int = 0, role: Role = SYSTEM) -> list[Event]:
    ctx = Context(Seat(seat), role, "user", 0, desk.room.fold.seq + 1, None)
    before = desk.room.fold.snapshot(None) if desk.room.fold.opened else None
    try:
        return judge(desk.room.fold, command, ctx, desk.limits)[0]
    finally:
        assert before is None or before == desk.room.fold.snapshot(None), "judging changes nothing"


def refusal(function: Any, *arguments: Any) -> str:
    with pytest.raises(Rejected) as refused:
        function(*arguments)
    return refused.value.code


# -- who may -----------------------------------------------------------------------------------------------------------


def test_a_role_sends_its_own_commands_only() -> None:
    desk = opened(Sum())
    ann = desk.join("ann")
    fold = desk.room.fold
    authorise(fold, Add(1), ann.seat, PLAYER)
    authorise(fold, Reset(), Seat(1), HOST)
    assert refusal(authorise, fold, Add(1), Seat(1), HOST) == ErrorCode.FORBIDDEN
    assert refusal(authorise, fold, Reset(), ann.seat, PLAYER) == ErrorCode.NOT_HOST
    assert refusal(authorise, fold, StartRoom(), ann.seat, PLAYER) == ErrorCode.NOT_HOST
    assert refusal(authorise, fold, CloseRoom("x"), ann.seat, PLAYER) == ErrorCode.FORBIDDEN
    assert refusal(authorise, fold, Add(1), NO_SEAT, SPECTATOR) == ErrorCode.FORBIDDEN
    authorise(fold, CloseRoom("x"), NO_SEAT, ADMIN)


@pytest.mark.parametrize("role", [role for role in Role if role is not SYSTEM])
def test_nobody_but_the_system_opens_and_joins(role: Role) -> None:
    fold = opened(Sum()).room.fold
    for command in (OpenRoom("a", "", msgspec.Raw(b"{}"), None, "u", "U", HOST), JoinRoom("u", "U", HOST)):
        assert refusal(authorise, fold, command, NO_SEAT, role) == ErrorCode.FORBIDDEN


def test_who_left_may_nothing() -> None:
    desk = opened(Sum())
    ann = desk.join("ann")
    desk.do(ann, LeaveRoom())
    assert refusal(authorise, desk.room.fold, Add(1), ann.seat, PLAYER) == ErrorCode.FORBIDDEN


def test_a_connection_from_before_keeps_no_role() -> None:
    """Leaving as a player and returning as a spectator must not leave a socket behind that still plays."""
    desk = opened(Sum())
    ann = desk.join("ann")
    desk.do(ann, LeaveRoom())
    desk.tell(JoinRoom("ann", "Ann", SPECTATOR))
    assert refusal(authorise, desk.room.fold, Add(1), ann.seat, PLAYER) == ErrorCode.FORBIDDEN


def test_a_seat_nobody_has_may_nothing() -> None:
    assert refusal(authorise, opened(Sum()).room.fold, Add(1), Seat(77), PLAYER) == ErrorCode.FORBIDDEN


# -- opening -----------------------------------------------------------------------------------------------------------


def test_a_room_is_opened_once_and_first() -> None:
    empty, desk = Desk(), opened(Sum())
    opening = OpenRoom("sum", "Name", msgspec.Raw(b'{"start_at":3}'), "seed", "ann", "Ann", HOST)
    assert judged(empty, opening) == [
        RoomOpened("sum", "Name", msgspec.Raw(b'{"start_at":3}'), "seed"),
        MemberJoined(Seat(1), "ann", "Ann", HOST),
        RoomStarted(),
    ]
    assert refusal(judged, desk, opening) == ErrorCode.UNKNOWN_ROOM
    for command in (Add(1), JoinRoom("a", "A", PLAYER), CloseRoom("x"), StartRoom(), LeaveRoom()):
        assert refusal(judged, empty, command) == ErrorCode.UNKNOWN_ROOM


@pytest.mark.parametrize("config", [b'{"start_at":"x"}', b'{"stray":1}', b"[]", b"null", b"{"])
def test_a_config_that_does_not_fit_is_refused(config: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        judged(Desk(), OpenRoom("sum", "", msgspec.Raw(config), None, "ann", "Ann", HOST))
    assert (refused.value.code, refused.value.field) == (ErrorCode.BAD_REQUEST, "config")


def test_the_config_reaches_the_game() -> None:
    assert opened(Sum(), config=b'{"start_at":42}').room.stage.state.total == 42


# -- joining -----------------------------------------------------------------------------------------------------------


def test_seats_are_counted_up_and_kept() -> None:
    desk = opened(Notices())
    assert judged(desk, JoinRoom("ann", "Ann", PLAYER)) == [
        MemberJoined(Seat(2), "ann", "Ann", PLAYER),
        Noticed("joined 2"),
    ]
    ann, bob = desk.join("ann"), desk.join("bob")
    assert (ann.seat, bob.seat) == (2, 3)
    assert judged(desk, JoinRoom("ann", "Other", SPECTATOR)) == [], "who has a seat keeps it"
    desk.do(ann, LeaveRoom())
    assert judged(desk, JoinRoom("ann", "Ann", PLAYER))[0] == MemberJoined(Seat(2), "ann", "Ann", PLAYER)


def test_a_full_room_refuses_players_but_not_spectators() -> None:
    desk = opened(Duel())
    first = desk.join("a")
    desk.join("b")
    assert refusal(judged, desk, JoinRoom("c", "C", PLAYER)) == ErrorCode.CAPACITY
    assert judged(desk, JoinRoom("c", "C", SPECTATOR))
    desk.do(first, LeaveRoom())
    assert judged(desk, JoinRoom("c", "C", PLAYER)), "a seat given up is free"
    desk.join("c")
    assert refusal(judged, desk, JoinRoom("a", "A", PLAYER)) == ErrorCode.CAPACITY, "even for who had it"


def test_a_room_has_at_most_so_many_members_over_its_life() -> None:
    desk = opened(Sum(), limits=Limits(members=2))
    ann = desk.join("ann")
    assert refusal(judged, desk, JoinRoom("bob", "Bob", SPECTATOR)) == ErrorCode.CAPACITY
    desk.do(ann, LeaveRoom())
    assert refusal(judged, desk, JoinRoom("bob", "Bob", PLAYER)) == ErrorCode.CAPACITY
    assert judged(desk, JoinRoom("ann", "Ann", PLAYER)), "who was a member may return"


def test_leaving() -> None:
    desk = opened(Notices())
    ann = desk.join("ann")
    assert judged(desk, LeaveRoom(), ann.seat, PLAYER) == [MemberLeft(ann.seat, "left"), Noticed(f"left {ann.seat}")]


def test_who_has_no_seat_cannot_leave() -> None:
    assert refusal(judged, opened(Sum()), LeaveRoom(), NO_SEAT, SPECTATOR) == ErrorCode.FORBIDDEN


# -- starting and ending -----------------------------------------------------------------------------------------------


def started(events: list[Event]) -> bool:
    return events[-2:] == [RoomStarted(), Noticed("started")]


def test_a_room_starts_when_full() -> None:
    desk = opened(Duel())
    assert not desk.room.fold.started
    assert not started(judged(desk, JoinRoom("a", "A", PLAYER)))
    desk.join("a")
    assert not started(judged(desk, JoinRoom("s", "S", SPECTATOR)))
    assert started(judged(desk, JoinRoom("b", "B", PLAYER)))
    bob = desk.join("b")
    desk.do(bob, LeaveRoom())
    assert not started(judged(desk, JoinRoom("b", "B", PLAYER))), "and only once"


def test_a_creator_who_plays_alone_starts_at_once() -> None:
    opening = OpenRoom("solo", "", msgspec.Raw(b"{}"), None, "ann", "Ann", PLAYER)
    assert started(judged(Desk(Solo()), opening))
    assert not started(judged(Desk(Duel()), opening))
    assert not started(judged(Desk(Solo()), msgspec.structs.replace(opening, creator_role=HOST)))


def test_a_room_starts_when_its_host_says_so() -> None:
    desk = opened(Hosted())
    assert not desk.room.fold.started
    host = desk.connect("creator")
    assert started(judged(desk, StartRoom(), 1, HOST))
    desk.do(host, StartRoom())
    assert judged(desk, StartRoom(), 1, HOST) == [], "twice is harmless"


def test_nothing_follows_the_end() -> None:
    desk = opened(Sum())
    assert judged(desk, CloseRoom("over")) == [RoomClosed("over", "user")]
    desk.room.fold.govern(RoomClosed("over", "user"))
    for command in (Add(1), JoinRoom("a", "A", PLAYER), CloseRoom("again"), StartRoom(), LeaveRoom()):
        assert refusal(judged, desk, command) == ErrorCode.ROOM_CLOSED


def test_a_command_of_the_game_is_decided_by_the_game() -> None:
    desk = opened(Sum())
    assert judged(desk, Add(3), 1, PLAYER) == [Added(Seat(1), 3)]
    assert refusal(judged, desk, Add(-3), 1, PLAYER) == "negative"


def test_the_kit_is_a_fold() -> None:
    assert isinstance(opened(Sum()).room.fold, Fold)
