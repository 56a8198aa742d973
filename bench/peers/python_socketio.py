"""python-socketio on uvicorn: `python python_socketio.py PORT`."""

import sys

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
rooms: dict[str, dict] = {}
seated: dict[str, str] = {}


@server.event
async def join(sid, room):
    seated[sid] = room
    rooms.setdefault(room, {"rev": 0, "values": {}})
    await server.enter_room(sid, room)
    await server.emit("joined", to=sid)


@server.event
async def add(sid, command):
    if not isinstance(command.get("val"), int) or not isinstance(command.get("key"), str):
        return
    room = rooms[seated[sid]]
    room["values"][command["key"]] = command["val"]
    room["rev"] += 1
    event = {key: command[key] for key in ("ts", "c", "seq", "key", "val")} | {"rev": room["rev"]}
    await server.emit("added", event, room=seated[sid])


if __name__ == "__main__":
    app = socketio.ASGIApp(server)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", ws="websockets-sansio", ws_per_message_deflate=False)
