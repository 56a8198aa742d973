import assert from "node:assert/strict";
import { test } from "node:test";
import { Http } from "../src/http.ts";
import { Rejection } from "../src/rejection.ts";

interface Asked {
  url: string;
  init: RequestInit | undefined;
}

function http(answer: () => Response, asked: Asked[] = [], token?: string): Http {
  const fake = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push({ url: String(url), init });
    return Promise.resolve(answer());
  };
  return new Http({ url: "http://server.test", fetch: fake as typeof fetch, ...(token ? { token } : {}) });
}

test("asks with method, body and bearer, and answers what it should", async () => {
  const asked: Asked[] = [];
  const user = { id: "u", name: "Ada", kind: "guest", roles: [] };
  const client = http(() => Response.json({ user }), asked, "secret");
  assert.deepEqual(await client.guest("Ada"), user);
  const [{ url, init }] = asked as [Asked];
  assert.equal(url, "http://server.test/auth/guest");
  assert.equal(init?.method, "POST");
  assert.equal(init?.body, '{"name":"Ada"}');
  assert.deepEqual(init?.headers, { "content-type": "application/json", authorization: "Bearer secret" });
});

test("ids and codes are escaped", async () => {
  const asked: Asked[] = [];
  await http(() => Response.json({}), asked).invitation("A B/C");
  assert.equal(asked[0]?.url, "http://server.test/codes/A%20B%2FC");
});

test("every failure is a rejection", async () => {
  const typed = http(() => Response.json({ error: { code: "unknown_code", message: "no such code", field: "code", retry_after_s: 3 } }, { status: 404 }));
  await assert.rejects(typed.invitation("X"), (error: Rejection) => {
    assert.ok(error instanceof Rejection);
    assert.deepEqual([error.code, error.message, error.field, error.retryAfterS], ["unknown_code", "no such code", "code", 3]);
    return true;
  });
  await assert.rejects(http(() => new Response("<html>", { status: 502 })).apps(), { code: "unavailable" });
  await assert.rejects(http(() => { throw new TypeError("failed to fetch"); }).apps(), { code: "unreachable" });
});
