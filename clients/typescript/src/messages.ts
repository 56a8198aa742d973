/** What client and server say to each other. Generated from the server's frame types: do not edit. */

export type Role = "host" | "player" | "spectator" | "admin" | "system";

/** `[]` remove this key, `[value]` replace, `[start, delete_count, items]` splice, `{key: patch}` merge. */
export type ViewPatch =
  | readonly []
  | readonly [unknown]
  | readonly [start: number, deleteCount: number, items: readonly unknown[]]
  | { readonly [key: string]: ViewPatch };

/** First frame of a connection. `session` and `cursor` as the last welcome or patch gave them, to resume. */
export interface Hello {
  type: "hello";
  token?: string;
  session?: string;
  device?: string;
  cursor?: string;
}

/** A wish. `id` counts up within the session; the same id is the same command however often it is sent. */
export interface CommandFrame {
  type: "command";
  id: number;
  name: string;
  data?: unknown;
}

/** The answer to a ping: its `t`, unchanged. */
export interface Pong {
  type: "pong";
  t: number;
}

/**
 * The answer to a hello. `resumed`: `events` are all public events since the client's cursor; otherwise the client
 * starts over from the views. `last_id` is the highest command id of this session that took effect.
 */
export interface Welcome {
  type: "welcome";
  room: string;
  app: string;
  seat: number;
  role: Role;
  session: string;
  last_id: number;
  cursor: string;
  resumed: boolean;
  public: unknown;
  shared: unknown;
  private: unknown;
  events: readonly PublicEvent[];
  server_time: number;
  stale?: boolean;
  silence_s?: number;
}

/** One event of the public feed; `at` in milliseconds since the epoch. */
export interface PublicEvent {
  type: string;
  at: number;
  data: unknown;
}

/** What changed for this viewer. Absent views did not change. */
export interface Patch {
  type: "patch";
  cursor: string;
  public?: ViewPatch;
  shared?: ViewPatch;
  private?: ViewPatch;
  events?: readonly PublicEvent[];
  stale?: boolean;
}

/** The command took effect and is written down. */
export interface Ack {
  type: "ack";
  id: number;
}

/** The command (id 0: an unreadable frame) changed nothing, and why. */
export interface Rejected {
  type: "rejected";
  id: number;
  code: string;
  message: string;
  field?: string;
  retry_after_s?: number;
}

/** A seat came (or went, after its grace). */
export interface Presence {
  type: "presence";
  seat: number;
  online: boolean;
}

/** Lossy progress of something slow; never part of a view. */
export interface Signal {
  type: "signal";
  name: string;
  data: unknown;
}

/**
 * Are you there? `t`: server milliseconds since the epoch. With `rtt_ms` (of the ping before) a client knows the
 * server's clock: t + rtt_ms / 2.
 */
export interface Ping {
  type: "ping";
  t: number;
  rtt_ms?: number;
}

/** Last frame. `reconnect`: whether coming back makes sense. */
export interface Closing {
  type: "closing";
  code: string;
  reason: string;
  reconnect: boolean;
}

export type FromClient = Hello | CommandFrame | Pong;

export type FromServer = Welcome | Patch | Ack | Rejected | Presence | Signal | Ping | Closing;

/** Why a connection ended, by WebSocket close code, for the case that the `closing` frame was lost. */
export const CLOSE_CODES: Readonly<Record<number, { code: string; reconnect: boolean }>> = {
  4000: { code: "replaced", reconnect: false },
  4001: { code: "unauthenticated", reconnect: false },
  4003: { code: "forbidden", reconnect: false },
  4004: { code: "unknown_room", reconnect: false },
  4008: { code: "slow", reconnect: true },
  4009: { code: "room_closed", reconnect: false },
  4010: { code: "idle", reconnect: true },
  4011: { code: "protocol", reconnect: false },
  4012: { code: "draining", reconnect: true },
  4013: { code: "revoked", reconnect: false },
  4014: { code: "rejected_connection", reconnect: false },
  4015: { code: "fault", reconnect: true },
  4016: { code: "full", reconnect: true },
  4017: { code: "moved", reconnect: true },
};

/** How many commands a session may have unanswered at once. */
export const MAX_UNANSWERED = 32;

/** Raised with every change that an older client would not understand. */
export const PROTOCOL_VERSION = 1;
