import type { FromClient, FromServer, Welcome } from "../src/messages.ts";
import { Room, type RoomOptions } from "../src/room.ts";
import type { SocketLike } from "../src/socket.ts";
import type { Timers } from "../src/timers.ts";

/** Virtual time: `pass` runs what falls due, in order. */
export class FakeTimers implements Timers {
  #now = 1_000_000;
  #due: { at: number; call: () => void }[] = [];

  now = (): number => this.#now;

  after = (milliseconds: number, call: () => void): (() => void) => {
    const entry = { at: this.#now + milliseconds, call };
    this.#due.push(entry);
    return () => void (this.#due = this.#due.filter((other) => other !== entry));
  };

  get waiting(): number {
    return this.#due.length;
  }

  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#due = this.#due.filter((entry) => entry !== next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
    }
    this.#now = end;
  }
}

/** A socket whose far end the test plays. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  sent: FromClient[] = [];
  closed = false;

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FromClient);
  }

  close(): void {
    this.closed = true;
  }

  /** The connection stands; the hello goes out after the token has been fetched. */
  async accept(): Promise<void> {
    this.onopen?.(undefined as never);
    await settled();
  }

  serve(...frames: FromServer[]): void {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  raw(data: string): void {
    this.onmessage?.({ data });
  }

  cut(code = 1006): void {
    this.onclose?.({ code, reason: "" });
  }

  get commands(): { id: number; name: string; data: unknown }[] {
    return this.sent.flatMap((frame) => (frame.type === "command" ? [{ id: frame.id, name: frame.name, data: frame.data }] : []));
  }
}

/** Let everything that is merely waiting for promises happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

export function welcome(change: Partial<Welcome> = {}): Welcome {
  return {
    type: "welcome", room: "r", app: "pennies", seat: 2, role: "player", session: "s1", last_id: 0, cursor: "c1", resumed: false,
    public: { round: 1 }, shared: null, private: { coins: [] }, events: [], server_time: 5_000_000, ...change,
  };
}

export interface Stage {
  room: Room;
  timers: FakeTimers;
  sockets: FakeSocket[];
  /** The newest socket. */
  readonly socket: FakeSocket;
}

/** A room whose server is the test. */
export function stage(options: Partial<RoomOptions> = {}): Stage {
  const timers = new FakeTimers();
  const sockets: FakeSocket[] = [];
  class Socket extends FakeSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  const room = new Room({ url: "http://server.test", room: "r", socket: Socket, timers, random: () => 0.5, ...options });
  return {
    room, timers, sockets,
    get socket() {
      return sockets[sockets.length - 1]!;
    },
  };
}

/** The same, welcomed. */
export async function liveStage(options: Partial<RoomOptions> = {}): Promise<Stage> {
  const made = stage(options);
  await made.socket.accept();
  made.socket.serve(welcome());
  return made;
}

/** What a promise came to, without waiting for it. */
export function outcome(promise: Promise<void>): { value: unknown } {
  const found: { value: unknown } = { value: "pending" };
  promise.then(() => (found.value = "done"), (error: unknown) => (found.value = error));
  return found;
}
