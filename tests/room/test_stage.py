"""What of a room is shown, to whom, and how often."""

from typing import Any

import msgspec
import pytest

from gamekeeper.core.errors import Rejected
from gamekeeper.core.messages import View
from gamekeeper.core.seats import HOST, NO_SEAT, PLAYER, SPECTATOR, Role, Seat
from gamekeeper.room.limits import Limits
from gamekeeper.room.stage import answer
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Ack, Patch, Presence, PublicEvent, Rejection, Signal, Welcome, decode_from_server
from tests.room.kit import Add, Added, Desk, Hide, Public, Sum, Sums, Watching


class Board(View):
    total: int


class Paced(Sum):
    """Hosts have a dashboard that is refreshed every two seconds, spectators one that is not paced."""

    refresh_s = {HOST: 2.0}

    def public(self, state: Sums) -> Any:
        return None

    def shared(self, state: Sums, role: Role) -> Any:
        return Board(state.total) if role in (HOST, SPECTATOR) else None


def table(game: Sum | None = None, limits: Limits | None = None) -> tuple[Desk, Watching, Watching, Watching]:
    desk = Desk(game, limits or Limits())
    desk.open()
    viewers = desk.connect("creator"), desk.join("ann"), desk.join("bob")
    for viewer in viewers:
        viewer.writes.clear()
    return desk, *viewers


def welcome(desk: Desk, viewer: Watching, since: int | None = None) -> Welcome:
    frame = decode_from_server(desk.room.stage.welcome(viewer, "room", since))
    assert isinstance(frame, Welcome)
    return frame


def test_a_welcome_says_all_there_is_to_know() -> None:
    desk, _, ann, _ = table()
    desk.do(ann, Add(3))
    desk.do(ann, Hide(4))
    again = Watching(ann.seat, PLAYER, "ann", ann.session)
    frame = welcome(desk, again)
    assert (frame.room, frame.app, frame.seat, frame.role, frame.session) == ("room", "sum", 2, "player", ann.session)
    assert (frame.last_id, frame.resumed, frame.events) == (2, False, ())
    assert (frame.public, frame.shared, frame.private) == ({"total": 3, "rang": 0}, None, {"hidden": 4})
    assert frame.server_time == desk.time.now() * 1000
    assert desk.room.stage.cursors.seq(frame.cursor) == desk.room.stage.seq


def test_a_welcome_to_who_resumes_has_what_was_missed() -> None:
    desk, _, ann, _ = table()
    desk.do(ann, Add(1))
    since = desk.room.stage.seq
    desk.do(ann, Add(2))
    desk.do(ann, Hide(9))
    desk.do(ann, Add(3))
    frame = welcome(desk, Watching(ann.seat, PLAYER), since)
    assert frame.resumed
    assert [msgspec.json.decode(event.data)["amount"] for event in frame.events] == [2, 3]


def test_events_older_than_memory_come_before() -> None:
    desk, _, ann, _ = table()
    desk.do(ann, Add(1))
    older = PublicEvent("older", 1.0, msgspec.Raw(b"{}"))
    frame = decode_from_server(desk.room.stage.welcome(Watching(2, PLAYER), "room", 0, (older,)))
    assert [event.type for event in frame.events] == ["older", "added"]


def test_one_write_per_viewer_per_commit() -> None:
    desk, host, ann, bob = table()
    for viewer in (ann, bob):
        for amount in range(3):
            desk.submit(viewer, Add(amount))
    desk.settle()
    assert [len(viewer.writes) for viewer in (host, ann, bob)] == [1, 1, 1]
    assert [frame.id for frame in ann.of(Ack)] == [1, 2, 3]
    assert len(host.of(Patch)) == 2, "one patch of the view and one of the feed"


def test_who_may_see_nothing_of_it_is_sent_nothing() -> None:
    desk, host, ann, bob = table()
    desk.do(ann, Hide(4))
    assert (host.writes, bob.writes) == ([], [])
    assert [type(frame) for frame in ann.frames] == [Patch, Ack]
    assert ann.of(Patch)[0].private == {"hidden": [4]}


def test_a_rejection_reaches_its_sender_alone() -> None:
    desk, host, ann, bob = table()
    desk.do(ann, Add(-1))
    assert (host.writes, bob.writes) == ([], [])
    assert ann.frames == [Rejection(1, "negative", "negative", "amount")]


def test_every_frame_of_a_commit_has_its_cursor() -> None:
    desk, _, ann, _ = table()
    desk.do(ann, Add(4))
    cursors = {frame.cursor for frame in ann.of(Patch)}
    assert [desk.room.stage.cursors.seq(cursor) for cursor in cursors] == [desk.room.stage.seq]


def test_a_paced_role_is_not_shown_more_often_than_it_wants() -> None:
    desk, host, ann, _ = table(Paced())
    audience = Watching(0, SPECTATOR)
    desk.room.stage.welcome(audience, "room", None)
    for _ in range(10):
        desk.do(ann, Add(1))
        desk.time.advance(0.5)
    shown = [frame.shared for frame in host.of(Patch) if frame.shared is not msgspec.UNSET]
    assert shown == [{"total": [1]}, {"total": [4]}, {"total": [8]}]
    desk.time.advance(2)
    assert host.of(Patch)[-1].shared == {"total": [10]}
    shown = [frame.shared for frame in audience.of(Patch) if frame.shared is not msgspec.UNSET]
    assert len(shown) == 10, "others are not held back"
    host.writes.clear()
    desk.time.advance(100)
    assert host.writes == [], "and when nothing changes nothing is sent"


def test_the_more_look_on_the_longer_is_the_interval_of_a_paced_role() -> None:
    """S3 of the quiz's checks: 2,500 look on at one update a second, where a few are shown four."""
    desk, host, ann, _ = table(Paced(), Limits(refreshed_per_s=0.5))
    for number in range(3):
        desk.room.stage.welcome(Watching(1, HOST, f"desk {number}"), "room", None)
    for _ in range(20):
        desk.do(ann, Add(1))
        desk.time.advance(1.0)
    shown = [frame.shared for frame in host.of(Patch) if frame.shared is not msgspec.UNSET]
    assert shown == [{"total": [1]}, {"total": [8]}, {"total": [16]}], "four of one role: every eight seconds"


def test_a_paced_role_that_left_is_not_refreshed() -> None:
    desk, host, ann, _ = table(Paced())
    desk.do(ann, Add(1))
    desk.do(ann, Add(1))
    desk.room.stage.audience.remove(host)
    host.writes.clear()
    desk.time.advance(10)
    assert host.writes == []
    assert desk.room.stage.audience.roles == [PLAYER]


def test_who_lagged_gets_what_is_shown_now() -> None:
    desk, _, ann, _ = table()
    desk.do(ann, Add(5))
    desk.do(ann, Hide(2))
    frame = decode_from_server(desk.room.stage.views_again(ann))
    assert (frame.public, frame.shared, frame.private) == ([{"total": 5, "rang": 0}], [None], [{"hidden": 2}])
    assert desk.room.stage.cursors.seq(frame.cursor) == desk.room.stage.seq


@pytest.mark.parametrize(("told", "who"), [("nobody", []), ("hosts", [1]), ("everyone", [1, 2, 3])])
def test_presence_is_told_to_those_who_may_know(told: str, who: list[int]) -> None:
    game = Sum()
    game.presence = told
    desk, *viewers = table(game)
    desk.room.stage.announce(Seat(2), False)
    assert [viewer.seat for viewer in viewers if viewer.of(Presence) == [Presence(2, False)]] == who


@pytest.mark.parametrize(("seat", "who"), [(NO_SEAT, [1, 2, 3]), (Seat(2), [2]), (Seat(9), [])])
def test_a_signal_goes_to_all_or_one(seat: Seat, who: list[int]) -> None:
    desk, *viewers = table()
    desk.room.stage.signal("progress", 0.5, seat)
    assert [viewer.seat for viewer in viewers if viewer.of(Signal) == [Signal("progress", 0.5)]] == who
    assert all(events + answers == b"" for viewer in viewers for events, _, answers in viewer.writes), (
        "a signal may be dropped"
    )


def test_closing_sends_everybody_home() -> None:
    desk, *viewers = table(Paced())
    desk.do(viewers[1], Add(1))
    desk.room.stage.close(ClosingCode.DRAINING, "the server restarts")
    assert [viewer.ended for viewer in viewers] == [ClosingCode.DRAINING] * 3
    assert not desk.room.stage.audience.viewers
    desk.time.advance(10)


def test_answers() -> None:
    assert answer(3, None) == b'{"type":"ack","id":3}'
    assert answer(3, Rejected("late", "too late", field="side", retry_after_s=0.5)) == (
        b'{"type":"rejected","id":3,"code":"late","message":"too late","field":"side","retry_after_s":0.5}'
    )


def test_the_public_view_is_the_committed_one() -> None:
    desk, _, ann, _ = table()
    desk.submit(ann, Add(5))
    desk.time.settle()
    assert desk.room.fold.state.total == 5
    assert desk.room.stage.state.total == 0
    assert welcome(desk, Watching(3, PLAYER)).public == {"total": 0, "rang": 0}
    assert Public(0, 0) == desk.room.stage.audience.views(ann)[0]
    assert not ann.of(Added)
