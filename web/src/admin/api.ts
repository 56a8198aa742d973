/** What the server tells its administrators. */

export interface RoomLine {
  id: string;
  app: string;
  name: string;
  /** Milliseconds since the epoch. */
  created_at: number;
  closed: boolean;
  members: number;
  awake: boolean;
  viewers: number;
  online: readonly number[];
  committed_seq?: number;
  bytes?: number;
}

export interface RoomMoment {
  id: string;
  app: string | null;
  name: string | null;
  seq: number;
  last_seq: number;
  at: number;
  started: boolean;
  closed: unknown;
  members: readonly { seat: number; name: string; role: string; present: boolean }[];
  state: unknown;
  public: unknown;
  shared: Readonly<Record<string, unknown>>;
  private: Readonly<Record<string, unknown>>;
  online: readonly number[];
  viewers: number;
}

export interface LogLine {
  seq: number;
  at: number;
  type: string;
  actor: string;
  seat: number;
  command: string;
  data: unknown;
}
