"""One node, its disk, its clients and everything that can go wrong, from one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from gamekeeper.core.game import Game
from gamekeeper.core.seats import HOST, NO_SEAT, SYSTEM
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import OpenRoom
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.testing.simulation.client import Client, Wish
from gamekeeper.testing.simulation.disk import Disk
from gamekeeper.testing.simulation.link import Link
from gamekeeper.testing.simulation.node import Node, RoomFactory
from gamekeeper.testing.simulation.reference import Reference, Violation
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.cursor import Cursors

ROOM = "simulated"
LAST_REPAIRS_S = 60.0


@dataclass(frozen=True)
class Parts:
    """What the world is made of; a test plants a fault by replacing a part."""

    make_room: RoomFactory = Room
    make_fold: Callable[[Game[Any, Any, Any]], Fold] = Fold
    check: Callable[[Any], None] = lambda state: None
    """Raises `Violation` on a durable state that cannot be; for what the game's own invariants would hide."""


@dataclass(frozen=True)
class Report:
    """What a seed's history contained."""

    seed: int
    steps: int
    seq: int
    crashes: int
    cuts: int
    sent: int
    acknowledged: int
    rejected: int
    welcomes: int


class World:
    """Everything of one seed."""

    def __init__(self, make_game: Callable[[], Game[Any, Any, Any]], seed: int, wish: Wish, parts: Parts) -> None:
        self.rng = random.Random(seed)
        self.time = VirtualTime(self.rng)
        self.cursors = Cursors(b"simulation", ROOM, 1)
        self.reference = Reference(make_game(), self.cursors, parts.check)
        self.disk = Disk(self.rng, self.reference.written)
        self.crashes = self.cuts = self.steps = 0
        self._make_game = make_game
        self._parts = parts
        self._failure_rate = self.rng.choice([0.0, 0.0, 0.01])
        self._crash_rate = self.rng.choice([0.0, 0.002, 0.01])
        self._cut_rate = self.rng.choice([0.0, 0.005, 0.02])
        slow_rate = self.rng.choice([0.0, 0.3])
        self.node: Node | None = self._boot()
        users = [f"user-{number}" for number in range(self.rng.randint(2, 4))]
        self.clients = [
            Client(user, self.time, self.rng, self.reference, wish, self._dial, slow_rate) for user in users
        ]

    def _boot(self) -> Node:
        def fold() -> Fold:
            return self._parts.make_fold(self._make_game())

        node = Node(self.time, self.rng, self.disk, fold, self._parts.make_room, self.cursors, self._failure_rate)
        if not self.disk.entries(ROOM):
            opening = OpenRoom("simulated", "", msgspec.Raw(b"{}"), None, "host", "Host", HOST)
            node.room(ROOM).submit(Envelope(opening, NO_SEAT, SYSTEM, "host", reply=lambda _: None))
        else:
            node.room(ROOM)
        return node

    def _dial(self, link: Link) -> None:
        if self.node is None:
            link.cut()
        else:
            self.node.accept(link, ROOM)

    def _crash(self) -> None:
        if self.node is not None:
            self.crashes += 1
            self.node.die()
            self.node = None
            self.time.call_at(self.time.now() + self.rng.uniform(0, 0.5), self._restart)

    def _restart(self) -> None:
        self.node = self._boot()

    def run(self, steps: int) -> None:
        """Let things happen, then stop breaking them and see that everything comes right."""
        while self.disk.last(ROOM) == 0:
            if not self.time.step():
                self._restart()
        for client in self.clients:
            client.connect()
        for _ in range(steps):
            self._break_something()
            if self.rng.random() < 0.3:
                self.rng.choice(self.clients).act()
            if not self.time.step(self.time.now() + 0.05):
                self.time.advance(0.05)
            self.steps += 1
        self._crash_rate = self._cut_rate = 0.0
        self._repair()

    def _break_something(self) -> None:
        if self.rng.random() < self._crash_rate:
            self._crash()
        if self.rng.random() < self._cut_rate:
            self.cuts += 1
            self.rng.choice(self.clients).lose()

    def _repair(self) -> None:
        end = self.time.now() + LAST_REPAIRS_S
        while not all(client.settled for client in self.clients):
            if self.time.now() > end or not self.time.step():
                waiting = [client.user for client in self.clients if not client.settled]
                raise Violation(f"I4 {waiting} never came back or were never answered")
            self.steps += 1


def simulate(
    make_game: Callable[[], Game[Any, Any, Any]],
    seed: int,
    wish: Wish,
    *,
    steps: int = 600,
    parts: Parts | None = None,
) -> Report:
    """Run one seed. Raises `Violation`; its message ends with the seed."""
    world = World(make_game, seed, wish, parts or Parts())
    try:
        world.run(steps)
    except Violation as violation:
        raise Violation(f"{violation} (seed {seed}, after {world.steps} steps)") from violation
    clients = world.clients
    return Report(
        seed,
        world.steps,
        world.reference.seq,
        world.crashes,
        world.cuts,
        sum(client.sent for client in clients),
        sum(client.acknowledged for client in clients),
        sum(client.rejected for client in clients),
        sum(client.welcomes for client in clients),
    )
