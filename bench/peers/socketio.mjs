// Node socket.io: `node socketio.mjs PORT`.
import { Server } from "socket.io";

const io = new Server(Number(process.argv[2]), { transports: ["websocket"], perMessageDeflate: false });
const rooms = new Map();

io.on("connection", (socket) => {
  let name;
  socket.on("join", (room) => {
    name = room;
    if (!rooms.has(room)) rooms.set(room, { rev: 0, values: {} });
    socket.join(room);
    socket.emit("joined");
  });
  socket.on("add", (command) => {
    if (!Number.isInteger(command.val) || typeof command.key !== "string") return;
    const room = rooms.get(name);
    room.values[command.key] = command.val;
    room.rev += 1;
    const { ts, c, seq, key, val } = command;
    io.to(name).emit("added", { ts, c, seq, key, val, rev: room.rev });
  });
});
