"""Several nodes, their storage, bus and clients, and everything that can go wrong between them, from one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from gamekeeper.app import App
from gamekeeper.core.game import Game
from gamekeeper.core.messages import PLAYER
from gamekeeper.core.personal import Aside
from gamekeeper.core.record import Entry
from gamekeeper.core.seats import HOST, NO_SEAT, SYSTEM
from gamekeeper.room.fold import Fold
from gamekeeper.room.governance import JoinRoom, OpenRoom
from gamekeeper.room.mailbox import Envelope
from gamekeeper.room.room import Room
from gamekeeper.testing.simulation.client import Client, Wish
from gamekeeper.testing.simulation.life import LIMITS, SECRET, ClusterParts, Life
from gamekeeper.testing.simulation.link import Link
from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.simulation.reference import Reference, Violation
from gamekeeper.testing.simulation.storage import LEASE_S
from gamekeeper.testing.simulation.wires import Wires
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.cursor import Cursors

ROOM = "simulated"
APP = "simulated"
REPAIRS_S = 60.0
SKEW_S = 5.0
STEP_S = 0.05


@dataclass(frozen=True)
class ClusterReport:
    """What a seed's history contained."""

    seed: int
    steps: int
    seq: int
    faults: int
    moves: int
    """Times another node took the room."""
    sent: int
    acknowledged: int
    rejected: int
    welcomes: int


class ClusterWorld:
    """Everything of one seed."""

    def __init__(
        self, make_game: Callable[[], Game[Any, Any, Any]], seed: int, wish: Wish, parts: ClusterParts
    ) -> None:
        self.rng = random.Random(seed)
        self.time = VirtualTime(self.rng)
        self.reference = Reference(make_game(), Cursors(SECRET, ROOM, 1), lambda state: None)
        self.storage = parts.storage(self.time, self.rng, self.reference.written)
        self.wires = Wires(self.time, self.rng)
        self.steps = self.faults = self.moves = self.births = 0
        self._make_game = make_game
        self._parts = parts
        self._processes: list[Process] = []
        self._fault_rate = self.rng.choice([0.005, 0.01, 0.02])
        users = [f"user-{number}" for number in range(self.rng.randint(2, 4))]
        self._write_beginning(users)
        self.lives: list[Life] = [self._boot(place) for place in range(self.rng.randint(2, 3))]
        slow_rate = self.rng.choice([0.0, 0.3])
        self.clients = [
            Client(user, self.time, self.rng, self.reference, wish, self._dial, slow_rate) for user in users
        ]

    def _write_beginning(self, users: list[str]) -> None:
        """A room with its members, as if it had been opened long ago."""
        beginning = _Beginning(self)
        room = Room(ROOM, Fold(self._make_game()), beginning, self.time, Cursors(SECRET, ROOM, 1), beginning, LIMITS)
        opening = OpenRoom(APP, "", msgspec.Raw(b"{}"), None, "host", "Host", HOST)
        for command in (opening, *(JoinRoom(user, user, PLAYER) for user in users)):
            room.submit(Envelope(command, NO_SEAT, SYSTEM, "", reply=lambda _: None))
            self.time.settle()
        room.stop(ClosingCode.IDLE, "opened")

    def _boot(self, place: int) -> Life:
        self.births += 1
        process = Process(f"node-{place}-{self.births}", self.time, self.rng.uniform(-SKEW_S, SKEW_S))
        self._processes.append(process)
        apps = {APP: App(APP, "Simulated", self._make_game())}
        return Life(process, apps, self.storage, self.wires, self._parts, self._claimed)

    def _claimed(self, room: str, former: str, taker: str) -> None:
        """A room has gone from one node to another that was never given it."""
        if former == taker:
            return
        self.moves += 1
        if self.storage.territory.alive(former):
            raise Violation(f"I2 {taker} took room {room} from {former}, whose lease had not run out")
        for life in self.lives:
            if life.process.name == former and life.process.alive and life.ownership.believes:
                raise Violation(f"I2 {taker} took room {room} from {former}, which still believes it is its own")

    def _dial(self, link: Link) -> None:
        ready = [life for life in self.lives if life.ready]
        if ready:
            self.rng.choice(ready).accept(link, ROOM)
        else:
            link.cut()

    # -- what goes wrong ----------------------------------------------------------------------------------------------

    def _break_something(self) -> None:
        if self.rng.random() >= self._fault_rate:
            return
        self.faults += 1
        fault = self.rng.choice(
            [self._kill, self._drain, self._stop, self._cut_storage, self._cut_wires, self._lose_bus, self._cut_client]
        )
        fault()

    def _later(self, longest_s: float, callback: Callable[[], None]) -> None:
        self.time.call_at(self.time.now() + self.rng.uniform(0, longest_s), callback)

    def _kill(self) -> None:
        place = self.rng.randrange(len(self.lives))
        if self.lives[place].process.alive:
            self.lives[place].die()
            self._later(2.0, lambda: self._restart(place))

    def _drain(self) -> None:
        place = self.rng.randrange(len(self.lives))
        if self.lives[place].ready:
            self.lives[place].drain()
            self._later(2.0, lambda: self._restart(place))

    def _restart(self, place: int) -> None:
        self.lives[place].die()
        self.lives[place] = self._boot(place)

    def _stop(self) -> None:
        process = self.rng.choice(self.lives).process
        process.stop()
        self._later(LEASE_S * 2, process.resume)

    def _cut_storage(self) -> None:
        process = self.rng.choice(self.lives).process
        self.storage.cut.add(process)
        self._later(LEASE_S * 2, lambda: self.storage.cut.discard(process))

    def _cut_wires(self) -> None:
        one, other = (life.process.name for life in self.rng.sample(self.lives, 2))
        self.wires.cut |= {(one, other), (other, one)} if self.rng.random() < 0.5 else {(one, other)}
        self._later(LEASE_S * 2, self.wires.cut.clear)

    def _lose_bus(self) -> None:
        self.wires.fail()

        def back() -> None:
            self.wires.gone = False

        self._later(LEASE_S, back)

    def _cut_client(self) -> None:
        self.rng.choice(self.clients).lose()

    # -- its history --------------------------------------------------------------------------------------------------

    def run(self, steps: int) -> None:
        """Let things happen, then stop breaking them and see that everything comes right."""
        for client in self.clients:
            client.connect()
        for _ in range(steps):
            self._break_something()
            if self.rng.random() < 0.3:
                self.rng.choice(self.clients).act()
            self.time.advance(STEP_S)
            self.steps += 1
        self._repair()

    def close(self) -> None:
        """Nothing is left over."""
        for process in self._processes:
            process.bury()

    def _repair(self) -> None:
        self.wires.heal()
        self.storage.cut.clear()
        self.storage.slow_rate = 0.0
        for life in self.lives:
            life.process.resume()
        end = self.time.now() + REPAIRS_S
        while not all(client.settled for client in self.clients):
            if self.time.now() > end or not self.time.step():
                waiting = [client.user for client in self.clients if not client.settled]
                raise Violation(f"I4 {waiting} never came back or were never answered")


class _Beginning:
    """The log and the watcher of the room before there are nodes."""

    def __init__(self, world: ClusterWorld) -> None:
        self._world = world

    def append(
        self, room: str, first: int, last: int, body: bytes, done: Callable[[Exception | None], None], aside: Aside
    ) -> None:
        self._world.storage.disk.write(room, first, body, aside)
        self._world.time.call_soon(lambda: done(None))

    def when_ready(self, go: Callable[[], None]) -> None:
        go()

    def committed(self, room: Room, entries: list[Entry]) -> None:
        """Nobody watches yet."""

    def stopped(self, room: Room) -> None:
        """It goes on in the nodes."""

    def view_failed(self, room: Room) -> None:
        pass


def simulate_cluster(
    make_game: Callable[[], Game[Any, Any, Any]],
    seed: int,
    wish: Wish,
    *,
    steps: int = 400,
    parts: ClusterParts | None = None,
) -> ClusterReport:
    """Run one seed. Raises `Violation`; its message ends with the seed."""
    before = random.getstate()
    random.seed(seed)  # what nodes draw by themselves: how long to wait before trying again
    world = ClusterWorld(make_game, seed, wish, parts or ClusterParts())
    try:
        world.run(steps)
    except Violation as violation:
        raise Violation(f"{violation} (seed {seed}, after {world.steps} steps)") from violation
    finally:
        world.close()
        random.setstate(before)
    clients = world.clients
    return ClusterReport(
        seed,
        world.steps,
        world.reference.seq,
        world.faults,
        world.moves,
        sum(client.sent for client in clients),
        sum(client.acknowledged for client in clients),
        sum(client.rejected for client in clients),
        sum(client.welcomes for client in clients),
    )
