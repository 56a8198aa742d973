// Plays a whole game, is cut in the middle and resumes: `node play.mjs '{"url": …, "room": …, "game": …, "tokens": […]}'`.
// `options` go to the stock client as they are. Prints what was seen, as JSON.

import { Room } from "./room.mjs";

const plan = JSON.parse(process.argv[2]);
const seen = { answers: [], connected: [], upgraded: 0, cuts: [], refused: [], resumed: [] };
const rooms = plan.tokens.map((token) => watched(new Room(plan.url, plan.room, token, plan.options)));

function watched(room) {
  const { socket } = room;
  const engine = () => socket.io.engine;
  socket.on("connect", () => {
    seen.connected.push(engine().transport.name);
    engine().on("upgrade", () => seen.upgraded++);
  });
  socket.on("disconnect", (reason) => seen.cuts.push(reason));
  socket.on("connect_error", (error) => seen.refused.push(error.data ?? String(error)));
  socket.on("welcome", (frame) => seen.resumed.push(frame.resumed));
  return room;
}

/** Resolves once it holds; looks after every frame, when the room has taken it in. */
function until(room, holds) {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(room)) return;
      room.socket.offAny(heard);
      resolve();
    };
    const heard = () => queueMicrotask(look);
    room.socket.onAny(heard);
    look();
  });
}

/** The network is lost: nobody says goodbye. */
function cut(room) {
  const { transport } = room.socket.io.engine;
  if (transport.name === "websocket") transport.ws.terminate();
  else transport.onError("cut");
}

/** The command is on its way, or not: nobody knows when the network goes. */
async function commandAndCut(room, name, data) {
  const answered = room.command(name, data);
  if (room.socket.io.engine.transport.name === "websocket") await new Promise((done) => setTimeout(done, 20));
  cut(room);
  seen.answers.push(await answered);
}

async function pennies([ann, bob]) {
  await Promise.all(rooms.map((room) => until(room, ({ views }) => views.public?.closes_at)));
  seen.answers.push(await ann.command("show", { side: "edge" }));
  await commandAndCut(ann, "show", { side: "heads" });
  seen.answers.push(await ann.command("show", { side: "tails" }));
  seen.answers.push(await bob.command("show", { side: "heads" }));
  await Promise.all(rooms.map((room) => until(room, ({ views }) => views.public.winner)));
}

async function chsh(players) {
  await Promise.all(players.map((player) => until(player, ({ views }) => views.private?.question)));
  for (let round = 1; round <= plan.rounds; round++) {
    await Promise.all(players.map((player) => until(player, ({ views }) => views.private.question?.round === round)));
    for (const [index, player] of players.entries()) {
      const answer = { run: player.views.public.run.id, round, answer: index ? "T" : "F" };
      if (index === 0 && round === 1) await commandAndCut(player, "answer", answer);
      else seen.answers.push(await player.command("answer", answer));
    }
  }
}

/** Stock settings begin with polling; this waits for the WebSocket they go on with. */
function upgraded({ socket }) {
  const { engine } = socket.io;
  if (plan.options.transports || engine.transport.name === "websocket") return;
  return new Promise((resolve) => engine.once("upgrade", resolve));
}

await { pennies, chsh }[plan.game](rooms);
await Promise.all(rooms.map(upgraded));
seen.events = rooms.map((room) => room.events.map((event) => event.type));
seen.views = rooms.map((room) => room.views);
seen.last = rooms.map((room) => room.socket.io.engine.transport.name);
console.log(JSON.stringify(seen));
rooms.forEach((room) => room.socket.disconnect());
