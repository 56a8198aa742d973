// Node ws, no protocol at all: `node ws.mjs PORT`. The room is the path.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ port: Number(process.argv[2]), perMessageDeflate: false });
const rooms = new Map();

server.on("connection", (socket, request) => {
  const name = request.url;
  if (!rooms.has(name)) rooms.set(name, { rev: 0, values: {}, members: new Set() });
  const room = rooms.get(name);
  room.members.add(socket);
  socket.on("close", () => room.members.delete(socket));
  socket.on("message", (data) => {
    const command = JSON.parse(data);
    if (!Number.isInteger(command.val) || typeof command.key !== "string") return;
    room.values[command.key] = command.val;
    room.rev += 1;
    const { ts, c, seq, key, val } = command;
    const event = JSON.stringify({ ts, c, seq, key, val, rev: room.rev });
    for (const member of room.members) member.send(event);
  });
});
