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

/** `ws(s)://.../rooms/{room}/socket` for the server at `base`. */
export function socketUrl(base: string, room: string): string {
  const url = new URL(`rooms/${encodeURIComponent(room)}/socket`, base.endsWith("/") ? base : `${base}/`);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  return url.href;
}

/** `http(s)://.../` of the server that a room's socket is at. */
export function serverOf(socket: string): string {
  const url = new URL("../../", socket);
  url.protocol = url.protocol === "wss:" ? "https:" : "http:";
  return url.href;
}
