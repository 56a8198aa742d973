import assert from "node:assert/strict";
import { test } from "node:test";
import { serverOf, socketUrl } from "../src/socket.ts";

test("the socket's address follows the server's", () => {
  assert.equal(socketUrl("http://localhost:8000", "abc"), "ws://localhost:8000/rooms/abc/socket");
  assert.equal(socketUrl("https://school.example/games", "a/b"), "wss://school.example/games/rooms/a%2Fb/socket");
  assert.equal(socketUrl("https://school.example/games/", "a"), "wss://school.example/games/rooms/a/socket");
});

test("and the server's the socket's", () => {
  assert.equal(serverOf("ws://localhost:8000/rooms/abc/socket"), "http://localhost:8000/");
  assert.equal(serverOf("wss://school.example/games/rooms/a%2Fb/socket"), "https://school.example/games/");
});
