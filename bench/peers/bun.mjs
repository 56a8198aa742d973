// Bun's WebSockets (uWebSockets inside) with its own publish, no protocol at all: `bun bun.mjs PORT`. The room is the path.
const rooms = new Map();

Bun.serve({
  port: Number(process.argv[2]),
  hostname: "127.0.0.1",
  fetch(request, server) {
    const name = new URL(request.url).pathname;
    if (!server.upgrade(request, { data: { name } })) return new Response("no", { status: 400 });
  },
  websocket: {
    perMessageDeflate: false,
    publishToSelf: true,
    open(socket) {
      const { name } = socket.data;
      if (!rooms.has(name)) rooms.set(name, { rev: 0, values: {} });
      socket.subscribe(name);
    },
    message(socket, data) {
      const command = JSON.parse(data);
      if (!Number.isInteger(command.val) || typeof command.key !== "string") return;
      const room = rooms.get(socket.data.name);
      room.values[command.key] = command.val;
      room.rev += 1;
      const { ts, c, seq, key, val } = command;
      socket.publish(socket.data.name, JSON.stringify({ ts, c, seq, key, val, rev: room.rev }));
    },
  },
});
