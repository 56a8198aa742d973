"""picows alone, one `send` per recipient, no protocol at all: `python picows_raw.py PORT`. The room is the path."""

import sys
from typing import Any

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server


class Command(msgspec.Struct):
    ts: int
    c: int
    seq: int
    key: str
    val: int


class Event(msgspec.Struct):
    ts: int
    c: int
    seq: int
    key: str
    val: int
    rev: int


class Room:
    def __init__(self) -> None:
        self.rev = 0
        self.values: dict[str, int] = {}
        self.members: set[WSTransport] = set()


rooms: dict[bytes, Room] = {}
decode = msgspec.json.Decoder(Command).decode
encode = msgspec.json.Encoder().encode


class Member(WSListener):  # type: ignore[misc]
    def __init__(self, room: Room) -> None:
        super().__init__()
        self._room = room

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._room.members.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._room.members.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        command, room = decode(frame.get_payload_as_bytes()), self._room
        room.values[command.key] = command.val
        room.rev += 1
        event = encode(Event(command.ts, command.c, command.seq, command.key, command.val, room.rev))
        for member in room.members:
            member.send(WSMsgType.TEXT, event)


async def main(port: int) -> None:
    def come_in(request: WSUpgradeRequest) -> Any:
        return Member(rooms.setdefault(request.path, Room()))

    server = await ws_create_server(come_in, "127.0.0.1", port, enable_auto_ping=False)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
