import assert from "node:assert/strict";
import { test } from "node:test";
import { fallingBack } from "../src/fallback.ts";
import type { SocketLike } from "../src/socket.ts";
import { FakeSocket, FakeTimers, settled } from "./fakes.ts";

interface Network {
  open: () => SocketLike & { told: unknown[] };
  webSockets: FakeSocket[];
  polls: FakeSocket[];
  timers: FakeTimers;
  reachable: boolean;
}

/** A network whose every way the test plays. */
function network({ webSocket = true } = {}): Network {
  const [webSockets, polls]: FakeSocket[][] = [[], []];
  const kept = (list: FakeSocket[]) =>
    class extends FakeSocket {
      constructor(url: string) {
        super(url);
        list.push(this);
      }
    };
  const timers = new FakeTimers();
  const made: Network = { webSockets: webSockets!, polls: polls!, timers, reachable: true, open };
  const Socket = fallingBack({
    webSocket: webSocket ? kept(webSockets!) : undefined,
    polling: () => Promise.resolve(kept(polls!)),
    reachable: () => Promise.resolve(made.reachable),
    timers,
  });

  function open(): ReturnType<Network["open"]> {
    const told: unknown[] = [];
    const socket = Object.assign(new Socket("ws://server.test/rooms/r/socket"), { told });
    socket.onopen = () => void told.push("open");
    socket.onmessage = ({ data }) => void told.push(data);
    socket.onclose = ({ code }) => void told.push(code);
    return socket;
  }
  return made;
}

test("where WebSockets pass, nothing else is tried", async () => {
  const { open, webSockets, polls, timers } = network();
  const socket = open();
  await webSockets[0]!.accept();
  socket.send('{"type":"pong","t":1}');
  webSockets[0]!.raw("hello");
  webSockets[0]!.cut(4012);
  assert.deepEqual(socket.told, ["open", "hello", 4012]);
  assert.deepEqual(webSockets[0]!.sent, [{ type: "pong", t: 1 }]);
  timers.pass(60_000);
  assert.equal(webSockets.length + polls.length, 1);
});

test("a server that is away is not polled", async () => {
  const made = network();
  made.reachable = false;
  const socket = made.open();
  made.webSockets[0]!.cut();
  await settled();
  assert.deepEqual(socket.told, [1006]);
  assert.equal(made.polls.length, 0);
});

test("a server that came back meanwhile is reached by WebSocket", async () => {
  const { open, webSockets, polls } = network();
  const socket = open();
  webSockets[0]!.cut();
  await settled();
  await webSockets[1]!.accept();
  assert.deepEqual(socket.told, ["open"]);
  assert.equal(polls.length, 0);
});

test("where no WebSocket passes, polling does, and is begun with for ten minutes", async () => {
  const { open, webSockets, polls, timers } = network();
  const socket = open();
  webSockets[0]!.cut();
  await settled();
  timers.pass(4_000); // the second is swallowed without a word
  await settled();
  assert.ok(webSockets[1]!.closed);
  await polls[0]!.accept();
  polls[0]!.raw("hello");
  assert.deepEqual(socket.told, ["open", "hello"]);
  open();
  await settled();
  assert.equal(webSockets.length, 2);
  assert.equal(polls.length, 2);
  timers.pass(600_001);
  open();
  assert.equal(webSockets.length, 3);
});

test("who leaves meanwhile opens nothing any more", async () => {
  const { open, webSockets, polls, timers } = network();
  const socket = open();
  socket.close();
  webSockets[0]!.cut();
  timers.pass(10_000);
  await settled();
  assert.deepEqual(socket.told, []);
  assert.equal(webSockets.length + polls.length, 1);
});

test("an environment without WebSockets polls", async () => {
  const { open, polls } = network({ webSocket: false });
  const socket = open();
  await settled();
  await polls[0]!.accept();
  polls[0]!.cut();
  assert.deepEqual(socket.told, ["open", 1006]);
});
