// boardgame.io: `node boardgameio.mjs PORT`. Matches come to be with the first client that asks for them. The server
// sends the whole state to everybody after each move; the last command stands in it.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Server } = require("boardgame.io/server");
const { ActivePlayers } = require("boardgame.io/core");

const add = ({ G }, ts, c, seq, key, val) => {
  if (!Number.isInteger(val) || typeof key !== "string") return "INVALID_MOVE";
  return { values: { ...G.values, [key]: val }, rev: G.rev + 1, last: { ts, c, seq, key, val } };
};

const game = {
  name: "adding",
  setup: () => ({ values: {}, rev: 0, last: null }),
  turn: { activePlayers: ActivePlayers.ALL },
  disableUndo: true,
  moves: { add: { move: add, ignoreStaleStateID: true, undoable: false } },
};

Server({ games: [game], origins: ["*"] }).run({ port: Number(process.argv[2]), callback: () => {} });
