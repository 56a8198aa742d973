"""A socket without a network: both ends in one process, on the event loop or on virtual time.

The far end can do what real ones do: read on, stop reading, hang up, or vanish without a word.
"""

from collections import deque
from collections.abc import Callable, Mapping

from gamekeeper.transport.connection import Receiver
from gamekeeper.transport.framing import payloads, text_frame
from gamekeeper.transport.reception import Reception, Refusal
from gamekeeper.wire.frames import MAX_FRAME_BYTES

TOO_BIG = 1009

Soon = Callable[[Callable[[], None]], object]
"""`call_soon` of an event loop or of a `VirtualTime`."""


class MemorySocket:
    """One connection. `heard` is called with every text message that reaches the far end, `over` once it has ended."""

    frame = staticmethod(text_frame)

    def __init__(self, soon: Soon, heard: Callable[[bytes], None], over: Callable[[], None] = lambda: None) -> None:
        self.close_code: int | None = None
        """What the server closed with, once the far end knows."""
        self.reading = True
        self.vanished = False
        self._soon = soon
        self._heard = heard
        self._over = over
        self._reception: Reception | None = None
        self._receiver: Receiver | None = None
        self._under_way: deque[bytes | int] = deque()
        self._buffered = 0
        self._carrying = False

    def connect(self, reception: Reception, path: str, headers: Mapping[str, str] | None = None) -> Refusal | None:
        """The handshake; None: the connection is open."""
        answer = reception.accept(path, headers or {}, self)
        if isinstance(answer, Refusal):
            return answer
        self._reception, self._receiver = reception, answer
        answer.opened()
        return None

    # -- the server's end --------------------------------------------------------------------------------------------

    @property
    def buffered(self) -> int:
        """Bytes written that the far end has not read."""
        return self._buffered

    def write(self, framed: bytes) -> None:
        self._under_way.append(framed)
        self._buffered += len(framed)
        self._carry_soon()

    def close(self, code: int, reason: str) -> None:
        self._under_way.append(code)
        self._carry_soon()

    def abort(self) -> None:
        self._end()

    # -- the far end -------------------------------------------------------------------------------------------------

    def say(self, payload: bytes) -> None:
        """A text message for the server."""
        self._soon(lambda: self._arrive(payload))

    def stop_reading(self) -> None:
        """What the server writes stays in the buffer."""
        self.reading = False

    def read_on(self) -> None:
        self.reading = True
        self._carry_soon()

    def hang_up(self) -> None:
        """End the connection; the server is told."""
        self._soon(self._end)

    def vanish(self) -> None:
        """The network is cut: nothing arrives any more on either side, and nobody is told."""
        self.vanished = True

    # -- in between --------------------------------------------------------------------------------------------------

    def _arrive(self, payload: bytes) -> None:
        receiver, reception = self._receiver, self._reception
        if receiver is None or reception is None or receiver.closed or self.vanished:
            return
        if len(payload) > MAX_FRAME_BYTES:
            self.close(TOO_BIG, "the message is too big")
        else:
            receiver.received(payload, reception.now())

    def _carry_soon(self) -> None:
        if not self._carrying and self.reading and not self.vanished:
            self._carrying = True
            self._soon(self._carry)

    def _carry(self) -> None:
        """Everything under way arrives."""
        self._carrying = False
        while self._under_way and self.reading and not self.vanished:
            item = self._under_way.popleft()
            if isinstance(item, int):
                self.close_code = item
                self._end()
                return
            self._buffered -= len(item)
            for payload in payloads(item):
                self._heard(payload)
        if not self._buffered and self._receiver is not None:
            self._receiver.drained()

    def _end(self) -> None:
        receiver, self._receiver = self._receiver, None
        self._under_way.clear()
        self._buffered = 0
        if receiver is not None and self._reception is not None:
            self._reception.gone(receiver)
            self._over()
