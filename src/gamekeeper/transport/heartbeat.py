"""One look at all connections every second: who says nothing, who reads nothing, who never said hello."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gamekeeper.transport.connection import Connection
from gamekeeper.transport.reception import Reception
from gamekeeper.wire.closing import ClosingCode

LOOK_EVERY_S = 1.0


@dataclass(frozen=True)
class Patterns:
    """A dead peer is found within `ping_interval_s + ping_timeout_s` and one look."""

    ping_interval_s: float = 15.0
    ping_timeout_s: float = 10.0
    hello_timeout_s: float = 10.0
    slow_timeout_s: float = 10.0
    close_timeout_s: float = 2.0


class Heartbeat:
    """Pings the silent and ends the dead, the slow and the speechless. `others` look at what is theirs then too."""

    def __init__(
        self, reception: Reception, patterns: Patterns, others: Sequence[Callable[[float], None]] = ()
    ) -> None:
        self._reception = reception
        self._patterns = patterns
        self._others = others

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        now = self._reception.now()
        for connection in tuple(self._reception.connections):
            if connection.closed:
                self._see_off(connection, now)
            elif not connection.live:
                if now - connection.heard_at > self._patterns.hello_timeout_s:
                    connection.end(ClosingCode.PROTOCOL, "no hello, or nobody could answer it")
            elif connection.behind:
                self._hurry(connection, now)
            else:
                connection.behind_since = 0.0
                if connection.pings:
                    self._listen(connection, now)
        for look in self._others:
            look(now)

    def _see_off(self, connection: Connection, now: float) -> None:
        """Closed on our side: the far end has a moment to close on its own."""
        if not connection.ended_at:
            connection.ended_at = now
        elif now - connection.ended_at > self._patterns.close_timeout_s:
            connection.abort()

    def _hurry(self, connection: Connection, now: float) -> None:
        if not connection.behind_since:
            connection.behind_since = now
        elif now - connection.behind_since > self._patterns.slow_timeout_s:
            connection.end(ClosingCode.SLOW, "the reader has stopped reading")
            connection.abort()

    def _listen(self, connection: Connection, now: float) -> None:
        silent_s = now - connection.heard_at
        if silent_s > self._patterns.ping_interval_s + self._patterns.ping_timeout_s:
            connection.end(ClosingCode.IDLE, "no answer to a ping")
            connection.abort()
        elif connection.pinged_at <= connection.heard_at and (
            connection.sampling or silent_s > self._patterns.ping_interval_s
        ):
            connection.ping(now)
