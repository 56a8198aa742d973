import type { SocketConstructor, SocketLike } from "./socket.ts";
import { serverOf } from "./socket.ts";
import type { Timers } from "./timers.ts";
import { systemTimers } from "./timers.ts";

/** A WebSocket that has not opened by then is taken for swallowed. */
const OPENING_MS = 4_000;
/** For so long after long polling got through where a WebSocket did not, it is begun with at once. */
const REMEMBER_MS = 10 * 60_000;

export interface Ways {
  webSocket: SocketConstructor | undefined;
  /** Long polling; loaded when it is needed. */
  polling: () => Promise<SocketConstructor>;
  /** Whether the server at this address answers a plain request. */
  reachable: (server: string) => Promise<boolean>;
  timers: Timers;
}

/**
 * Sockets that are WebSockets or, where a network lets none through, long polling. A WebSocket that fails is no such
 * network yet: the server may just have restarted. So it is tried again once the server has answered a plain request.
 */
export function fallingBack(ways: Ways): SocketConstructor {
  /** By server: until when polling comes first. */
  const blocked = new Map<string, number>();

  return class implements SocketLike {
    onopen: SocketLike["onopen"] = null;
    onmessage: SocketLike["onmessage"] = null;
    onclose: SocketLike["onclose"] = null;
    onerror: SocketLike["onerror"] = null;
    #socket: SocketLike | null = null;
    #server: string;
    #closed = false;

    constructor(private readonly url: string) {
      this.#server = serverOf(url);
      void this.#open();
    }

    send(text: string): void {
      this.#socket?.send(text);
    }

    close(code?: number, reason?: string): void {
      this.#closed = true;
      this.#socket?.close(code, reason);
    }

    async #open(): Promise<void> {
      const kind = ways.webSocket;
      if (kind && (blocked.get(this.#server) ?? 0) <= ways.timers.now()) {
        if ((await this.#opens(kind)) || this.#closed) return;
        if (!(await ways.reachable(this.#server))) return this.#gone(1006, "");
        if (this.#closed || (await this.#opens(kind)) || this.#closed) return;
      }
      await this.#poll();
    }

    /** Whether a WebSocket opens; then it is what is used. */
    #opens(kind: SocketConstructor): Promise<boolean> {
      const socket = (this.#socket = new kind(this.url));
      return new Promise((settle) => {
        const fail = (): void => {
          cancel();
          socket.onclose = socket.onopen = null;
          socket.close();
          settle(false);
        };
        const cancel = ways.timers.after(OPENING_MS, fail);
        socket.onerror = () => {};
        socket.onclose = fail;
        socket.onopen = () => {
          cancel();
          this.#use(socket);
          this.onopen?.(undefined as never);
          settle(true);
        };
      });
    }

    async #poll(): Promise<void> {
      let kind: SocketConstructor;
      try {
        kind = await ways.polling();
      } catch {
        return this.#gone(1006, ""); // its code could not be loaded: the network, most likely
      }
      if (this.#closed) return;
      const socket = new kind(this.url);
      this.#use(socket);
      socket.onopen = () => {
        blocked.set(this.#server, ways.timers.now() + REMEMBER_MS);
        this.onopen?.(undefined as never);
      };
    }

    #use(socket: SocketLike): void {
      this.#socket = socket;
      socket.onmessage = (event) => this.onmessage?.(event);
      socket.onerror = (event) => this.onerror?.(event);
      socket.onclose = ({ code, reason }) => this.#gone(code, reason);
    }

    #gone(code: number, reason: string): void {
      this.#closed = true;
      this.onclose?.({ code, reason });
    }
  };
}

let found: SocketConstructor | undefined;

/** What a room uses unless told otherwise: this environment's `WebSocket` (browsers, Node 22), else polling. */
export function defaultSocket(): SocketConstructor {
  return (found ??= fallingBack({
    webSocket: (globalThis as { WebSocket?: SocketConstructor }).WebSocket,
    polling: async () => (await import("./polling.ts")).PollingSocket,
    reachable: (server) => fetch(new URL("health/live", server)).then(({ ok }) => ok, () => false),
    timers: systemTimers,
  }));
}
