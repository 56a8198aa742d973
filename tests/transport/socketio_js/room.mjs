// A room over the official client of Socket.IO: its views kept up to date, its commands exactly once.

// region room
import { io } from "socket.io-client";

export class Room {
  views = { public: null, shared: null, private: null };
  events = [];
  #resume = {}; // what the next connection goes on from
  #unanswered = new Map();
  #lastId = 0;
  #live = false;

  constructor(url, id, token, options = {}) {
    const auth = (send) => send({ token, ...this.#resume });
    this.socket = io(`${url}/rooms/${id}`, { forceNew: true, ...options, auth });
    this.socket.on("welcome", (frame) => this.#welcomed(frame));
    this.socket.on("patch", (frame) => this.#patched(frame));
    this.socket.on("disconnect", () => (this.#live = false));
  }

  /** Resolves with {ok: true}, or with {ok: false, code, message, field, retry_after_s}. */
  command(name, data = {}) {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#unanswered.set(id, { name, data, resolve });
      if (this.#live) this.#send(id);
    });
  }

  #send(id) {
    const { name, data, resolve } = this.#unanswered.get(id);
    this.socket.emit(name, data, id, (answer) => {
      if (this.#unanswered.delete(id)) resolve(answer);
    });
  }

  #welcomed(frame) {
    if (this.#resume.session && this.#resume.session !== frame.session) {
      for (const { resolve } of this.#unanswered.values()) resolve({ ok: false, code: "unknown" }); // look at the views
      this.#unanswered.clear();
    }
    if (!frame.resumed) this.events = [];
    for (const name of Object.keys(this.views)) this.views[name] = frame[name];
    this.events.push(...frame.events);
    this.#resume = { session: frame.session, cursor: frame.cursor };
    this.#lastId = Math.max(this.#lastId, frame.last_id);
    this.#live = true;
    for (const id of this.#unanswered.keys()) this.#send(id);
  }

  #patched(frame) {
    for (const name of Object.keys(this.views)) {
      if (name in frame) this.views[name] = apply(this.views[name], frame[name]);
    }
    this.events.push(...(frame.events ?? []));
    this.#resume.cursor = frame.cursor;
  }
}

/** A view after a patch: [value] replaces, [start, count, items] splices, {key: patch} goes deeper, [] removes. */
function apply(view, patch) {
  if (Array.isArray(patch)) {
    return patch.length === 1 ? patch[0] : view.toSpliced(patch[0], patch[1], ...patch[2]);
  }
  const changed = Array.isArray(view) ? [...view] : { ...view };
  for (const [key, part] of Object.entries(patch)) {
    if (Array.isArray(part) && part.length === 0) delete changed[key];
    else changed[key] = apply(changed[key], part);
  }
  return changed;
}
// endregion
