"""The usual client over Socket.IO: what it says and hears as frames becomes packets on the way, as with a stock client
of Socket.IO that begins with a WebSocket."""

import asyncio
from typing import Any

import msgspec
from msgspec import Raw

from gamekeeper.dial import Caller
from gamekeeper.transport.memory import MemorySocket
from gamekeeper.wire import engineio, socketio
from gamekeeper.wire.frames import Ack, Closing, CommandFrame, Hello, Ping, Rejection, decode_from_client, encode

TARGET = f"{engineio.PATH}?EIO=4&transport=websocket"

_SIGN_OF_LIFE = encode(Ping(0.0))

_read_event = msgspec.json.Decoder(tuple[str, Raw]).decode
_read_answer = msgspec.json.Decoder(tuple[dict[str, Any]]).decode
_read_denial = msgspec.json.Decoder(dict[str, Any]).decode


class SocketIoSocket:
    """A client's socket to one room: a session of its own with one namespace. `opened` once the session is."""

    def __init__(self, room: str, caller: Caller) -> None:
        self.opened = asyncio.Event()
        self.packets: list[bytes] = []
        """What came, as it came."""
        self._namespace = f"/rooms/{room}".encode()
        self._caller = caller
        self._gone = asyncio.Event()
        self.wire = MemorySocket(asyncio.get_running_loop().call_soon, self._heard, self._over)

    # -- what the client says ----------------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        match decode_from_client(payload):
            case Hello(token, session, device, cursor):
                self._say(socketio.CONNECT, b"", socketio.Auth(token, session, device, cursor))
            case CommandFrame(id, name, data):
                self._say(socketio.EVENT, b"%d" % id, socketio.Call(name, data, id))
            case _:
                pass  # Engine.IO has pings of its own

    def _say(self, kind: bytes, ack: bytes, data: Any) -> None:
        self.wire.say(b"%b%b%b,%b%b" % (engineio.MESSAGE, kind, self._namespace, ack, encode(data)))

    def abort(self) -> None:
        self.wire.hang_up()

    def close(self) -> None:
        self.wire.say(engineio.CLOSE)
        self.wire.hang_up()

    async def gone(self) -> None:
        await self._gone.wait()

    # -- what it hears -----------------------------------------------------------------------------------------------

    def _over(self) -> None:
        self.opened.set()
        self._gone.set()

    def _heard(self, packet: bytes) -> None:
        self.packets.append(packet)
        kind = packet[:1]
        if kind == engineio.OPEN:
            self.opened.set()
        elif kind == engineio.PING:
            self.wire.say(engineio.PONG)
            self._caller.frame_received(_SIGN_OF_LIFE)
        elif kind == engineio.CLOSE:
            self.wire.hang_up()
        elif kind == engineio.MESSAGE:
            self._message(socketio.read_packet(packet))

    def _message(self, packet: socketio.Packet) -> None:
        if packet.kind == socketio.EVENT:
            self._event(packet)
        elif packet.kind == socketio.ACK:
            self._answer(packet)
        elif packet.kind == socketio.CONNECT_ERROR:
            self._denied(packet)
        elif packet.kind == socketio.DISCONNECT:
            self.wire.hang_up()

    def _event(self, packet: socketio.Packet) -> None:
        """The argument of an event is the frame."""
        _, frame = _read_event(packet.data)
        self._caller.frame_received(bytes(frame))

    def _answer(self, packet: socketio.Packet) -> None:
        (outcome,) = _read_answer(packet.data)
        id, accepted = int(packet.ack), outcome.pop("ok")
        self._caller.frame_received(encode(Ack(id) if accepted else Rejection(id, **outcome)))

    def _denied(self, packet: socketio.Packet) -> None:
        denial = _read_denial(packet.data)
        self._caller.frame_received(encode(Closing(reason=denial["message"], **denial["data"])))
        self.wire.hang_up()
