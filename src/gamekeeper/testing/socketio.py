"""The usual client over Socket.IO without a network: what it says and hears as frames becomes packets on the way, as
with a stock client of Socket.IO that begins with a WebSocket."""

import asyncio

from gamekeeper.dial import Caller, Socket
from gamekeeper.dial_socketio import SocketIoSession
from gamekeeper.transport.memory import MemorySocket
from gamekeeper.wire import engineio


class SocketIoSocket:
    """A client's socket to one room, as its caller gets it once the session is `opened`."""

    def __init__(self, room: str, caller: Caller) -> None:
        self.opened = asyncio.Event()
        self.packets: list[bytes] = []
        """What came, as it came."""
        self._caller = caller
        self._gone = asyncio.Event()
        self._session = SocketIoSession(self, room)
        self.wire = MemorySocket(asyncio.get_running_loop().call_soon, self._heard, self._over)
        self._session.socket_opened(_Below(self.wire, self._gone))

    def send(self, payload: bytes) -> None:
        self._session.send(payload)

    def abort(self) -> None:
        self._session.abort()

    def close(self) -> None:
        self._session.close()

    async def gone(self) -> None:
        await self._gone.wait()

    def socket_opened(self, socket: Socket) -> None:
        """The session is open."""
        self.opened.set()

    def frame_received(self, payload: bytes) -> None:
        self._caller.frame_received(payload)

    def _heard(self, packet: bytes) -> None:
        self.packets.append(packet)
        self._session.frame_received(packet)

    def _over(self) -> None:
        self.opened.set()
        self._gone.set()


class _Below:
    """The WebSocket under the session."""

    def __init__(self, wire: MemorySocket, gone: asyncio.Event) -> None:
        self._wire = wire
        self._gone = gone

    def send(self, payload: bytes) -> None:
        self._wire.say(payload)

    def abort(self) -> None:
        self._wire.hang_up()

    def close(self) -> None:
        self._wire.say(engineio.CLOSE)
        self._wire.hang_up()

    async def gone(self) -> None:
        await self._gone.wait()
