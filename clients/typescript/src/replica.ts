import type { CommandFrame, Hello, Patch, PublicEvent, Rejected, Role, Welcome } from "./messages.ts";
import { MAX_UNANSWERED } from "./messages.ts";
import { applyPatch } from "./patch.ts";
import { Rejection } from "./rejection.ts";

/** Commands that wait because `MAX_UNANSWERED` are under way; more are refused with `capacity`. */
export const MAX_QUEUED = 256;

export interface Views {
  public: unknown;
  shared: unknown;
  private: unknown;
}

interface Pending {
  frame: CommandFrame;
  resolve: () => void;
  reject: (rejection: Rejection) => void;
}

type Waiting = Omit<Pending, "frame"> & { name: string; data: unknown };

/** What a client knows: views, cursor, and the commands that are still owed an outcome. No socket, no clock. */
export class Replica {
  views: Views = { public: null, shared: null, private: null };
  seat = 0;
  role: Role | null = null;
  app = "";
  /** `shared` is older than what else is known here, and is being brought up to date. */
  stale = false;
  #session: string | undefined;
  #cursor: string | undefined;
  #lastId = 0;
  #unanswered = new Map<number, Pending>();
  #queue: Waiting[] = [];

  /** Commands without an outcome yet, sent or not. */
  get pending(): number {
    return this.#unanswered.size + this.#queue.length;
  }

  hello(token: string | null, device: string | null): Hello {
    return {
      type: "hello",
      ...(token ? { token } : {}),
      ...(device ? { device } : {}),
      ...(this.#session ? { session: this.#session } : {}),
      ...(this.#cursor ? { cursor: this.#cursor } : {}),
    };
  }

  /** Accept a command. What may be sent now comes out of `sendable`. */
  command(name: string, data: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#queue.length >= MAX_QUEUED) reject(new Rejection("capacity", `${MAX_QUEUED} commands are waiting`));
      else this.#queue.push({ name, data, resolve, reject });
    });
  }

  /** Frames that may go out now, in order: waiting commands get their ids here, once the session is known. */
  sendable(): CommandFrame[] {
    const frames: CommandFrame[] = [];
    while (this.#session && this.#queue.length > 0 && this.#unanswered.size < MAX_UNANSWERED) {
      const { name, data, resolve, reject } = this.#queue.shift()!;
      const frame: CommandFrame = { type: "command", id: ++this.#lastId, name, data };
      this.#unanswered.set(frame.id, { frame, resolve, reject });
      frames.push(frame);
    }
    return frames;
  }

  /** All unanswered commands with the ids they had, in order: to be sent again after each welcome. */
  resend(): CommandFrame[] {
    return [...this.#unanswered.values()].map(({ frame }) => frame);
  }

  /** Take in a welcome; the events to announce. */
  welcome(frame: Welcome): readonly PublicEvent[] {
    if (this.#session !== undefined && frame.session !== this.#session) this.#loseSession();
    this.#session = frame.session;
    this.#cursor = frame.cursor;
    this.#lastId = Math.max(this.#lastId, frame.last_id);
    this.seat = frame.seat;
    this.role = frame.role;
    this.app = frame.app;
    this.stale = frame.stale ?? false;
    this.views = { public: frame.public, shared: frame.shared, private: frame.private };
    return frame.events;
  }

  /** Take in a patch; the events to announce. Throws `PatchError`, with nothing changed, if it does not fit. */
  patch(frame: Patch): readonly PublicEvent[] {
    const views = { ...this.views };
    for (const key of ["public", "shared", "private"] as const) {
      const patch = frame[key];
      if (patch !== undefined) views[key] = applyPatch(views[key], patch);
    }
    this.views = views;
    this.stale = frame.stale ?? this.stale;
    this.#cursor = frame.cursor;
    return frame.events ?? [];
  }

  /** Ask for everything anew at the next hello; the session and its unanswered commands stay. */
  startOver(): void {
    this.#cursor = undefined;
  }

  acked(id: number): void {
    this.#take(id)?.resolve();
  }

  rejected(frame: Rejected): void {
    const { id, code, message, field, retry_after_s } = frame;
    this.#take(id)?.reject(new Rejection(code, message, field ?? null, retry_after_s ?? null));
  }

  /** There will be no more answers. */
  abandon(rejection: Rejection): void {
    const owed = [...this.#unanswered.values(), ...this.#queue];
    this.#unanswered.clear();
    this.#queue = [];
    for (const { reject } of owed) reject(rejection);
  }

  /** The server no longer knows the session, so nobody can say whether what was sent took effect. */
  #loseSession(): void {
    const rejection = new Rejection("stale_command", "the session has ended: look before you try again");
    const lost = [...this.#unanswered.values()];
    this.#unanswered.clear();
    this.#lastId = 0;
    for (const { reject } of lost) reject(rejection);
  }

  #take(id: number): Pending | undefined {
    const found = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    return found;
  }
}
