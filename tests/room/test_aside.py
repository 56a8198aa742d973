"""Views that cost more than the loop can give: what their viewers are shown meanwhile, and what nobody waits for."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec import UNSET

from gamekeeper.app import App
from gamekeeper.core.messages import View
from gamekeeper.core.seats import HOST, PLAYER, SPECTATOR, Role, Seat
from gamekeeper.log.memory import MemoryLog
from gamekeeper.room.aside import BUDGET_S
from gamekeeper.room.registry import Registry
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import Ack, Patch, Welcome, decode_from_server
from tests.room.kit import Add, Desk, Hide, Sum, Sums, Watching


class Figures(View):
    total: int
    hidden: int


class Slow(Sum):
    """Hosts and spectators see figures that take `cost_s` of a processor, by a clock that the test moves."""

    def __init__(self, cost_s: float = 3 * BUDGET_S) -> None:
        self.time = VirtualTime()
        self.cost_s = cost_s
        self.computed: list[int] = []
        self.broken = False

    def public(self, state: Sums) -> Any:
        return {"total": state.total}

    def shared(self, state: Sums, role: Role) -> Any:
        if role is PLAYER:
            return None
        self.time.processor_s += self.cost_s
        self.computed.append(state.total)
        if self.broken:
            raise ValueError("no figures of that")
        return Figures(state.total, sum(state.hidden.values()))


def table(game: Slow, role: Role = HOST) -> tuple[Desk, Watching, Watching]:
    """A room with one who sees the figures, and a player. Computing beside the loop takes five seconds."""
    desk = Desk(game, time=game.time)
    desk.time.work_s = 5.0
    desk.open(HOST if role is HOST else PLAYER)
    viewer = desk.connect("creator") if role is HOST else desk.join("beamer", role)
    ann = desk.join("ann")
    desk.time.advance(60)
    game.computed.clear()
    viewer.writes.clear()
    ann.writes.clear()
    return desk, viewer, ann


def shared(viewer: Watching) -> list[tuple[Any, Any]]:
    """The patches of the figures and their marks, in order."""
    return [(frame.shared, frame.stale) for frame in viewer.of(Patch) if (frame.shared, frame.stale) != (UNSET, UNSET)]


def seqs(desk: Desk, viewer: Watching) -> list[int | None]:
    return [desk.room.stage.cursors.seq(frame.cursor) for frame in viewer.of(Patch)]


def welcome(desk: Desk, viewer: Watching) -> Welcome:
    frame = decode_from_server(desk.room.stage.welcome(viewer, "room", None))
    assert isinstance(frame, Welcome)
    return frame


def test_within_the_budget_a_view_comes_with_its_commit() -> None:
    desk, host, ann = table(Slow(cost_s=BUDGET_S))
    desk.do(ann, Add(3))
    assert shared(host) == [({"total": [3]}, UNSET)]
    assert desk.room.stage.aside.views == {}


def test_a_slow_view_delays_nothing_and_is_marked_until_it_is_there() -> None:
    desk, host, ann = table(Slow())
    desk.do(ann, Add(3))
    assert ann.of(Ack) == [Ack(1)]
    assert ann.of(Patch)[-1].public == {"total": [3]}
    assert shared(host) == [(UNSET, True)]
    desk.time.advance(5)
    assert shared(host) == [(UNSET, True), ({"total": [3]}, False)]
    assert seqs(desk, host)[-1] == desk.room.stage.seq


def test_one_at_a_time_and_the_newest_state_is_next() -> None:
    game = Slow()
    desk, host, ann = table(game)
    for _ in range(10):
        desk.do(ann, Add(1))
    desk.time.advance(60)
    assert game.computed == [1, 10]
    assert shared(host) == [(UNSET, True), ({"total": [1]}, UNSET), ({"total": [10]}, False)]


def test_what_was_committed_meanwhile_leaves_the_mark() -> None:
    """The cursor is that of the commits; a view of an earlier state never claims to be as new."""
    desk, host, ann = table(Slow())
    desk.do(ann, Add(1))
    at = desk.room.stage.seq
    desk.do(ann, Add(1))
    desk.time.advance(5)
    assert (shared(host)[-1], seqs(desk, host)[-1]) == (({"total": [1]}, UNSET), at + 1)
    assert decode_from_server(desk.room.stage.views_again(host)).stale is True
    desk.time.advance(10)
    assert decode_from_server(desk.room.stage.views_again(host)).stale is False
    assert decode_from_server(desk.room.stage.views_again(ann)).stale is UNSET


def test_no_view_takes_more_than_half_of_a_processor() -> None:
    game = Slow(cost_s=20.0)
    desk, _, ann = table(game)
    desk.do(ann, Add(1))
    desk.do(ann, Add(1))
    desk.time.advance(5 + 19)
    assert game.computed == [1]
    desk.time.advance(1)
    desk.time.advance(5)
    assert game.computed == [1, 2]


def test_after_a_fault_the_last_good_view_stays(caplog: pytest.LogCaptureFixture) -> None:
    game = Slow()
    desk, host, ann = table(game)
    game.broken = True
    desk.do(ann, Add(1))
    desk.time.advance(60)
    assert shared(host) == [(UNSET, True)], "and it is known to be an old one"
    assert desk.notes.view_faults == 1
    assert "no figures of that" in caplog.text
    assert game.computed == [1], "the same state is not tried twice"
    game.broken = False
    desk.do(ann, Add(1))
    desk.time.advance(60)
    assert shared(host)[1:] == [({"total": [2]}, False)]


def test_the_mark_tells_nobody_but_hosts_of_what_is_hidden() -> None:
    desk, audience, ann = table(Slow(), SPECTATOR)
    desk.do(ann, Hide(0))
    assert audience.writes == []
    desk.time.advance(60)
    assert audience.writes == [], "nothing of what they may see has changed"
    desk.do(ann, Add(1))
    assert shared(audience) == [(UNSET, True)], "everybody was told of this one"
    desk, host, ann = table(Slow())
    desk.do(ann, Hide(0))
    desk.time.advance(60)
    assert shared(host) == [(UNSET, True), (UNSET, False)]


def test_a_newcomer_is_shown_the_last_view_at_once() -> None:
    game = Slow()
    desk, host, ann = table(game)
    desk.room.stage.audience.remove(host)
    desk.do(ann, Add(4))
    desk.time.advance(60)
    assert game.computed == [], "nobody looked"
    again = Watching(1, HOST)
    frame = welcome(desk, again)
    assert (frame.shared, frame.stale) == ({"total": 0, "hidden": 0}, True)
    desk.time.advance(60)
    assert shared(again) == [({"total": [4]}, False)]
    assert welcome(desk, Watching(1, HOST)).stale is UNSET


def test_who_left_before_it_was_there_is_not_shown_it() -> None:
    desk, host, ann = table(Slow())
    desk.do(ann, Add(4))
    desk.room.stage.audience.remove(host)
    host.writes.clear()
    desk.time.advance(60)
    assert host.writes == []
    assert welcome(desk, Watching(1, HOST)).shared == {"total": 4, "hidden": 0}


def test_a_closed_room_takes_nothing_that_was_under_way() -> None:
    desk, host, ann = table(Slow())
    desk.do(ann, Add(4))
    host.writes.clear()
    desk.room.stop(ClosingCode.IDLE, "nobody was here")
    desk.time.advance(60)
    assert host.writes == []
    assert desk.time.next_at() is None, "and nothing is planned"


# -- on a real loop ----------------------------------------------------------------------------------------------------


class Heavy(Sum):
    """Figures that keep a processor busy for so many seconds."""

    cost_s = 0.0
    took_s = 0.0

    def shared(self, state: Sums, role: Role) -> Any:
        began_s, until_s = time.monotonic(), time.thread_time() + self.cost_s
        for number in itertools.count():
            if time.thread_time() >= until_s:
                break
            sorted(str(one * number) for one in range(50))
        self.took_s = time.monotonic() - began_s
        return Figures(state.total, 0)


@contextmanager
def stalls() -> Iterator[list[float]]:
    """The seconds between two turns of the loop, as long as the block runs."""
    loop = asyncio.get_running_loop()
    found: list[float] = []
    at_s = time.monotonic()
    ends = False

    def turn() -> None:
        nonlocal at_s
        found.append(time.monotonic() - at_s)
        at_s += found[-1]
        if not ends:
            loop.call_later(0.001, turn)

    turn()
    yield found
    ends = True


@pytest.mark.anyio
async def test_the_loop_goes_on_while_a_slow_view_is_computed() -> None:
    game, arrived = Heavy(), asyncio.Event()
    registry = Registry({"sum": App("sum", "Sums", game)}, MemoryLog(), b"secret")

    class Host(Watching):
        def deliver(self, events: bytes, views: bytes, answers: bytes) -> None:
            super().deliver(events, views, answers)
            if self.of(Patch) and self.of(Patch)[-1].stale is False:
                arrived.set()

    room = await registry.open("sum", "ann", "Ann")
    await registry.join(room.id, "bob", "Bob", PLAYER)
    host = Host(1, HOST)
    game.cost_s = 2 * BUDGET_S
    room.stage.welcome(host, room.id, None)
    game.cost_s = 0.5
    with stalls() as found:
        await registry.ask(room.id, Add(7), seat=Seat(2), role=PLAYER, session="s", command_id=1)
        assert not arrived.is_set(), "answered first"
        await asyncio.wait_for(arrived.wait(), 60)
    frame = host.of(Patch)[-1]
    assert (frame.shared, room.stage.cursors.seq(frame.cursor)) == ({"total": [7]}, room.stage.seq)
    assert game.took_s >= game.cost_s
    assert max(found) < game.took_s / 3, "the loop's longest turn is far from what the view took"
    await registry.drain()
