import type { FromClient, FromServer } from "./messages.ts";
import type { SocketLike } from "./socket.ts";
import { serverOf } from "./socket.ts";

/** Of one request's packets together, in bytes. */
const MAX_PAYLOAD = 65_536;
const SEPARATOR = "\x1e";
const [OPEN, CLOSE, PING, PONG] = ["0", "1", "2", "3"];
const [CONNECT, DISCONNECT, EVENT, ACK, DENIED] = ["40", "41", "42", "43", "44"];
const PACKET = /^(4[0-6])(?:\/[^,]*,?)?(\d*)([^]*)$/;

/** What an acknowledgement says. */
interface Outcome {
  ok: boolean;
  code: string;
  message: string;
  field?: string;
  retry_after_s?: number;
}

/**
 * A room's socket over plain requests, for networks that let no WebSocket through: one GET waits for what the server
 * says, POSTs bring what is said to it (Engine.IO 4 and, in it, Socket.IO 5). It is used like the room's WebSocket, with
 * the same frames.
 */
export class PollingSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  #address: URL;
  #namespace: string;
  #outbox: string[] = [];
  #posting = false;
  #leaving = new AbortController();

  constructor(url: string) {
    this.#address = new URL("socket.io/?EIO=4&transport=polling", serverOf(url));
    this.#namespace = new URL(url).pathname.replace(/^.*(\/rooms\/[^/]+)\/socket$/, "$1");
    void this.#listen();
  }

  send(text: string): void {
    const frame = JSON.parse(text) as FromClient;
    if (frame.type === "hello") {
      const { type: _, ...hello } = frame;
      this.#write(`${CONNECT}${this.#namespace},${JSON.stringify(hello)}`);
    } else if (frame.type === "command") {
      this.#write(`${EVENT}${this.#namespace},${frame.id}${JSON.stringify([frame.name, frame.data, frame.id])}`);
    } // and no pong: this protocol has its own
  }

  close(): void {
    if (this.#leaving.signal.aborted) return;
    if (this.#address.searchParams.has("sid")) void this.#request(CLOSE, true).catch(() => {});
    this.#gone(1005, "");
  }

  // -- requests ------------------------------------------------------------------------------------------------------

  async #listen(): Promise<void> {
    try {
      for (;;) for (const packet of (await this.#request()).split(SEPARATOR)) this.#take(packet);
    } catch {
      this.#gone(1006, "");
    }
  }

  /** What the server answers. Throws when it refuses or is not there. `farewell`: it outlives this socket, and the page. */
  async #request(body?: string, farewell = false): Promise<string> {
    const request = body === undefined ? {} : { method: "POST", body, keepalive: farewell };
    const answer = await fetch(this.#address, { ...request, signal: farewell ? null : this.#leaving.signal });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.text();
  }

  #write(packet: string): void {
    this.#outbox.push(packet);
    if (!this.#posting) void this.#post();
  }

  /** One request at a time, each with as many packets as it may bring. */
  async #post(): Promise<void> {
    this.#posting = true;
    try {
      await Promise.resolve(); // what is said in one go goes together
      while (this.#outbox.length) await this.#request(this.#batch());
    } catch {
      this.#gone(1006, "");
    } finally {
      this.#posting = false;
    }
  }

  #batch(): string {
    const bytes = new TextEncoder();
    let size = 0;
    const fits = this.#outbox.findIndex((packet) => (size += bytes.encode(packet).length + 1) > MAX_PAYLOAD + 1);
    return this.#outbox.splice(0, fits < 0 ? Infinity : Math.max(fits, 1)).join(SEPARATOR);
  }

  #gone(code: number, reason: string): void {
    if (this.#leaving.signal.aborted) return;
    this.#leaving.abort();
    this.onclose?.({ code, reason });
  }

  // -- packets -------------------------------------------------------------------------------------------------------

  #take(packet: string): void {
    if (this.#leaving.signal.aborted) return;
    switch (packet[0]) {
      case OPEN:
        this.#address.searchParams.set("sid", (JSON.parse(packet.slice(1)) as { sid: string }).sid);
        return this.onopen?.(undefined as never);
      case PING:
        this.#write(PONG!);
        return this.#give({ type: "ping", t: 0 }); // a sign of life
      case CLOSE:
        return this.#gone(1006, "");
    }
    const [, kind, ack, data] = PACKET.exec(packet) ?? [];
    switch (kind) {
      case EVENT: // ["patch",{…}]: the frame as it is
        return this.onmessage?.({ data: data!.slice(data!.indexOf(",") + 1, -1) });
      case ACK:
        return this.#answered(Number(ack), (JSON.parse(data!) as [Outcome])[0]);
      case DENIED: {
        const denied = JSON.parse(data!) as { message: string; data: { code: string; reconnect: boolean } };
        return this.#give({ type: "closing", code: denied.data.code, reason: denied.message, reconnect: denied.data.reconnect });
      }
      case DISCONNECT:
        return this.#gone(1006, "");
    }
  }

  #answered(id: number, { ok, ...rejection }: Outcome): void {
    this.#give(ok ? { type: "ack", id } : { type: "rejected", id, ...rejection });
  }

  #give(frame: FromServer): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}
