/** What the quiz shows and takes, key for key as the server sends it. */
export type Phase = "lobby" | "intro" | "shown" | "open" | "closed" | "revealed" | "board" | "segment_done" | "remix_ready" | "ended" | "paced";
export type QuestionType = "single" | "multi" | "true_false" | "number" | "order" | "typed" | "match" | "poll" | "word_cloud" | "open" | "slide";
export type PauseReason = "host" | "presenter_lost" | "no_players" | "server_restart";
export interface Choice { oid: string; text: string }
export interface Medium { hash?: string; name?: string; base64?: string; url?: string; alt?: string }
export interface Ask {
  ask: number; number: number; of: number; type: QuestionType; text: string; text_format: string | null; media: unknown;
  options: Choice[] | null; rights: Choice[] | null; opens_at: string; closes_at: string | null; limit_ms: number; points: number;
  void: boolean; closed: string | null; key?: unknown; counts: Record<string, number> | null; texts: [string, number][] | null; explanation: string | null;
}
export type Row = [rank: number, name: string, score: number];
export interface Rules {
  preset: string; tiebreak: string; penalty: number; floor: string; streak: boolean; confidence: boolean; allow_change: boolean; teams: string[]; lead_ms: number; buttons_only: boolean;
}
export interface PublicSegment { number: number; of: number; title: string; presenter: string | null; remix: boolean; status: string }
export interface PublicView {
  title: string; phase: Phase; ask: Ask | null; ended_at: string | null; segment: PublicSegment | null;
  pause: { reason: PauseReason; at: string; resume_at: string | null } | null;
  board: Row[] | null; segment_board: Row[] | null; credited: string[]; teams: Row[] | null; rules: Rules;
  pace: { deadline: string | null; questions: number; attempts: number; told: string } | null;
}
export interface Standing { score: number; segment: number; rank: number; of: number; around: Row[] }
export interface Result { ask: number; f: number; points: number; bonus: number; credited_ms: number | null; streak: number }
export interface Item { item: string; text: string }
export interface Option { text: string; correct: boolean; weight: number; feedback?: string | null }
export interface Accepted { value?: number | string | null; tolerance?: number | string | null; min?: number | string | null; max?: number | string | null; weight?: number }
export interface Question {
  type: QuestionType; text: string; title?: string | null; options?: Option[]; numeric?: { accept: Accepted[] } | null;
  pairs?: { left: string | null; right: string; weight?: number | null }[]; explanation?: string | null; text_format?: string | null;
  limit_s?: number | null; points?: number | null; grading?: string | null; case?: boolean; accents?: boolean; typos?: number; media?: unknown;
}
export interface Draft { id: number; segment: number; question: Question; quote: string; confidence: number | null }
export interface Presenting { questions: Question[]; asked: number; present: number; answered: number; drafts: Draft[]; colleagues: { player: number; name: string }[] }
/** The numbers that let people in, each for 20 seconds from `since`. */
export interface Challenge { numbers: string[]; since: string }
/** At the door: how often the number that goes at `until` was wrong. */
export interface Door { door: { wrong: number; until: string | null } }
export interface PlayerView {
  name: string; avatar: string; custom_id: string; team: string; post: "player" | "presenter" | "moderator"; pending: boolean; removed: string | null;
  late_from: number | null; time_factor: string; answer: { ask: number; value: unknown } | null; order: string[] | null; standing: Standing | null;
  result: Result | null; queue: Item[] | null; presenting: Presenting | null; paced: Paced | null;
}
/** At one's own pace: the own question; once everything is told, a review. */
export interface Paced {
  next?: number | null; place?: number; ask?: Ask | null; order?: string[] | null; attempts_left?: number; result?: Result | null; review?: ReviewRow[];
}
export interface ReviewRow { ask: number; text: string; answered: boolean; f: number | null; points: number | null; void: boolean }
export interface Counters { players: number; present: number; answered: number; answered_present: number; finished: number | null }
export interface ScreenView { counters: Counters; names: string[] | null; challenge: Challenge | null }
export interface Person {
  player: number; name: string; avatar: string; custom_id: string; online: boolean; progress: number; answered: boolean; score: number; rank: number | null;
  factor: string; team: string; pending: boolean; late_from: number | null;
}
export interface DeskSegment { number: number; title: string; status: string; asked: number; questions: number; presenters: number[]; hash: string }
export interface Settings {
  preset: string; limit_s: number; points: number; pre_read_s: number; lead_ms: number; advance: string; close_when_all: boolean; shuffle: string;
  allow_change: boolean; untimed: boolean; penalty: number; floor: string; streak: boolean; streak_cap: number; tiebreak: string; confidence: boolean;
  teams: string[]; team_score: string; team_best: number; team_talk_s: number; presenter_credit: string; on_host_loss: string; remix: boolean | null;
  challenge: boolean; approve_names: boolean; moderate_texts: boolean; name_filter: string; max_players: number; host_plays: boolean; buttons_only: boolean; mode: string; deadline: string | null; attempts: number; feedback: string;
}
export interface HostView extends ScreenView {
  locked: boolean; people: Person[]; queue: Item[]; sealed: boolean; settings: Settings; segments: DeskSegment[]; questions: Question[] | null;
  drafts: Draft[]; remix: boolean; host_away: string | null; distribution: Record<string, number> | null;
}
type Nothing = Record<string, never>;
/** What moves a gathering on: the host anywhere, a presenter in the own segment. */
export interface StageCommands {
  intro: Nothing; show: { question?: number }; open: Nothing; close: Nothing; reveal: Nothing; board: Nothing; next: Nothing; skip: Nothing;
  extend: { s: number }; reopen: Nothing; hand_over: { player: number };
  approve_draft: { id: number }; edit_draft: { id: number; question: Question }; reject_draft: { id: number };
}
export interface DeskCommands {
  approve: { item: string }; reject: { item: string }; lock: Nothing; unlock: Nothing; kick: { player: number; ban?: boolean }; purge: { joined_last_s: number };
}
export interface PlayerCommands extends StageCommands, DeskCommands {
  begin_ask: { ask: number };
  answer: { ask: number; value: unknown; elapsed_ms?: number; confidence?: string };
  join: { name: string; avatar?: string; custom_id?: string; challenge?: string }; join_team: { team: string };
  rename: { name: string }; forget_me: Nothing;
}
export interface HostCommands extends StageCommands, DeskCommands {
  start: Nothing; pause: Nothing; resume: Nothing; end: Nothing; undo_end: Nothing; rename: { name: string; player: number }; join: { name: string };
  set_time_factor: { player: number; x: string }; set_moderator: { player: number; on: boolean }; set_presenter: { segment: number; player: number };
  change_settings: { settings: Settings }; set_rate: { per_s: number; burst: number }; move_segment: { segment: number; to: number };
  edit_segment: { segment: number; title: string; questions: Question[] };
  skip_segment: { segment?: number }; reopen_segment: { segment: number }; draw_remix: { n?: number; mode?: string }; skip_remix: Nothing; void: { ask: number };
  grade: { ask: number; player: number; f: number };
}
export interface ReportScore {
  player: number; name: string; custom_id: string; rank: number; score: number; right: number; part: number; wrong: number; unanswered: number;
  mean_ms: number | null; late_from: number | null; segments: number[];
}
export interface ReportAsk {
  ask: number; segment: number; number: number; question: Question; options: Choice[]; key: string; counts: Record<string, number>;
  texts: [string, number, boolean | null][]; void: boolean; revealed: boolean; mean_f: number | null; answered: number; unanswered: number;
  mean_ms: number | null; limit_ms: number; histogram: number[];
}
export interface ReportView {
  title: string; created_at: string | null; ended_at: string | null; sealed: boolean; players: number; asked: number; mean_f: number | null;
  settings: Settings; teams: Row[]; scores: ReportScore[]; asks: ReportAsk[];
  segments: { number: number; title: string; status: string; presenters: string[]; remix: boolean; board: Row[] }[];
}
export interface ReportStep {
  ask: number; text: string; type: string; answer: string | null; f: number | null; points: number | null; bonus: number | null; credited_ms: number | null; void: boolean;
}
export interface GivenText { player: number; name: string; answer: string; grade: number | null }
export interface Imported {
  questions: Question[]; problems: { file: string; line: number | null; reason: string }[]; counts: { questions: number; skipped: number };
}
