"""A room under many commands and in ten thousand orders of joining, sending and losing the connection."""

import logging
import random

import msgspec

from gamekeeper.core.seats import HOST, PLAYER
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import CloseRoom, JoinRoom, LeaveRoom
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.frames import Ack
from tests.room.kit import Add, Desk, Notices, Watching, table


def test_a_thousand_commands_leave_no_gap() -> None:
    desk, ann, bob = table()
    viewers = [desk.join(f"user {number}") for number in range(20)]
    rng = random.Random(7)
    for _ in range(1_000):
        desk.submit(rng.choice([ann, bob, *viewers]), Add(1))
        if rng.random() < 0.05:
            desk.time.settle()
        if rng.random() < 0.02 and desk.log.waiting:
            desk.log.write()
    desk.settle()
    entries = desk.log.entries
    seqs = [seq for entry in entries for seq in range(entry.seq, entry.last + 1)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert desk.room.stage.state.total == 1_000 == sum(len(viewer.of(Ack)) for viewer in [ann, bob, *viewers])
    fold = Fold(desk.game)
    for entry in entries:
        fold.apply(entry)
    assert fold.state == desk.room.stage.state


INTERLEAVINGS = 10_000


def test_ten_thousand_interleavings_of_disconnect_join_and_submit() -> None:
    """Whatever the order, and whenever the log gets round to it: no command lost or doubled, and all see the same."""
    logging.disable(logging.CRITICAL)
    try:
        for seed in range(INTERLEAVINGS):
            interleave(seed)
    finally:
        logging.disable(logging.NOTSET)


def interleave(seed: int) -> None:
    rng = random.Random(seed)
    desk = Desk(Notices(), time=VirtualTime(rng))
    desk.open()
    live: dict[str, Watching] = {}
    for _ in range(rng.randint(4, 14)):
        user = rng.choice(["ann", "bob", "cat"])
        match rng.choice(["join", "submit", "submit", "disconnect", "leave", "turn", "write", "others", "wait"]):
            case "join":
                desk.tell(JoinRoom(user, user, PLAYER), settle=rng.random() < 0.5)
                if user in desk.room.fold.seat_of and user not in live:
                    live[user] = arrive(desk, user)
            case "submit" if user in live:
                desk.submit(live[user], Add(1))
            case "disconnect" if user in live:
                depart(desk, live.pop(user))
            case "leave" if user in live:
                desk.submit(live[user], LeaveRoom())
            case "turn":
                desk.time.step(desk.time.now())
            case "write" if desk.log.waiting:
                desk.log.write()
            case "others":
                desk.log.occupy(not desk.log.busy)
            case "wait":
                desk.time.advance(rng.choice([0.1, 6.0]))
        live = {user: viewer for user, viewer in live.items() if viewer.ended is None}
    desk.log.occupy(False)
    desk.settle()
    check(desk, [viewer for viewer in live.values() if viewer.ended is None])
    end(desk, rng)


def end(desk: Desk, rng: random.Random) -> None:
    """The room is gone once its end is written, and not before, whatever the log does meanwhile."""
    desk.tell(Add(1), settle=False)
    if rng.random() < 0.5:
        desk.time.settle()
    answers = desk.tell(CloseRoom("over"), settle=False)
    desk.time.settle()
    while not desk.room.stopped:
        assert answers == []
        desk.log.occupy(rng.random() < 0.5)
        if desk.log.waiting:
            desk.log.write()
    assert answers == [None]
    assert desk.log.entries[-1].events[-1].type == "room.closed"


def arrive(desk: Desk, user: str) -> Watching:
    member = desk.room.fold.members[desk.room.fold.seat_of[user]]
    viewer = Watching(member.seat, member.role, user, f"session of {user}")
    desk.room.stage.welcome(viewer, "room", None)
    desk.room.presence.arrive(viewer.seat)
    return viewer


def depart(desk: Desk, viewer: Watching) -> None:
    desk.room.stage.audience.remove(viewer)
    desk.room.presence.depart(viewer.seat)


def check(desk: Desk, live: list[Watching]) -> None:
    fold = Fold(desk.game)
    ids: set[tuple[int, str, int]] = set()
    for entry in desk.log.entries:
        fold.apply(entry)
        assert not entry.n or (entry.seat, entry.session, entry.n) not in ids, "took effect twice"
        ids.add((entry.seat, entry.session, entry.n))
    assert fold.state == desk.room.stage.state == desk.room.fold.state
    assert fold.seq == desk.room.stage.seq
    assert fold.state.total == sum(entry.command == "add" for entry in desk.log.entries)
    for viewer in live:
        assert {frame.id for frame in viewer.of(Ack)} <= {id for _, session, id in ids if session == viewer.session}
    assert set(desk.room.stage.audience.viewers) == set(live)
    assert desk.room.settled


def test_a_seed_decides_everything() -> None:
    def log(seed: str | None) -> list[bytes]:
        desk = Desk()
        desk.open(HOST, seed=seed)
        desk.do(desk.join("ann"), Add(1))
        return desk.log.bodies

    assert log("one") == log("one")
    assert msgspec.json.decode(log("one")[0])[0][7][0][2]["seed"] == "one"
