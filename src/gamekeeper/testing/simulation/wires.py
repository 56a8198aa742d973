"""A bus that loses, repeats, delays and reorders; ways between nodes that are cut; a bus that is gone for a while."""

import random
from collections.abc import Callable

from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.virtual import VirtualTime

USUAL_S = 0.003
LATE_S = 0.5


class Wires:
    """The bus of one world. `cut`: ordered pairs of names between which nothing passes."""

    def __init__(self, time: VirtualTime, rng: random.Random) -> None:
        self.time = time
        self.cut: set[tuple[str, str]] = set()
        self.gone = False
        self._rng = rng
        self._members: dict[str, WireBus] = {}
        self._in_order: dict[tuple[str, str], float] = {}
        self.loss_rate = rng.choice([0.0, 0.001, 0.01])
        self.repeat_rate = rng.choice([0.0, 0.02])
        self.late_rate = rng.choice([0.0, 0.01])

    def bus(self, process: Process) -> "WireBus":
        """The bus as a process sees it."""
        bus = self._members[process.name] = WireBus(self, process)
        return bus

    def carry(self, source: str, target: str, message: bytes) -> None:
        if self.gone or (source, target) in self.cut or self._rng.random() < self.loss_rate:
            return
        for _ in range(2 if self._rng.random() < self.repeat_rate else 1):
            self._send(source, target, message)

    def _send(self, source: str, target: str, message: bytes) -> None:
        """In order, as Redis keeps it, but for the few that are late."""
        way = (source, target)
        when = self.time.now() + self._rng.uniform(0, USUAL_S)
        if self._rng.random() < self.late_rate:
            when += self._rng.uniform(0, LATE_S)
        else:
            when = self._in_order[way] = max(when, self._in_order.get(way, 0.0) + 1e-6)
        self.time.call_at(when, lambda: self._arrive(way, message))

    def _arrive(self, way: tuple[str, str], message: bytes) -> None:
        member = self._members.get(way[1])
        if member is not None and not self.gone and way not in self.cut:
            member.deliver(message)

    def fail(self) -> None:
        """The bus is gone, and everybody is told."""
        self.gone = True
        for member in self._members.values():
            member.lose()

    def heal(self) -> None:
        """Everything passes again, in order and once."""
        self.gone = False
        self.cut.clear()
        self.loss_rate = self.repeat_rate = self.late_rate = 0.0


class WireBus:
    """A `Bus` of one process."""

    def __init__(self, wires: Wires, process: Process) -> None:
        self._wires = wires
        self._process = process
        self._received: Callable[[bytes], None] = lambda message: None
        self._lost: Callable[[], None] = lambda: None

    def publish(self, node: str, message: bytes) -> None:
        self._wires.carry(self._process.name, node, message)

    def listen(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._received, self._lost = received, lost

    def deliver(self, message: bytes) -> None:
        self._process.soon(lambda: self._received(message))

    def lose(self) -> None:
        self._process.soon(self._lost)

    async def run(self) -> None:
        """There is nothing to keep going."""

    async def flush(self) -> None:
        """What was published is on its way."""

    async def close(self) -> None:
        """Nothing is held."""
