"""A room, live: one connection of a client, over any number of sockets."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from gamekeeper.core.messages import Command
from gamekeeper.dial import Dial, Silence, Socket, dial
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.frames import (
    Closing,
    Ping,
    Pong,
    Presence,
    PublicEvent,
    Welcome,
    decode_from_server,
    encode,
)
from gamekeeper.wire.replica import Replica, Viewing

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0

ConnectionState = Literal["connecting", "live", "reconnecting", "closed"]
Renew = Callable[[], Awaitable[bool]]
"""Makes the token good again; False: it cannot. Raises `ConnectionError` where nobody answers."""


class ConnectionClosed(Exception):
    """The connection is over and will not come back; `code` is the server's closing code."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class Connection(Viewing):
    """A room, live: views that follow the server, commands that take effect exactly once, over any number of
    reconnects. `listen` is called with every frame from the server, decoded."""

    def __init__(
        self,
        url: str,
        token: Callable[[], str | None],
        *,
        renew: Renew | None = None,
        session: str | None = None,
        device: str | None = None,
        dial: Dial = dial,
    ) -> None:
        self.url = url
        self.state: ConnectionState = "connecting"
        self.reconnects = 0
        self.listen: Callable[[Any], None] | None = None
        self.frames = 0
        self.bytes = 0
        """Data frames and their payload's bytes so far: all but pings and the goodbye."""
        self._away_s = 0.0
        self._silence = Silence(self.drop)
        self.replica = Replica(session)
        self.online: dict[int, bool] = {}
        self._token = token
        self._renew = renew
        self._may_renew = True
        """Once for every welcome."""
        self._device = device
        self._dial = dial
        self._socket: Socket | None = None
        self._closing: Closing | None = None
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._changed: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        await self.until(lambda: self.state == "live")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def stale(self) -> bool:
        """`shared` is older than what else is known here, and is being brought up to date."""
        return self.replica.stale

    @property
    def seat(self) -> int:
        return self.replica.seat

    def take_events(self) -> list[PublicEvent]:
        """The public events that came since the last call."""
        events = list(self.replica.events)
        self.replica.events.clear()
        return events

    async def send(self, name: str, data: Any = None) -> None:
        """Have a command carried out. Returns once it is written down; raises `Rejected` or `ConnectionClosed`."""
        if self.state == "closed":
            raise self._over()
        id, frame = self.replica.command(name, data if data is not None else {})
        answered = self._waiting[id] = asyncio.get_running_loop().create_future()
        if self.state == "live":  # before the welcome nobody may speak; what waits is sent after it
            self._write(frame)
        try:
            await answered
        finally:
            self._waiting.pop(id, None)

    async def command(self, command: Command) -> None:
        """The same with a command object."""
        await self.send(command.__wire_name__, command)

    async def changed(self) -> None:
        """Return when anything here is next different. Raises `ConnectionClosed` when nothing can be."""
        if self.state == "closed":
            raise self._over()
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._changed)

    async def until(self, condition: Callable[[], Any], timeout_s: float | None = None) -> None:
        """Return once the condition holds. Raises `TimeoutError` or `ConnectionClosed`."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                await self.changed()

    @property
    def last_command(self) -> str:
        """`session:n` of the command sent last: what the log knows it by."""
        return f"{self.replica.session}:{self.replica.last_id}"

    def drop(self, away_s: float = 0.0) -> None:
        """Lose the network: the socket is cut without a word. The connection comes back by itself, not before `away_s`
        have passed."""
        self._away_s = away_s
        if self._socket is not None:
            self._socket.abort()

    async def close(self) -> None:
        """Leave for good (the seat stays)."""
        self._end("closed", "closed by this client")
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._silence.stop()

    # -- the connection's life ---------------------------------------------------------------------------------------

    async def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while self.state != "closed":
            try:
                socket = await self._dial(self.url, self)
            except OSError:
                await asyncio.sleep(retry_s * random.uniform(0.5, 1.5))
                retry_s = min(LAST_RETRY_S, retry_s * 2)
                continue
            retry_s = FIRST_RETRY_S
            await socket.gone()
            await self._lost(socket)
            if self.state == "reconnecting":
                away_s, self._away_s = self._away_s, 0.0
                await asyncio.sleep(away_s or FIRST_RETRY_S * random.uniform(0.1, 1.0))

    def socket_opened(self, socket: Socket) -> None:
        """Called by the socket."""
        self._socket = socket
        self._closing = None
        self._silence.start()
        self._write(self.replica.hello(self._token(), self._device))

    async def _lost(self, socket: Socket) -> None:
        if self._socket is socket:
            self._socket = None
            self._silence.stop()
        if self.state == "closed":
            return
        self.reconnects += self.state == "live"
        closing = self._closing
        if closing is not None and not closing.reconnect and not await self._renewed(closing.code):
            self._end(closing.code, closing.reason)
        self._reconnecting()

    def _reconnecting(self) -> None:
        if self.state != "closed":
            self.state = "reconnecting"
            self._notify()

    async def _renewed(self, code: str) -> bool:
        """Whether the closing was about a token that is good again, or may be once somebody answers."""
        if code != ClosingCode.UNAUTHENTICATED.word or self._renew is None or not self._may_renew:
            return False
        self._reconnecting()
        try:
            self._may_renew = False
            return await self._renew()
        except ConnectionError:
            self._may_renew = True
            self._away_s = LAST_RETRY_S * random.uniform(0.5, 1.0)  # or it would be asked ten times a second
            return True

    def _end(self, code: str, reason: str) -> None:
        if self.state == "closed":
            return
        self.state = "closed"
        self._closing = Closing(code, reason, reconnect=False)
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(self._over())
        self._notify()

    def _over(self) -> ConnectionClosed:
        closing = self._closing or Closing("closed", "closed", reconnect=False)
        return ConnectionClosed(closing.code, closing.reason)

    def _notify(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None and not changed.done():
            changed.set_result(None)

    def _write(self, frame: bytes) -> None:
        if self._socket is not None:
            self._socket.send(frame)

    # -- frames ------------------------------------------------------------------------------------------------------

    def frame_received(self, payload: bytes) -> None:
        """Called by the socket, with each text message."""
        self._silence.heard()
        try:
            frame = decode_from_server(payload)
        except msgspec.DecodeError:
            return  # a frame of a newer server: not for us
        if not isinstance(frame, (Ping, Closing)):
            self.frames += 1
            self.bytes += len(payload)
        if self.listen is not None:
            self.listen(frame)
        try:
            self.replica.feed(frame)
        except ValueError:  # a patch that does not fit: begin again from the views
            self.replica.cursor = None
            self.drop()
            return
        match frame:
            case Ping(t):
                self._write(encode(Pong(t)))
                return
            case Welcome():
                self.state = "live"
                self._may_renew = True
                if frame.silence_s is not msgspec.UNSET:
                    self._silence.start(frame.silence_s)
                for unanswered in self.replica.resend():
                    self._write(unanswered)
            case Closing():
                self._closing = frame
            case Presence(seat, online):
                self.online[seat] = online
            case _:
                pass
        self._settle()
        self._notify()

    def _settle(self) -> None:
        """Give the answers that came to those who wait for them."""
        for id in list(self.replica.results):
            rejected = self.replica.take_result(id)
            answered = self._waiting.get(id)
            if answered is not None and not answered.done():
                if rejected is None:
                    answered.set_result(None)
                else:
                    answered.set_exception(rejected)
