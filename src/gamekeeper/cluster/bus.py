"""How messages get from node to node. A bus may lose, repeat and delay; it never decides anything.

What is true is in the log. Everything that goes over a bus can be asked for again, so a bus that has failed costs time
and nothing else.
"""

from collections.abc import Callable
from typing import Protocol


class Bus(Protocol):
    """One node's access to the bus, under the node's own name."""

    def publish(self, node: str, message: bytes) -> None:
        """Send to a node. Never blocks and never raises; what cannot be sent is lost, and `lost` is told."""
        ...

    def listen(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        """Who is told what arrives, and that anything may have been lost."""
        ...

    async def run(self) -> None:
        """Keep the bus going until cancelled."""
        ...

    async def flush(self) -> None:
        """Return once what was published has been sent or is lost."""
        ...

    async def close(self) -> None: ...


class Exchange:
    """What the members of a memory bus share."""

    def __init__(self, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._call_soon = call_soon
        self._members: dict[str, MemoryBus] = {}

    def bus(self, node: str) -> "MemoryBus":
        """The bus as this node sees it."""
        return self._members.setdefault(node, MemoryBus(self))

    def carry(self, node: str, message: bytes) -> None:
        member = self._members.get(node)
        if member is not None:
            self._call_soon(lambda: member.deliver(message))


class MemoryBus:
    """Between nodes in one process: for tests."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._received: Callable[[bytes], None] | None = None

    def publish(self, node: str, message: bytes) -> None:
        self._exchange.carry(node, message)

    def listen(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._received = received

    async def run(self) -> None:
        """There is nothing to keep going."""

    async def flush(self) -> None:
        """Everything is sent at once."""

    async def close(self) -> None:
        self._received = None

    def deliver(self, message: bytes) -> None:
        if self._received is not None:
            self._received(message)
