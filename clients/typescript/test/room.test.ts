import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_UNANSWERED } from "../src/messages.ts";
import { Rejection } from "../src/rejection.ts";
import { MAX_QUEUED } from "../src/replica.ts";
import { liveStage, outcome, settled, stage, welcome } from "./fakes.ts";

test("says hello, is welcomed, shows the views", async () => {
  const { room, socket, timers } = stage({ token: "secret", device: "d" });
  assert.equal(socket.url, "ws://server.test/rooms/r/socket");
  assert.equal(room.state.connection, "connecting");
  await socket.accept();
  assert.deepEqual(socket.sent, [{ type: "hello", token: "secret", device: "d" }]);
  timers.pass(80);
  socket.serve(welcome());
  const { connection, known, seat, role, app } = room.state;
  assert.deepEqual({ connection, known, seat, role, app }, { connection: "live", known: true, seat: 2, role: "player", app: "pennies" });
  assert.deepEqual([room.state.public, room.state.shared, room.state.private], [{ round: 1 }, null, { coins: [] }]);
  assert.equal(room.now(), 5_000_040);
});

test("patches change the views and keep what they do not touch", async () => {
  const { room, socket } = await liveStage();
  const before = room.state;
  socket.serve({ type: "patch", cursor: "c2", public: { round: [2] }, private: { coins: [0, 0, ["heads"]] } });
  assert.deepEqual(room.state.public, { round: 2 });
  assert.deepEqual(room.state.private, { coins: ["heads"] });
  assert.deepEqual(before.public, { round: 1 });
  assert.equal(room.state.shared, before.shared);
});

test("a shared view that is behind is marked until it has caught up, and by each welcome anew", async () => {
  const made = await liveStage();
  const { room } = made;
  assert.equal(room.state.stale, false);
  made.socket.serve({ type: "patch", cursor: "c2", stale: true });
  assert.equal(room.state.stale, true);
  made.socket.serve({ type: "patch", cursor: "c3", shared: [{ s: 2.4 }] });
  assert.deepEqual([room.state.shared, room.state.stale], [{ s: 2.4 }, true]);
  made.socket.serve({ type: "patch", cursor: "c4", shared: { s: [2.5] }, stale: false });
  assert.deepEqual([room.state.shared, room.state.stale], [{ s: 2.5 }, false]);
  for (const stale of [true, undefined]) {
    made.socket.cut();
    made.timers.pass(10_000);
    await made.socket.accept();
    made.socket.serve(welcome(stale ? { stale } : {}));
    assert.equal(room.state.stale, stale ?? false);
  }
});

test("a command resolves at its ack and rejects with code, field and time", async () => {
  const { room, socket } = await liveStage();
  const taken = outcome(room.command("show", { side: "heads" }));
  const refused = outcome(room.command("show", { side: "tails" }));
  assert.deepEqual(socket.commands, [{ id: 1, name: "show", data: { side: "heads" } }, { id: 2, name: "show", data: { side: "tails" } }]);
  assert.equal(room.state.pending, 2);
  socket.serve({ type: "rejected", id: 2, code: "too_fast", message: "slowly", field: "side", retry_after_s: 0.5 });
  socket.serve({ type: "ack", id: 1 });
  await settled();
  assert.equal(taken.value, "done");
  const rejection = refused.value as Rejection;
  assert.ok(rejection instanceof Rejection);
  assert.deepEqual([rejection.code, rejection.message, rejection.field, rejection.retryAfterS], ["too_fast", "slowly", "side", 0.5]);
  assert.equal(room.state.pending, 0);
});

test("repeated answers and answers to nothing are harmless", async () => {
  const { room, socket } = await liveStage();
  const taken = outcome(room.command("show", {}));
  socket.serve({ type: "ack", id: 1 }, { type: "ack", id: 1 }, { type: "rejected", id: 1, code: "late", message: "" }, { type: "ack", id: 99 });
  socket.serve({ type: "rejected", id: 0, code: "bad_frame", message: "unreadable" });
  await settled();
  assert.equal(taken.value, "done");
  assert.equal(room.state.connection, "live");
});

test("a lost ack: the same id is sent again after the reconnect and answered once", async () => {
  const made = await liveStage();
  const { room, timers } = made;
  const first = outcome(room.command("show", { n: 1 }));
  const second = outcome(room.command("show", { n: 2 }));
  made.socket.serve({ type: "ack", id: 1 });
  made.socket.cut();
  assert.equal(room.state.connection, "reconnecting");
  assert.deepEqual(room.state.reason?.code, "lost");
  const third = outcome(room.command("show", { n: 3 }));
  timers.pass(10_000);
  assert.equal(made.sockets.length, 2);
  await made.socket.accept();
  assert.deepEqual(made.socket.sent, [{ type: "hello", session: "s1", cursor: "c1" }]);
  made.socket.serve(welcome({ resumed: true, cursor: "c3", last_id: 2 }));
  assert.deepEqual(made.socket.commands.map(({ id, data }) => [id, data]), [[2, { n: 2 }], [3, { n: 3 }]]);
  made.socket.serve({ type: "ack", id: 2 }, { type: "ack", id: 3 });
  await settled();
  assert.deepEqual([first.value, second.value, third.value], ["done", "done", "done"]);
});

test("resuming announces what was missed, in order and once; starting over takes the views", async () => {
  const made = await liveStage();
  const { room, timers } = made;
  const heard: string[] = [];
  room.onEvent(({ type }) => heard.push(type));
  made.socket.serve({ type: "patch", cursor: "c2", events: [{ type: "one", at: 1, data: {} }] });
  made.socket.cut();
  timers.pass(10_000);
  await made.socket.accept();
  made.socket.serve(welcome({ resumed: true, cursor: "c4", events: [{ type: "two", at: 2, data: {} }, { type: "three", at: 3, data: {} }] }));
  assert.deepEqual(heard, ["one", "two", "three"]);
  made.socket.cut();
  timers.pass(10_000);
  await made.socket.accept();
  made.socket.serve(welcome({ resumed: false, public: { round: 9 } }));
  assert.deepEqual(room.state.public, { round: 9 });
  assert.deepEqual(heard, ["one", "two", "three"]);
});

test("a session the server has forgotten: nobody can know whether what was sent took effect", async () => {
  const made = await liveStage();
  const sent = outcome(made.room.command("show", {}));
  made.socket.cut();
  const waiting = outcome(made.room.command("later", {}));
  made.timers.pass(10_000);
  await made.socket.accept();
  made.socket.serve(welcome({ session: "s2" }));
  await settled();
  assert.equal((sent.value as Rejection).code, "stale_command");
  assert.equal(waiting.value, "pending");
  assert.deepEqual(made.socket.commands, [{ id: 1, name: "later", data: {} }]);
});

test("a patch that does not fit: drops the views' cursor and comes back", async () => {
  const made = await liveStage();
  made.socket.serve({ type: "patch", cursor: "c2", public: { round: { deeper: [1] } } });
  assert.equal(made.room.state.connection, "reconnecting");
  assert.ok(made.sockets[0]!.closed);
  made.timers.pass(10_000);
  await made.socket.accept();
  assert.deepEqual(made.socket.sent, [{ type: "hello", session: "s1" }]);
});

test("unreadable text from the server is treated the same way", async () => {
  const made = await liveStage();
  made.socket.raw("{");
  assert.equal(made.room.state.connection, "reconnecting");
});

test("no more than 32 commands are under way, the rest wait their turn, and the waiting are bounded", async () => {
  const { room, socket } = await liveStage();
  const outcomes = Array.from({ length: MAX_UNANSWERED + MAX_QUEUED + 1 }, (_, n) => outcome(room.command("show", n)));
  await settled();
  assert.equal(socket.commands.length, MAX_UNANSWERED);
  assert.equal((outcomes.at(-1)!.value as Rejection).code, "capacity");
  for (let id = 1; id <= MAX_UNANSWERED + MAX_QUEUED; id++) socket.serve({ type: "ack", id });
  await settled();
  assert.deepEqual(socket.commands.map(({ id }) => id), Array.from({ length: MAX_UNANSWERED + MAX_QUEUED }, (_, n) => n + 1));
  assert.deepEqual(socket.commands.map(({ data }) => data), Array.from({ length: MAX_UNANSWERED + MAX_QUEUED }, (_, n) => n));
  assert.equal(outcomes.filter(({ value }) => value === "done").length, MAX_UNANSWERED + MAX_QUEUED);
});

test("a final closing ends the room and everything that was owed", async () => {
  const { room, socket, timers, sockets } = await liveStage();
  const owed = outcome(room.command("show", {}));
  socket.serve({ type: "closing", code: "room_closed", reason: "the lesson is over", reconnect: false });
  socket.cut(4009);
  await settled();
  assert.deepEqual(room.state.connection, "closed");
  assert.deepEqual(room.state.reason, { code: "room_closed", message: "the lesson is over" });
  assert.equal((owed.value as Rejection).code, "room_closed");
  await assert.rejects(room.command("show", {}), { code: "room_closed" });
  timers.pass(600_000);
  assert.equal(sockets.length, 1);
  assert.equal(timers.waiting, 0);
});

test("a close code alone says the same when the closing frame was lost", async () => {
  const ended = await liveStage();
  ended.socket.cut(4000);
  assert.deepEqual([ended.room.state.connection, ended.room.state.reason?.code], ["closed", "replaced"]);
  const drained = await liveStage();
  drained.socket.cut(4012);
  assert.deepEqual([drained.room.state.connection, drained.room.state.reason?.code], ["reconnecting", "draining"]);
});

test("an expired login is renewed once", async () => {
  let renewals = 0;
  const made = stage({ renew: () => Promise.resolve(++renewals > 0) });
  await made.socket.accept();
  made.socket.serve({ type: "closing", code: "unauthenticated", reason: "", reconnect: false });
  await settled();
  assert.equal(made.sockets.length, 2);
  await made.socket.accept();
  made.socket.serve({ type: "closing", code: "unauthenticated", reason: "", reconnect: false });
  await settled();
  assert.deepEqual([made.room.state.connection, made.sockets.length, renewals], ["closed", 2, 1]);
});

test("a login that cannot be renewed for want of a network is renewed on the next way back", async () => {
  let renewals = 0;
  const made = stage({ renew: () => (++renewals === 1 ? Promise.reject(new Error("unreachable")) : Promise.resolve(true)) });
  for (const sockets of [2, 3]) {
    await made.socket.accept();
    made.socket.serve({ type: "closing", code: "unauthenticated", reason: "", reconnect: false });
    await settled();
    for (let waited = 0; made.sockets.length < sockets && waited < 1000; waited += 50) made.timers.pass(50);
    assert.equal(made.sockets.length, sockets);
  }
  assert.deepEqual([made.room.state.connection, renewals], ["connecting", 2]);
});

test("waits longer and longer while the server is away, and not at all when told that the network is back", async () => {
  const made = await liveStage();
  const { timers, sockets, room } = made;
  const waits: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    made.socket.cut();
    const before = sockets.length;
    let waited = 0;
    for (; sockets.length === before; waited += 50) timers.pass(50);
    waits.push(waited);
  }
  assert.deepEqual(waits.toSorted((a, b) => a - b), waits);
  assert.ok(waits.at(-1)! <= 10_000 && waits[0]! <= 250, String(waits));
  made.socket.cut();
  const before = sockets.length;
  room.retryNow();
  room.retryNow();
  assert.equal(sockets.length, before + 1);
});

test("a silent connection is given up; a ping keeps it and sets the clock", async () => {
  const made = await liveStage();
  const { timers, room } = made;
  timers.pass(30_000);
  made.socket.serve({ type: "ping", t: 5_100_000 });
  made.socket.serve({ type: "ping", t: 5_100_000, rtt_ms: 10 });
  assert.deepEqual(made.socket.sent.slice(1), [{ type: "pong", t: 5_100_000 }, { type: "pong", t: 5_100_000 }]);
  timers.pass(30_000);
  assert.equal(room.state.connection, "live");
  timers.pass(60_000);
  assert.notEqual(room.state.connection, "live");
});

test("how long a silence may be is the server's word, and counted from what was heard last", async () => {
  const made = await liveStage();
  const { room, timers } = made;
  made.socket.serve(welcome({ silence_s: 26 }));
  timers.pass(20_000);
  made.socket.serve({ type: "ping", t: 5_100_000 });
  timers.pass(25_900);
  assert.equal(room.state.connection, "live");
  timers.pass(200);
  assert.equal(room.state.connection, "reconnecting");
});

test("a network in doubt is given two seconds, and none when it says something", async () => {
  const made = await liveStage();
  const { room, timers } = made;
  timers.pass(10_000);
  room.doubt();
  timers.pass(1_900);
  assert.equal(room.state.connection, "live");
  made.socket.serve({ type: "ping", t: 5_100_000 });
  timers.pass(5_000);
  assert.equal(room.state.connection, "live", "it was a false alarm");
  room.doubt();
  timers.pass(2_000);
  assert.equal(room.state.connection, "reconnecting");
  room.doubt();
  timers.pass(60_000);
  await made.socket.accept();
  made.socket.serve(welcome());
  assert.equal(room.state.connection, "live", "and it comes back");
});

test("a welcome that never comes is not waited for", async () => {
  const { socket, timers, room, sockets } = stage();
  await socket.accept();
  timers.pass(60_000);
  assert.ok(sockets.length > 1);
  assert.equal(room.state.connection, "connecting");
});

test("a token that cannot be fetched is a lost connection, not the end", async () => {
  let asked = 0;
  const made = stage({ token: () => (++asked === 1 ? Promise.reject(new Error("offline")) : Promise.resolve("t")) });
  await made.socket.accept();
  assert.equal(made.room.state.connection, "connecting");
  made.timers.pass(10_000);
  await made.socket.accept();
  assert.deepEqual(made.socket.sent, [{ type: "hello", token: "t" }]);
});

test("frames of a socket that was given up are not heard", async () => {
  const made = await liveStage();
  const old = made.socket;
  old.cut();
  made.timers.pass(10_000);
  old.serve({ type: "patch", cursor: "c9", public: [{ round: 99 }] });
  old.cut();
  assert.deepEqual(made.room.state.public, { round: 1 });
  assert.equal(made.sockets.length, 2);
});

test("presence and signals arrive; presence begins anew with each welcome", async () => {
  const made = await liveStage();
  const signals: unknown[] = [];
  const stop = made.room.onSignal(({ name, data }) => signals.push([name, data]));
  made.socket.serve({ type: "presence", seat: 3, online: true }, { type: "presence", seat: 4, online: false });
  made.socket.serve({ type: "signal", name: "progress", data: 0.5 });
  stop();
  made.socket.serve({ type: "signal", name: "progress", data: 0.6 });
  assert.deepEqual([...made.room.state.presence], [[3, true], [4, false]]);
  assert.deepEqual(signals, [["progress", 0.5]]);
  made.socket.serve(welcome());
  assert.equal(made.room.state.presence.size, 0);
});

test("subscribers hear the state at once and at each change, until they stop", async () => {
  const { room, socket } = await liveStage();
  const rounds: unknown[] = [];
  const stop = room.subscribe((state) => rounds.push((state.public as { round: number }).round));
  socket.serve({ type: "patch", cursor: "c2", public: { round: [2] } });
  stop();
  socket.serve({ type: "patch", cursor: "c3", public: { round: [3] } });
  assert.deepEqual(rounds, [1, 2]);
});

test("leaving closes the socket and cancels everything", async () => {
  const { room, socket, timers } = await liveStage();
  const owed = outcome(room.command("show", {}));
  room.close();
  room.close();
  await settled();
  assert.ok(socket.closed);
  assert.equal((owed.value as Rejection).code, "left");
  assert.equal(timers.waiting, 0);
});
