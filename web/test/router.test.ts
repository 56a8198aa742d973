import assert from "node:assert/strict";
import { test } from "node:test";
import { match } from "../src/router.ts";

const load = (): Promise<string> => Promise.resolve("");
const routes = ["/", "/join/:code", "/chsh/rules", "/chsh/:room", "/chsh/:room/host"].map((pattern) => ({ pattern, load }));
const found = (path: string): unknown => {
  const hit = match(routes, path);
  return hit && [hit.route.pattern, hit.params];
};

test("the first route that fits, with its parts", () => {
  assert.deepEqual(found("/"), ["/", {}]);
  assert.deepEqual(found("/join/K7Q4PX"), ["/join/:code", { code: "K7Q4PX" }]);
  assert.deepEqual(found("/chsh/rules"), ["/chsh/rules", {}]);
  assert.deepEqual(found("/chsh/abc/"), ["/chsh/:room", { room: "abc" }]);
  assert.deepEqual(found("/chsh/a%20b/host"), ["/chsh/:room/host", { room: "a b" }]);
});

test("everything else is no page, and bad escapes do no harm", () => {
  assert.equal(found("/chsh"), null);
  assert.equal(found("/chsh/a/b/c"), null);
  assert.deepEqual(found("/join/%E0%A4%A"), ["/join/:code", { code: "%E0%A4%A" }]);
});
