import { Rejection } from "./rejection.ts";
import type { Role } from "./messages.ts";

export interface User {
  id: string;
  name: string;
  kind: "guest" | "account";
  roles: readonly string[];
}

export interface AppInfo {
  name: string;
  title: string;
  description: string;
  creator: Role;
  /** Addresses of the pages by role, with `{room}` to fill in. */
  page: string;
  host_page: string;
  spectator_page: string;
}

export interface RoomInfo {
  id: string;
  app: string;
  name: string;
  role: Role | null;
  seat: number;
  members: number;
  created_at: string;
  closed: boolean;
  /** Told to the host only. */
  code: string | null;
  spectator_code: string | null;
  join_url: string | null;
}

export interface Invitation {
  room: string;
  app: string;
  name: string;
  role: Role;
}

export interface SeatInfo {
  room: string;
  seat: number;
  role: Role;
  page: string;
}

export interface HttpOptions {
  /** Where the server is; "" in a page it served. */
  url?: string;
  /** Bearer token; without it the browser's cookies speak. */
  token?: string;
  fetch?: typeof fetch;
}

interface Problem {
  error?: { code: string; message: string; field?: string; retry_after_s?: number };
}

/** The HTTP side of a server: becoming somebody, opening and joining rooms. Every failure is a `Rejection`. */
export class Http {
  constructor(private readonly options: HttpOptions = {}) {}

  me = () => this.get<{ user: User }>("/auth/me").then(({ user }) => user);
  guest = (name: string) => this.post<{ user: User }>("/auth/guest", { name }).then(({ user }) => user);
  login = (username: string, password: string) =>
    this.post<{ user: User }>("/auth/login", { username, password }).then(({ user }) => user);
  register = (username: string, password: string, name?: string) =>
    this.post<{ user: User }>("/auth/register", { username, password, ...(name ? { name } : {}) }).then(({ user }) => user);
  refresh = () => this.post<{ user: User }>("/auth/refresh").then(({ user }) => user);
  logout = () => this.post<unknown>("/auth/logout");

  apps = () => this.get<AppInfo[]>("/apps");
  rooms = () => this.get<RoomInfo[]>("/rooms");
  room = (id: string) => this.get<RoomInfo>(`/rooms/${encodeURIComponent(id)}`);
  openRoom = (app: string, config: Record<string, unknown> = {}, name = "") =>
    this.post<RoomInfo>("/rooms", { app, config, name });
  invitation = (code: string) => this.get<Invitation>(`/codes/${encodeURIComponent(code)}`);
  join = (room: string, code: string, name?: string) =>
    this.post<SeatInfo>(`/rooms/${encodeURIComponent(room)}/join`, { code, ...(name ? { name } : {}) });
  leave = (room: string) => this.post<unknown>(`/rooms/${encodeURIComponent(room)}/leave`);
  closeRoom = (room: string, reason?: string) =>
    this.post<unknown>(`/rooms/${encodeURIComponent(room)}/close`, reason ? { reason } : undefined);

  get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, { method: "GET" });
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    return this.#ask<T>(path, { method: "POST", ...content });
  }

  /** Anything else: another method, or a body that is no JSON. */
  send<T>(method: string, path: string, body: string | Blob, contentType: string): Promise<T> {
    return this.#ask<T>(path, { method, body, headers: { "content-type": contentType } });
  }

  async #ask<T>(path: string, init: { method: string; body?: string | Blob; headers?: Record<string, string> }): Promise<T> {
    const { url = "", token, fetch: ask = fetch } = this.options;
    const headers = { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
    let response: Response;
    try {
      response = await ask(`${url}${path}`, { ...init, headers, credentials: "same-origin" });
    } catch {
      throw new Rejection("unreachable", "the server cannot be reached", null, 2);
    }
    const text = await response.text();
    if (!response.ok) throw problem(response.status, text);
    return JSON.parse(text) as T;
  }
}

function problem(status: number, text: string): Rejection {
  try {
    const { error } = JSON.parse(text) as Problem;
    if (error) return new Rejection(error.code, error.message, error.field ?? null, error.retry_after_s ?? null);
  } catch {
    // Not from our server: something in between answered.
  }
  return new Rejection("unavailable", `the server answered ${status}`);
}
