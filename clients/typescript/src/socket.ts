/** As much of a `WebSocket` as is used here, so that any implementation can be passed in. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string) => SocketLike;

/** The WebSocket class of this environment (browsers, Node >= 22). Throws where there is none. */
export function defaultSocket(): SocketConstructor {
  const found = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (!found) throw new TypeError("this environment has no WebSocket: pass one as `socket`");
  return found;
}

/** `ws(s)://.../rooms/{room}/socket` for the server at `base`. */
export function socketUrl(base: string, room: string): string {
  const url = new URL(`rooms/${encodeURIComponent(room)}/socket`, base.endsWith("/") ? base : `${base}/`);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}
