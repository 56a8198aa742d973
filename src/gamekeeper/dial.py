"""How a client reaches a socket: over the network with picows, or whatever else gives it a `Socket`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport
from picows import ws_connect as _ws_connect  # pyright: ignore[reportUnknownVariableType]

DIAL_TIMEOUT_S = 10.0
"""For the line and the handshake together. Where a network swallows what is sent, the system alone would try the line
for two minutes."""
SILENCE_S = 40.0
"""Until the server has said how long a silence means that the connection is lost."""


class Socket(Protocol):
    """An open WebSocket as a client uses it."""

    def send(self, payload: bytes) -> None: ...

    def abort(self) -> None:
        """Cut it without a word."""
        ...

    def close(self) -> None:
        """Say goodbye and cut it."""
        ...

    async def gone(self) -> None:
        """Return once it is no more."""
        ...


class Caller(Protocol):
    """Who wants a socket."""

    def socket_opened(self, socket: Socket) -> None:
        """It is open; called before anything is received."""
        ...

    def frame_received(self, payload: bytes) -> None: ...


Dial = Callable[[str, Caller], Awaitable[Socket]]
"""Opens a socket to an address. Raises `OSError` when nobody answers there."""


class Silence:
    """A network that is cut tells nobody: `lost` is called once nothing was heard for too long."""

    def __init__(self, lost: Callable[[], None]) -> None:
        self._lost = lost
        self._limit_s = SILENCE_S
        self._heard_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, limit_s: float | None = None) -> None:
        """Listen from now on; `limit_s`: for so long, also after later starts."""
        self._limit_s = limit_s or self._limit_s
        self.stop()
        self.heard()
        self._timer = asyncio.get_running_loop().call_later(self._limit_s, self._look)

    def heard(self) -> None:
        self._heard_s = asyncio.get_running_loop().time()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._heard_s + self._limit_s:
            self._lost()
        else:
            self._timer = loop.call_at(self._heard_s + self._limit_s, self._look)


class _Listener(WSListener):
    """picows' side of one socket."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.socket: _NetworkSocket | None = None
        self.given_up = False

    def on_ws_connected(self, transport: WSTransport) -> None:
        if self.given_up:
            transport.disconnect()
            return
        self.socket = _NetworkSocket(transport)
        self._caller.socket_opened(self.socket)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.TEXT:
            self._caller.frame_received(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()


class _NetworkSocket:
    def __init__(self, transport: WSTransport) -> None:
        self._transport = transport

    def send(self, payload: bytes) -> None:
        self._transport.send(WSMsgType.TEXT, payload)

    def abort(self) -> None:
        self._transport.underlying_transport.abort()

    def close(self) -> None:
        self._transport.send_close(WSCloseCode.OK)
        self._transport.disconnect()

    async def gone(self) -> None:
        await self._transport.wait_disconnected()


async def dial(url: str, caller: Caller) -> Socket:
    """Over the network. Raises `OSError`."""
    listener = _Listener(caller)
    try:
        async with asyncio.timeout(DIAL_TIMEOUT_S):  # picows' own limit begins with the handshake
            await _ws_connect(lambda: listener, url, websocket_handshake_timeout=DIAL_TIMEOUT_S)
    except (WSError, TimeoutError) as error:
        listener.given_up = True
        raise OSError(f"no WebSocket at {url}: {error}") from error
    if listener.socket is None:
        raise OSError(f"no WebSocket at {url}")
    return listener.socket
