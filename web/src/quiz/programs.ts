import { http, withRenewal } from "../session.svelte.ts";
import { base, told } from "./desk.ts";

/** Keys to read a room by and addresses that are called, as its host sees them. */
export interface Program { id: string; name: string; scope: "state" | "scores"; at: string; url?: string; failing?: boolean }
export interface Programs { keys: Program[]; hooks: Program[]; /** Whether this server calls anybody. */ on: boolean }
type Kind = "read-keys" | "hooks";

export async function loadPrograms(room: string): Promise<Programs> {
  const [keys, called] = await withRenewal(() => Promise.all([http.get<Program[]>(`${base(room)}/read-keys`), http.get<{ on: boolean; hooks: Program[] }>(`${base(room)}/hooks`)]));
  return { keys, ...called };
}

/** The key, or what calls are signed with: told this once. Null: it was refused, which is said. */
export async function makeProgram(room: string, kind: Kind, wanted: { name: string; scope: Program["scope"]; url?: string }): Promise<string | null> {
  const made = await told(() => http.post<{ key?: string; secret?: string }>(`${base(room)}/${kind}`, wanted));
  return made?.key ?? made?.secret ?? null;
}

export const revokeProgram = async (room: string, kind: Kind, id: string): Promise<boolean> =>
  (await told(() => http.send("DELETE", `${base(room)}/${kind}/${encodeURIComponent(id)}`, "", "application/json"))) !== null;
