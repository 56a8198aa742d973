// Colyseus, `broadcast` to a room: `node colyseus.mjs PORT`. Its state synchronisation is not used: that delivers the
// newest state twenty times a second and not every event.
import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

class Adding extends Room {
  maxClients = 100000;
  seatReservationTimeout = 120;
  patchRate = null;
  values = {};
  rev = 0;

  onCreate() {
    this.onMessage("add", (client, command) => {
      if (!Number.isInteger(command.val) || typeof command.key !== "string") return;
      this.values[command.key] = command.val;
      this.rev += 1;
      const { ts, c, seq, key, val } = command;
      this.broadcast("added", { ts, c, seq, key, val, rev: this.rev });
    });
  }
}

const server = new Server({ transport: new WebSocketTransport({ perMessageDeflate: false }), greet: false });
server.define("adding", Adding).filterBy(["table"]);
await server.listen(Number(process.argv[2]));
