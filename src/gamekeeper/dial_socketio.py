"""How a client of ours speaks Socket.IO: the same frames, carried as events over a WebSocket.

Client(url, network=Network(dial=dial_socketio))
"""

from gamekeeper.dial import Caller, Socket, dial
from gamekeeper.wire import engineio, socketio
from gamekeeper.wire.frames import Ack, Closing, CommandFrame, Hello, Ping, Rejection, decode_from_client, encode

TARGET = f"{engineio.PATH}?EIO=4&transport=websocket"
SIGN_OF_LIFE = encode(Ping(0.0))
"""What a client of ours makes of a ping of Engine.IO: the line is not dead."""


class SocketIoSession:
    """A session with one namespace, one room: the WebSocket's caller on one side, the client's socket on the other."""

    def __init__(self, caller: Caller, room: str) -> None:
        self._caller = caller
        self._namespace = f"/rooms/{room}".encode()
        self._below: Socket | None = None

    # -- towards the server ------------------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        match decode_from_client(payload):
            case Hello() as hello:
                self._write(socketio.connect(self._namespace, hello))
            case CommandFrame() as command:
                self._write(socketio.call(self._namespace, command))
            case _:
                pass  # Engine.IO has pings of its own

    def abort(self) -> None:
        if self._below is not None:
            self._below.abort()

    def close(self) -> None:
        if self._below is not None:
            self._below.close()

    async def gone(self) -> None:
        if self._below is not None:
            await self._below.gone()

    def _write(self, message: bytes) -> None:
        if self._below is not None:
            self._below.send(message)

    # -- from the server ---------------------------------------------------------------------------------------------

    def socket_opened(self, socket: Socket) -> None:
        self._below = socket

    def frame_received(self, payload: bytes) -> None:
        match payload[:1]:
            case engineio.OPEN:
                self._caller.socket_opened(self)
            case engineio.PING:
                self._write(engineio.PONG)
                self._caller.frame_received(SIGN_OF_LIFE)
            case engineio.MESSAGE:
                self._take(socketio.read_packet(payload))
            case _:
                self.abort()

    def _take(self, packet: socketio.Packet) -> None:
        match packet.kind:
            case socketio.EVENT:
                self._caller.frame_received(socketio.read_event(packet.data))
            case socketio.ACK:
                self._caller.frame_received(encode(_answer(int(packet.ack), packet.data)))
            case socketio.CONNECT_ERROR:
                code, reason, reconnect = socketio.read_denial(packet.data)
                self._caller.frame_received(encode(Closing(code, reason, reconnect)))
                self.abort()
            case socketio.DISCONNECT:
                self.abort()
            case _:
                pass


def _answer(id: int, data: bytes) -> Ack | Rejection:
    outcome = socketio.read_outcome(data)
    if outcome.ok:
        return Ack(id)
    return Rejection(id, outcome.code, outcome.message, outcome.field, outcome.retry_after_s)


async def dial_socketio(url: str, caller: Caller) -> Socket:
    """A `Dial`: `url` is that of the room's plain socket. Raises `OSError`."""
    server, _, room = url.removesuffix("/socket").rpartition("/rooms/")
    session = SocketIoSession(caller, room)
    await dial(server + TARGET, session)
    return session
