"""One conversation of two nodes over a bus that may lose, repeat and reorder: in order and whole, or broken.

Both sides number what they send. Whoever misses a number, hears nothing for a while or learns that the bus has failed
breaks the conversation: it begins a new *generation*, and everything that went over the old one is over on both sides.
Nothing is ever sent again here; those who were linked come back and resume from the log.

A parcel says the generations of both sides as its sender knows them, so that whatever belongs to an older one is
recognised, however late it comes. A conversation is *open* once each side has heard the other name its generation.
"""

from collections.abc import Callable
from typing import Any

from gamekeeper.wire.relay import Parcel, beat, parcel

MAX_WAITING = 20_000
"""Bodies that wait for a conversation to open, or for the end of a turn."""


class Peer:
    """The other node, as this one knows it. Synchronous; time is given to it."""

    __slots__ = ("_begin", "_publish", "heard_at", "mine", "node", "open", "received", "sent", "silent",
                 "theirs", "waiting")  # fmt: skip

    def __init__(self, node: str, publish: Callable[[str, bytes], None], begin: Callable[[], int], now: float) -> None:
        self.node = node
        self._publish = publish
        self._begin = begin
        self.mine = begin()
        self.theirs = 0
        self.sent = 0
        self.received = 0
        self.open = False
        self.silent = False
        """It has not answered for too long. Nobody should be sent there before it speaks again."""
        self.heard_at = now
        self.waiting: list[Any] = []

    def flush(self, sender: str) -> None:
        """Send what waits, as one parcel."""
        if self.open and self.waiting:
            self.sent += 1
            bodies, self.waiting = self.waiting, []
            self._publish(self.node, parcel(sender, self.mine, self.theirs, self.sent, bodies))

    def beat(self, sender: str) -> None:
        """Say that this node is there, and how much it has sent."""
        self._publish(self.node, beat(sender, self.mine, self.theirs, self.sent))

    def renew(self) -> None:
        """Begin a new generation: whatever belongs to the old one no longer counts."""
        self.mine = self._begin()
        self.sent = self.received = 0
        self.open = False
        self.waiting.clear()

    def news(self, message: Parcel) -> bool:
        """The peer has begun a new generation; True: one that had been open is over."""
        if message.mine <= self.theirs:
            return False
        was_open, self.open = self.open, False
        self.theirs = message.mine
        self.sent = self.received = 0
        if was_open:
            self.waiting.clear()
        return was_open

    def belongs(self, message: Parcel) -> bool:
        """Whether it was sent in this generation of both sides."""
        return message.mine == self.theirs and message.yours == self.mine

    def gap(self, message: Parcel) -> bool:
        """Whether something before it was lost."""
        return message.number > self.received + (not message.beat)

    def repeated(self, message: Parcel) -> bool:
        """Whether it has been taken already, or holds nothing."""
        return message.beat or message.number <= self.received
