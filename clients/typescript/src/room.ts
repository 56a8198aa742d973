import { Backoff } from "./backoff.ts";
import { Clock } from "./clock.ts";
import { defaultSocket } from "./fallback.ts";
import type { FromClient, FromServer, Patch, Ping, PublicEvent, Role, Signal, Welcome } from "./messages.ts";
import { CLOSE_CODES } from "./messages.ts";
import { PatchError } from "./patch.ts";
import { Rejection } from "./rejection.ts";
import { Replica } from "./replica.ts";
import type { SocketConstructor, SocketLike } from "./socket.ts";
import { socketUrl } from "./socket.ts";
import type { Timers } from "./timers.ts";
import { systemTimers } from "./timers.ts";

/** A socket from which nothing came for this long is dead, until the server's welcome says when it is. */
const SILENCE_MS = 40_000;
/** How long a network in doubt may say nothing. */
const DOUBT_MS = 2_000;
/** A connection that lived this long was a good one: the next attempt comes quickly again. */
const STABLE_MS = 5_000;
const OPENING_MS = 15_000;

export type ConnectionState = "connecting" | "live" | "reconnecting" | "closed";

/** Why a room is not live. `code`: a closing code of the server, `lost` (the network) or `left` (this client). */
export interface Ending {
  code: string;
  message: string;
}

/** Everything known of a room at one moment; a new object for each change, unchanged parts are the same objects. */
export interface RoomState<Public = unknown, Shared = unknown, Private = unknown> {
  readonly connection: ConnectionState;
  readonly reason: Ending | null;
  /** A welcome has arrived: the views mean something. */
  readonly known: boolean;
  readonly app: string;
  readonly seat: number;
  readonly role: Role | null;
  readonly public: Public;
  readonly shared: Shared;
  readonly private: Private;
  /** `shared` takes long to compute: it is older than what else is known here, and is being brought up to date. */
  readonly stale: boolean;
  /** Seats that came or went since the welcome. */
  readonly presence: ReadonlyMap<number, boolean>;
  /** Commands without an outcome yet. */
  readonly pending: number;
}

export interface RoomOptions {
  /** Where the server is: `https://play.example[:port]`. */
  url: string;
  room: string;
  /** Bearer token, or how to get one before each attempt; without it the browser's cookie speaks. */
  token?: string | (() => Promise<string | null>);
  /**
   * Called once when the server says `unauthenticated`: renew the login; true: try again. Rejecting means that nobody
   * answers now: the connection is tried again later, and the login with it.
   */
  renew?: () => Promise<boolean>;
  /** Tells this device from the user's others; random and kept, e.g. in localStorage. */
  device?: string;
  /** What carries the frames; by default a WebSocket, or long polling where the network lets none through. */
  socket?: SocketConstructor;
  timers?: Timers;
  random?: () => number;
}

type Listener<T> = (value: T) => void;

/** A live room. Make one with `connect`; it keeps itself connected until it is closed. */
export class Room<Commands extends object = Record<string, unknown>, Public = unknown, Shared = unknown, Private = unknown> {
  #replica = new Replica();
  #socket: SocketLike | null = null;
  #cancelRetry: () => void = () => {};
  #cancelWatch: () => void = () => {};
  #listeners = new Set<Listener<RoomState<Public, Shared, Private>>>();
  #eventListeners = new Set<Listener<PublicEvent>>();
  #signalListeners = new Set<Listener<Signal>>();
  #clock: Clock;
  #backoff: Backoff;
  #timers: Timers;
  #heardAt = 0;
  #silenceMs = SILENCE_MS;
  #openedAt = 0;
  #liveSince = 0;
  #mayRenew = true;
  #state: RoomState<Public, Shared, Private>;

  constructor(private readonly options: RoomOptions) {
    this.#timers = options.timers ?? systemTimers;
    this.#clock = new Clock(() => this.#timers.now());
    this.#backoff = new Backoff(250, 10_000, options.random);
    this.#state = {
      connection: "connecting", reason: null, known: false, app: "", seat: 0, role: null, presence: new Map(), pending: 0,
      public: null as Public, shared: null as Shared, private: null as Private, stale: false,
    };
    this.#open();
  }

  get state(): RoomState<Public, Shared, Private> {
    return this.#state;
  }

  /** Server time, in milliseconds since the epoch: what deadlines in views are measured by. */
  now(): number {
    return this.#clock.now();
  }

  /** Call with the state now and after each change (the store contract of Svelte). The answer unsubscribes. */
  subscribe(listener: Listener<RoomState<Public, Shared, Private>>): () => void {
    return add(this.#listeners, listener, () => listener(this.#state));
  }

  /** Call with each public event, in order and once. */
  onEvent(listener: Listener<PublicEvent>): () => void {
    return add(this.#eventListeners, listener);
  }

  /** Call with each signal; signals may be lost. */
  onSignal(listener: Listener<Signal>): () => void {
    return add(this.#signalListeners, listener);
  }

  /**
   * Send a command. Resolves when it took effect and is written down, rejects with a `Rejection` when it changed
   * nothing. Connections may come and go meanwhile: it takes effect once.
   */
  command<Name extends keyof Commands & string>(name: Name, data: Commands[Name]): Promise<void> {
    if (this.#state.connection === "closed") return Promise.reject(this.#farewell());
    const outcome = this.#replica.command(name, data);
    this.#flush();
    return outcome;
  }

  /** Do not wait for the next attempt: the network is back. */
  retryNow(): void {
    if (this.#state.connection === "closed" || this.#socket) return;
    this.#cancelRetry();
    this.#open();
  }

  /** The network is said to be gone: unless something comes within two seconds, the connection is taken for lost. */
  doubt(): void {
    if (this.#socket) this.#watch(DOUBT_MS);
  }

  /** Leave for good. Commands without an outcome reject. */
  close(): void {
    this.#end({ code: "left", message: "this client has left" });
  }

  // -- connection --------------------------------------------------------------------------------------------------------

  #open(): void {
    this.#cancelRetry = () => {};
    const socket = new (this.options.socket ?? defaultSocket())(socketUrl(this.options.url, this.options.room));
    this.#socket = socket;
    this.#openedAt = this.#heardAt = this.#timers.now();
    socket.onopen = () => void this.#sayHello(socket);
    socket.onmessage = ({ data }) => this.#socket === socket && this.#receive(data);
    socket.onerror = () => {};
    socket.onclose = ({ code }) => this.#socket === socket && this.#lost(code);
    this.#watch(OPENING_MS);
  }

  async #sayHello(socket: SocketLike): Promise<void> {
    try {
      const { token = null } = this.options;
      const value = typeof token === "function" ? await token() : token;
      if (this.#socket !== socket) return;
      this.#openedAt = this.#timers.now();
      this.#send(this.#replica.hello(value, this.options.device ?? null));
    } catch {
      // No token now (the network, most likely): as if the socket had been lost.
      if (this.#socket === socket) this.#drop();
    }
  }

  /** Nothing may stay silent for ever: look again when the silence could have become too long. */
  #watch(patienceMs: number, waitMs = patienceMs): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#timers.after(waitMs, () => {
      const silentMs = this.#timers.now() - this.#heardAt;
      if (silentMs >= patienceMs) this.#drop();
      else this.#watch(this.#silenceMs, this.#silenceMs - silentMs);
    });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#lost(1006);
    socket?.close();
  }

  #lost(webSocketCode: number): void {
    this.#detach();
    const known = CLOSE_CODES[webSocketCode];
    const reason = { code: known?.code ?? "lost", message: known ? "the server ended the connection" : "the connection was lost" };
    this.#ended(reason, known?.reconnect ?? true);
  }

  /** The connection has ended: come back, renew the login first, or stay away. */
  #ended(reason: Ending, reconnect: boolean): void {
    if (reconnect) this.#retry(reason);
    else if (reason.code === "unauthenticated" && this.options.renew && this.#mayRenew) void this.#renew(reason);
    else this.#end(reason);
  }

  #retry(reason: Ending): void {
    if (this.#liveSince && this.#timers.now() - this.#liveSince >= STABLE_MS) this.#backoff.reset();
    this.#liveSince = 0;
    this.#cancelRetry = this.#timers.after(this.#backoff.next(), () => this.#open());
    this.#set({ connection: this.#state.known ? "reconnecting" : "connecting", reason });
  }

  async #renew(reason: Ending): Promise<void> {
    this.#mayRenew = false;
    this.#set({ connection: this.#state.known ? "reconnecting" : "connecting", reason });
    const renewed = await this.options.renew!().catch(() => null);
    if (this.#state.connection === "closed" || this.#socket) return;
    if (renewed === null) {
      this.#mayRenew = true;
      this.#retry(reason);
    } else if (renewed) this.#open();
    else this.#end(reason);
  }

  #end(reason: Ending): void {
    if (this.#state.connection === "closed") return;
    const socket = this.#socket;
    this.#detach();
    this.#cancelRetry();
    this.#set({ connection: "closed", reason });
    this.#replica.abandon(this.#farewell());
    this.#set({ pending: 0 });
    socket?.close(1000);
  }

  #detach(): void {
    this.#socket = null;
    this.#cancelWatch();
  }

  #farewell(): Rejection {
    const { code = "left", message = "" } = this.#state.reason ?? {};
    return new Rejection(code, message);
  }

  // -- frames ------------------------------------------------------------------------------------------------------------

  #send(frame: FromClient): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** Send what may go out. Before the welcome nothing may: ids belong to a session. */
  #flush(): void {
    if (this.#state.connection === "live") for (const frame of this.#replica.sendable()) this.#send(frame);
    this.#set({ pending: this.#replica.pending });
  }

  #receive(data: unknown): void {
    this.#heardAt = this.#timers.now();
    try {
      this.#take(JSON.parse(String(data)) as FromServer);
    } catch (error) {
      if (!(error instanceof PatchError || error instanceof SyntaxError)) throw error;
      this.#replica.startOver();
      this.#drop();
    }
  }

  #take(frame: FromServer): void {
    switch (frame.type) {
      case "welcome": return this.#welcome(frame);
      case "patch": return this.#patch(frame);
      case "ack": return this.#answered(() => this.#replica.acked(frame.id));
      case "rejected": return this.#answered(() => this.#replica.rejected(frame));
      case "presence": return this.#set({ presence: new Map(this.#state.presence).set(frame.seat, frame.online) });
      case "signal": return this.#signalListeners.forEach((listener) => listener(frame));
      case "ping": return this.#ping(frame);
      case "closing": {
        const socket = this.#socket;
        this.#detach();
        this.#ended({ code: frame.code, message: frame.reason }, frame.reconnect);
        return socket?.close(1000);
      }
    }
  }

  #welcome(frame: Welcome): void {
    const events = this.#replica.welcome(frame);
    this.#clock.sample(frame.server_time, this.#timers.now() - this.#openedAt);
    this.#liveSince = this.#timers.now();
    this.#mayRenew = true;
    if (frame.silence_s !== undefined) this.#silenceMs = frame.silence_s * 1000;
    this.#watch(this.#silenceMs);
    const { app, seat, role } = this.#replica;
    this.#set({ connection: "live", reason: null, known: true, app, seat, role, presence: new Map(), ...this.#views() });
    this.#announce(events);
    for (const unanswered of this.#replica.resend()) this.#send(unanswered);
    this.#flush();
  }

  #patch(frame: Patch): void {
    const events = this.#replica.patch(frame);
    this.#set(this.#views());
    this.#announce(events);
  }

  #views(): Pick<RoomState<Public, Shared, Private>, "public" | "shared" | "private" | "stale"> {
    const { views, stale } = this.#replica;
    return { public: views.public as Public, shared: views.shared as Shared, private: views.private as Private, stale };
  }

  #answered(settle: () => void): void {
    settle();
    this.#flush();
  }

  #ping({ t, rtt_ms }: Ping): void {
    this.#send({ type: "pong", t });
    if (rtt_ms !== undefined) this.#clock.sample(t, rtt_ms);
  }

  #announce(events: readonly PublicEvent[]): void {
    for (const event of events) this.#eventListeners.forEach((listener) => listener(event));
  }

  #set(change: Partial<RoomState<Public, Shared, Private>>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener(this.#state);
  }
}

function add<T>(listeners: Set<T>, listener: T, atOnce?: () => void): () => void {
  listeners.add(listener);
  atOnce?.();
  return () => void listeners.delete(listener);
}

/** Enter a room and stay in it. */
export function connect<Commands extends object = Record<string, unknown>, Public = unknown, Shared = unknown, Private = unknown>(
  options: RoomOptions,
): Room<Commands, Public, Shared, Private> {
  return new Room(options);
}
