"""A client of the simulated world: wants things, loses its connection, comes back, checks everything it is told."""

import random
from collections.abc import Callable
from typing import Any

from gamekeeper.room.runtime import Runtime
from gamekeeper.testing.simulation.link import Link
from gamekeeper.testing.simulation.reference import Reference
from gamekeeper.wire.frames import Ack, Closing, PublicEvent, Rejection, Welcome, decode_from_server
from gamekeeper.wire.replica import Replica

RETRY_S = 0.3
SEND_TWICE = 0.05

Wish = Callable[[Replica, random.Random], tuple[str, dict[str, Any]] | None]
"""What a client wants next, knowing what it sees: a command's name and data; None: nothing now."""


class Client:
    """One user with one session."""

    def __init__(
        self,
        user: str,
        time: Runtime,
        rng: random.Random,
        reference: Reference,
        wish: Wish,
        dial: Callable[[Link], None],
        slow_rate: float,
    ) -> None:
        self.user = user
        self.replica = Replica()
        self.sent = self.acknowledged = self.rejected = self.welcomes = 0
        self._time = time
        self._rng = rng
        self._reference = reference
        self._wish = wish
        self._dial = dial
        self._slow_rate = slow_rate
        self._link: Link | None = None
        self._live = False
        self._first_cursor = ""
        self._events: list[PublicEvent] = []

    @property
    def settled(self) -> bool:
        return self._live and not self.replica.unanswered

    def connect(self) -> None:
        """Dial; the link calls back."""
        link = Link(self._time, self._rng, self._rng.random() < self._slow_rate)
        self._link, self._live = link, False
        link.down_end = _Incoming(self, link)
        self._dial(link)
        link.up(self.replica.hello(self.user))

    def act(self) -> None:
        """Want something."""
        if not self._live or len(self.replica.unanswered) >= 8:
            return
        wish = self._wish(self.replica, self._rng)
        if wish is not None:
            _, frame = self.replica.command(*wish)
            self.sent += 1
            self._send(frame)

    def lose(self) -> None:
        """The network fails."""
        if self._link is not None:
            self._link.cut()

    def gone(self, link: Link) -> None:
        """The link is broken; come back after a while."""
        if link is self._link:
            self._link, self._live = None, False
            self._time.call_at(self._time.now() + self._rng.uniform(0, RETRY_S), self.connect)

    def take(self, link: Link, message: bytes, whole: bool) -> None:
        """A write of the server: its frames, then the checks, unless the connection was cut in the middle of it."""
        if link is not self._link:
            return
        for payload in message.splitlines():
            frame = decode_from_server(payload)
            self._notice(frame)
            self.replica.feed(frame)
            self._events.extend(self.replica.events)
            self.replica.events.clear()
            if isinstance(frame, Welcome):
                self._welcomed()
            self.replica.results.clear()
        if self._live and whole:
            self._reference.seen(self.replica, self._first_cursor, self._events)

    def _notice(self, frame: Any) -> None:
        match frame:
            case Welcome(resumed=resumed, cursor=cursor):
                self.welcomes += 1
                if not resumed:
                    self._first_cursor, self._events = cursor, []
            case Ack(id):
                self.acknowledged += 1
                self._reference.acknowledged(self.replica.seat, self.replica.session or "", id)
            case Rejection():
                self.rejected += 1
            case Closing():
                self._live = False
            case _:
                pass

    def _welcomed(self) -> None:
        self._live = True
        for frame in self.replica.resend():
            self._send(frame)

    def _send(self, frame: bytes) -> None:
        if self._link is not None:
            for _ in range(2 if self._rng.random() < SEND_TWICE else 1):
                self._link.up(frame)


class _Incoming:
    def __init__(self, client: Client, link: Link) -> None:
        self._client = client
        self._link = link

    def arrived(self, payload: bytes, whole: bool = True) -> None:
        self._client.take(self._link, payload, whole)

    def cut(self) -> None:
        self._client.gone(self._link)
