import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { PollingSocket } from "../src/polling.ts";

/** The far end: what was posted, and what GETs wait for. */
let posts: string[] = [];
let waiting: ServerResponse[] = [];
let saidBefore: string[] = [];
let paths: string[] = [];
let base = "";
let sessions = 0;

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const sid = new URL(request.url!, "http://far.test").searchParams.get("sid");
  if (sid !== null && sid !== `s-${sessions}`) return response.end(); // of a session before
  paths.push(request.url!);
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    if (request.method === "POST") {
      posts.push(body);
      return response.end("ok");
    }
    if (sid === null) return response.end(`0{"sid":"s-${sessions}"}`);
    const first = saidBefore.shift();
    if (first === undefined) waiting.push(response);
    else response.end(first);
  });
});

before(() => new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => {
  base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  listening();
})));
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [posts, waiting, saidBefore, paths] = [[], [], [], []];
});

async function until(holds: () => unknown): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn++) await new Promise((done) => setTimeout(done, 2));
  assert.ok(holds(), "it did not come");
}

function open(): { socket: PollingSocket; told: unknown[] } {
  sessions++;
  const told: unknown[] = [];
  const socket = new PollingSocket(`${base}/rooms/r1/socket`);
  socket.onopen = () => void told.push("open");
  socket.onmessage = ({ data }) => void told.push(JSON.parse(String(data)));
  socket.onclose = ({ code }) => void told.push(code);
  return { socket, told };
}

/** The far end says something. */
function say(...packets: string[]): void {
  const response = waiting.shift();
  if (response) response.end(packets.join("\x1e"));
  else saidBefore.push(packets.join("\x1e"));
}

test("a session opens, and hello and commands go as packets", async () => {
  const { socket, told } = open();
  await until(() => told.length);
  assert.deepEqual(told, ["open"]);
  socket.send('{"type":"hello","token":"t","device":"d"}');
  socket.send('{"type":"command","id":7,"name":"show","data":{"side":"héads"}}');
  socket.send('{"type":"pong","t":5}');
  await until(() => posts.length);
  assert.deepEqual(posts[0]!.split("\x1e"), ['40/rooms/r1,{"token":"t","device":"d"}', '42/rooms/r1,7["show",{"side":"héads"},7]']);
  assert.match(paths[0]!, /^\/socket\.io\/\?EIO=4&transport=polling$/);
  assert.ok(paths.slice(1).every((path) => path.endsWith(`&sid=s-${sessions}`)));
  socket.close();
});

test("what the server says comes as frames", async () => {
  const { socket, told } = open();
  await until(() => waiting.length);
  say('40/rooms/r1,{"sid":"x"}', '42/rooms/r1,["patch",{"type":"patch","cursor":"c","public":["a,b"]}]', "6");
  await until(() => waiting.length);
  say('43/rooms/r1,7[{"ok":true}]', '43/rooms/r1,8[{"ok":false,"code":"late","message":"too late","field":"side"}]', "2");
  await until(() => told.length === 5);
  assert.deepEqual(told.slice(1), [
    { type: "patch", cursor: "c", public: ["a,b"] },
    { type: "ack", id: 7 },
    { type: "rejected", id: 8, code: "late", message: "too late", field: "side" },
    { type: "ping", t: 0 },
  ]);
  await until(() => posts.includes("3"));
  socket.close();
});

test("a room that is denied, and one that ends", async () => {
  const denied = open();
  await until(() => waiting.length);
  say('44/rooms/r1,{"message":"no place","data":{"code":"forbidden","reconnect":false}}');
  await until(() => denied.told.length === 2);
  assert.deepEqual(denied.told[1], { type: "closing", code: "forbidden", reason: "no place", reconnect: false });
  denied.socket.close();
  waiting = [];
  const ended = open();
  await until(() => waiting.length);
  say("41/rooms/r1,", '42/rooms/r1,["patch",{}]');
  await until(() => ended.told.length === 2);
  assert.deepEqual(ended.told, ["open", 1006], "and nothing after its end");
});

test("much is sent in requests that the server takes", async () => {
  const { socket, told } = open();
  await until(() => told.length);
  const text = "ü".repeat(10_000);
  for (let id = 1; id <= 9; id++) socket.send(JSON.stringify({ type: "command", id, name: "say", data: { text } }));
  await until(() => posts.join("\x1e").split("\x1e").length === 9);
  assert.ok(posts.every((post) => Buffer.byteLength(post) <= 65_536));
  assert.deepEqual(posts.join("\x1e").split("\x1e").map((packet) => Number(/,(\d+)\[/.exec(packet)![1])), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  socket.close();
});

test("leaving tells the server", async () => {
  const { socket, told } = open();
  await until(() => waiting.length);
  socket.close();
  socket.close();
  await until(() => posts.length);
  assert.deepEqual(posts, ["1"]);
  assert.deepEqual(told, ["open", 1005]);
});

test("a server that refuses or is gone ends it", async () => {
  const { told } = open();
  await until(() => waiting.length);
  const response = waiting.shift()!;
  response.statusCode = 400;
  response.end('{"code":1,"message":"there is no such session"}');
  await until(() => told.length === 2);
  assert.deepEqual(told, ["open", 1006]);
  const nowhere: unknown[] = [];
  const socket = new PollingSocket("ws://127.0.0.1:1/rooms/r1/socket");
  socket.onclose = ({ code }) => void nowhere.push(code);
  await until(() => nowhere.length);
  assert.deepEqual(nowhere, [1006]);
});
