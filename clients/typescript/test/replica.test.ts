import assert from "node:assert/strict";
import { test } from "node:test";
import { PatchError } from "../src/patch.ts";
import { Replica } from "../src/replica.ts";
import { outcome, settled, welcome } from "./fakes.ts";

test("nothing is sendable before the session is known; then ids go on from the server's last", () => {
  const replica = new Replica();
  outcome(replica.command("show", {}));
  assert.deepEqual(replica.sendable(), []);
  assert.equal(replica.pending, 1);
  replica.welcome(welcome({ last_id: 41 }));
  assert.deepEqual(replica.sendable().map(({ id }) => id), [42]);
  assert.deepEqual(replica.sendable(), []);
  assert.deepEqual(replica.resend().map(({ id }) => id), [42]);
});

test("a patch that does not fit changes nothing", () => {
  const replica = new Replica();
  replica.welcome(welcome());
  const before = replica.views;
  assert.throws(() => replica.patch({ type: "patch", cursor: "c9", public: [{ round: 5 }], private: { coins: { 7: [1] } } }), PatchError);
  assert.equal(replica.views, before);
  assert.deepEqual(replica.hello(null, null), { type: "hello", session: "s1", cursor: "c1" });
});

test("abandoning rejects what was sent and what was waiting", async () => {
  const replica = new Replica();
  const waiting = outcome(replica.command("show", {}));
  replica.abandon(Object.assign(new Error("gone"), { code: "left" }) as never);
  await settled();
  assert.equal((waiting.value as { code: string }).code, "left");
  assert.equal(replica.pending, 0);
});
