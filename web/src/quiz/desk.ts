import { Rejection } from "@client";
import { note } from "@kit/announcer.svelte.ts";
import { http, withRenewal } from "../session.svelte.ts";
import { refusal } from "./texts.ts";
import type { GivenText, Imported, Question, ReportStep, ReportView } from "./views.ts";

/** What the host's pages ask for beside the live view. Refusals are said; then the answer is null or false. */
export interface Stored { number: number; title: string; questions: Question[]; status: string; asked: number }

export const base = (room: string): string => `/api/quiz/rooms/${encodeURIComponent(room)}`;
export const exportUrl = (room: string, form: "xlsx" | "csv" | "json"): string => `${base(room)}/export?format=${form}`;

export async function told<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await withRenewal(request);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    note(error.code === "bad_request" ? error.message : refusal(error), "bad");
    return null;
  }
}

export const loadSegments = (room: string): Promise<Stored[] | null> => told(() => http.get<Stored[]>(`${base(room)}/segments`));

/** A new part (`number` null), or all of one that has not begun. */
export async function saveSegment(room: string, number: number | null, part: { title: string; questions: Question[] }): Promise<boolean> {
  const path = `${base(room)}/segments`;
  return (await told(() => (number === null ? http.post(path, part) : http.send("PUT", `${path}/${number}`, JSON.stringify(part), "application/json")))) !== null;
}

/** What a file of another system holds; nothing of it is kept. */
export const readFile = (file: File): Promise<Imported | null> =>
  told(() => http.send<Imported>("POST", `/api/quiz/import?name=${encodeURIComponent(file.name.slice(0, 200))}`, file, "application/octet-stream"));

export const loadReport = (room: string): Promise<ReportView> => withRenewal(() => http.get<ReportView>(`${base(room)}/report`));
export const loadWay = (room: string, player: number): Promise<ReportStep[]> => withRenewal(() => http.get<ReportStep[]>(`${base(room)}/report/${player}`));

/** What everybody answered to one closed question, and the grades given by hand. */
export const loadAnswers = (room: string, ask: number): Promise<GivenText[]> => withRenewal(() => http.get<GivenText[]>(`${base(room)}/answers/${ask}`));

/** Whether somebody makes questions of what was said. */
export const hasDrafter = (): Promise<boolean> => withRenewal(() => http.get<{ drafter: boolean }>("/api/quiz/abilities")).then(({ drafter }) => drafter);

export const sendTranscript = async (room: string, segment: number, text: string): Promise<boolean> =>
  (await told(() => http.post(`${base(room)}/transcript`, { segment, text }))) !== null;
