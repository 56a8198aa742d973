/**
 * What the CHSH game shows and takes, key for key as the server sends it. The game builds exactly these shapes.
 *
 * One vocabulary for numbers: `rounds`, `wins`, `win_rate`, `win_rate_ci95`, `S`, `S_se`, `p_local` mean what
 * `gamekeeper chsh analyse --json` means by them. `rounds` are scored rounds; void ones are counted apart. A quantity
 * that must not or cannot be given is null, never 0. Times are ISO-8601 UTC, angles radians.
 */

export type Mode = "chsh" | "symmetric" | "hardy";
export type Schedule = "iid" | "balanced";
export type Phase = "lobby" | "open" | "paused" | "ended";
export type Feedback = "full" | "result" | "none";
export type DeviceKind = "off" | "quantum" | "pr-box" | "hardy";
export type QuestionSource = "system" | "committed" | "seeded" | "imported";
export type Letter = "A" | "B" | "X" | "Y";
export type Answer = "T" | "F";
export type Position = 1 | 2;
export type Interval = readonly [low: number, high: number];

/** Fixed for the life of a run. */
export interface RunPlan {
  mode: Mode;
  schedule: Schedule;
  device: DeviceKind;
  /** Of the `quantum` device, 0-1. */
  visibility: number;
  /** Players may choose the angle on a dial. */
  free_angle: boolean;
  /** Measuring answers at once with the outcome. */
  answer_is_outcome: boolean;
  /** Scored rounds per pair; null: not declared, so no p_local. */
  planned_rounds: number | null;
  time_limit_s: number | null;
  /** Seconds a round may stay open; null: no limit. */
  deadline_s: number | null;
  feedback: Feedback;
  feedback_pause_s: number;
  theme: string;
  /** The host's own words for the export, e.g. "talking allowed". */
  condition: string;
}

// -- public: everybody. Nothing here changes with a round or a connection. ---------------------------------------------

export interface RunHeader extends RunPlan {
  id: number;
  phase: Phase;
  question_source: QuestionSource;
  /** SHA-256 of the secret (hex) of a committed run. */
  commitment: string | null;
  /** The secret itself (hex), once the run has ended. */
  secret: string | null;
  started_at: string | null;
  /** When the time limit passes; null: none, not started or paused. */
  ends_at: string | null;
  ended_reason: string | null;
}

export interface PublicView {
  run: RunHeader | null;
  /** Only while no run is `open` or `paused`. */
  counts: { players: number; pairs: number } | null;
  /** The host has opened the classical best tables on the rules page. */
  tables_open: boolean;
}

// -- private: one player's seat ----------------------------------------------------------------------------------------

export interface OwnPair {
  id: number;
  name: string;
  /** Which of the pair's two seats is mine. */
  position: Position;
  partner: string;
  /** Told between rounds and after one's own lock only; null: not told now. */
  partner_online: boolean | null;
  /** Scored rounds so far. "Round `rounds + 1` of planned_rounds". */
  rounds: number;
  /** Those of them that wins refer to; fewer than `rounds` in `symmetric` only. */
  counted: number;
  void_rounds: number;
  /** Null at feedback `none`. */
  wins: number | null;
  win_rate: number | null;
}

export interface OwnQuestion {
  round: number;
  letter: Letter;
  /** Null: no limit, or paused. */
  closes_at: string | null;
  /** What is left of the limit while paused. */
  left_s: number | null;
  measured: { angle: number; outcome: Answer } | null;
  /** My locked answer. */
  answer: Answer | null;
}

export type VoidReason = "deadline" | "host_reset" | "run_ended" | "pair_closed";

export interface ClosedRound {
  round: number;
  /** Null: void, or feedback `none`. */
  win: boolean | null;
  /** Position 1 first. Null unless feedback is `full` and the round was scored. */
  letters: readonly [Letter, Letter] | null;
  answers: readonly [Answer, Answer] | null;
  void_reason: VoidReason | null;
  /** Who was silent in a void round. */
  silent: "you" | "partner" | "both" | null;
}

export interface OwnResult {
  rounds: number;
  wins: number;
  void_rounds: number;
  win_rate: number | null;
  win_rate_ci95: Interval | null;
  log10_e_value: number | null;
  p_local: number | null;
  /** Why p_local is null. */
  p_local_reason: string | null;
  badge: boolean;
}

export interface PlayerView {
  name: string;
  label: string | null;
  /** Tell it to the one you want to play with. Null once paired. */
  pair_code: string | null;
  pair: OwnPair | null;
  /** The open round. */
  question: OwnQuestion | null;
  /** The round closed last in this run, at the run's feedback level. Cleared by the next question. */
  last: ClosedRound | null;
  /** I have dismissed the feedback (or the pause has passed) and wait for the next question. */
  ready: boolean;
  /** The run is over for my pair. */
  result: OwnResult | null;
  /** My pair was closed under me; null again once I am paired anew. */
  closed_reason: "partner_left" | "removed" | "absent" | "repaired" | "host" | null;
}

// -- shared with the host. One object per pair and player, so that a change is a small patch. ----------------------------

export interface PlayerRow {
  name: string;
  label: string | null;
  online: boolean;
  pair: number | null;
  /** Strategy of the bot that sits here. */
  bot: string | null;
}

export interface PairRow {
  name: string;
  /** The two seats, position 1 first. */
  seats: readonly [number, number];
  closed_reason: string | null;
  /** The open round; null: none. */
  round: number | null;
  rounds: number;
  wins: number;
  void_rounds: number;
  win_rate: number | null;
  win_rate_ci95: Interval | null;
  /** Null: a cell is empty. In `symmetric` the mean of S1 and S2. */
  S: number | null;
  S_se: number | null;
  /** `symmetric` only. */
  S1: number | null;
  S2: number | null;
  trace: number | null;
  /** `hardy` only. */
  H: number | null;
  H_se: number | null;
  log10_e_value: number | null;
  /** The same with void rounds counted as lost; null where there are none. Badges go by it. */
  log10_e_value_void_as_loss: number | null;
  badge: boolean;
  p_local: number | null;
  /** Holm-adjusted, once the run is over. */
  p_holm: number | null;
  no_signalling_alarm: boolean;
  supra_quantum_alarm: boolean;
  last_at: string | null;
  /** Positions the open round waits for, once one of them keeps the other waiting. */
  blocking: readonly Position[];
  /** A bot sits or sat in this pair. */
  bot: boolean;
}

export interface ClassFigures {
  pairs: number;
  /** Pairs ever formed in the run: what badges are corrected for. */
  pairs_formed: number;
  rounds: number;
  wins: number;
  void_rounds: number;
  win_rate: number | null;
  win_rate_ci95: Interval | null;
  /** Description only: counts over different pairs. */
  S: number | null;
  S_se: number | null;
  /** `hardy` only. */
  H: number | null;
  H_se: number | null;
  log10_e_value: number | null;
  log10_e_value_void_as_loss: number | null;
  badge: boolean;
  /** Pairs with a badge. */
  badges: number;
  p_local: number | null;
  p_local_reason: string | null;
  no_signalling_alarm: boolean;
  supra_quantum_alarm: boolean;
}

export type AbsentPolicy = "wait" | "bot" | "close";

export interface Policy {
  /** Pair waiting players by themselves. */
  auto_pair: boolean;
  seat_hold_s: number;
  absent: AbsentPolicy;
  /** Pair names on the projector. */
  show_names: boolean;
  anonymous: boolean;
}

export interface RunSummary {
  id: number;
  plan: RunPlan;
  question_source: QuestionSource;
  /** Of an imported table. */
  title: string | null;
  started_at: string | null;
  ended_at: string | null;
  ended_reason: string | null;
  archived: boolean;
  figures: ClassFigures;
}

export interface HostView {
  policy: Policy;
  present: number;
  seated: number;
  waiting: number;
  /** Of the current run (lobby: empty). */
  class: ClassFigures;
  /** Keyed by seat. */
  players: Readonly<Record<string, PlayerRow>>;
  /** Keyed by pair id; closed pairs of the run stay. */
  pairs: Readonly<Record<string, PairRow>>;
  /** In words; each begins with what it concerns. */
  warnings: readonly string[];
  /** Runs that are over, oldest first. */
  runs: readonly RunSummary[];
}

// -- shared with spectators: closed rounds only --------------------------------------------------------------------------

export interface Dot {
  /** Null: the host does not show names. */
  name: string | null;
  rounds: number;
  win_rate: number | null;
  S: number | null;
  badge: boolean;
}

export interface SpectatorView {
  /** Players seated; null while a run is open, as connections must not show. */
  players: number | null;
  class: ClassFigures;
  /** Keyed by pair id. */
  pairs: Readonly<Record<string, Dot>>;
}

// -- commands ------------------------------------------------------------------------------------------------------------

export interface HostCommands {
  /** Only while no run is in `lobby`, `open` or `paused`. Every field has the default of `DEFAULT_PLAN`. */
  open_run: Partial<RunPlan> & { committed?: boolean };
  start_run: { run: number };
  pause_run: { run: number };
  resume_run: { run: number };
  end_run: { run: number };
  archive_run: { run: number };
  /** Of the run in `lobby`. */
  set_device: { device: DeviceKind; visibility?: number; free_angle?: boolean; answer_is_outcome?: boolean };
  /** Without `pairs`: everybody who waits. A seat that has a pair leaves it (that pair closes). */
  form_pairs: { pairs?: readonly (readonly [number, number])[] };
  close_pair: { pair: number };
  /** Void the open round of the seat's pair and ask anew. */
  reset_seat: { seat: number };
  remove_player: { seat: number };
  seat_bot: { pair: number; position: Position; strategy?: string };
  anonymise_names: { on: boolean };
  set_policy: Partial<Omit<Policy, "anonymous">>;
  open_tables: { open: boolean };
  /** A counts table (section 8 of the format description) as an archived demonstration run. */
  import_table: { title: string; csv: string };
}

export interface PlayerCommands {
  join_room: { name: string; label?: string | null };
  choose_partner: { pair_code: string };
  /** Dismiss the feedback of `round` (0: before the first). */
  be_ready: { run: number; round: number };
  /** Without `angle`: the preset angle of the letter. */
  measure: { run: number; round: number; angle?: number };
  answer: { run: number; round: number; answer: Answer };
  leave_room: Record<string, never>;
}

export const DEFAULT_PLAN: RunPlan = {
  mode: "chsh",
  schedule: "iid",
  device: "off",
  visibility: 1,
  free_angle: false,
  answer_is_outcome: false,
  planned_rounds: 40,
  time_limit_s: null,
  deadline_s: 30,
  feedback: "full",
  feedback_pause_s: 1.5,
  theme: "classic",
  condition: "",
};

// -- asked over HTTP, when somebody looks -----------------------------------------------------------------------------------

export interface CellDetail {
  n: number;
  /** ++, +-, -+, -- with + = T, position 1 first. */
  counts: readonly [number, number, number, number];
  E: number | null;
  E_se: number | null;
  E_ci95: Interval | null;
  void_rounds: number;
}

/** `GET /api/chsh/rooms/{room}/runs/{run}/pairs/{pair}`; pair `class` pools. For the host. */
export interface PairDetail {
  name: string;
  cells: Readonly<Record<string, CellDetail>>;
  statistics: Readonly<Record<string, unknown>>;
  /** Per position and letter. */
  marginals: readonly { position: Position; letter: Letter; n: number; true: number; p: number | null }[];
  no_signalling: { chi2: number; dof: number; p: number; alarm: boolean } | null;
  /** A cell has fewer than 20 rounds: say so instead of p. */
  few_rounds: boolean;
  /** What to know about these figures, in words. */
  warnings: readonly string[];
  /** At most 200 points, thinned. */
  e_path: readonly { round: number; log10_e_value: number }[];
  /** The last 20 closed rounds, newest first. */
  last_rounds: readonly {
    round: number;
    letters: readonly [Letter, Letter];
    answers: readonly [Answer | null, Answer | null];
    win: boolean | null;
    void_reason: VoidReason | null;
    closed_at: string;
  }[];
}

/** `GET /api/chsh/rooms/{room}/runs/{run}/replay`: closed rounds in order. For host and spectators of the room. */
export interface Replay {
  run: RunSummary;
  /** Names only for those who may read them. */
  pairs: Readonly<Record<string, { name: string | null }>>;
  /** Rounds that count or are void: `[ms since the start, pair, won (null: void)]`. */
  rounds: readonly (readonly [number, number, boolean | null])[];
}

/** `GET /api/chsh/power?rounds=139&mode=chsh&visibility=1`. */
export interface Power {
  rounds: number;
  /** Per significance level ("0.05", "0.01", "0.001"): wins needed and the chance of the ideal device to reach it. */
  levels: Readonly<Record<string, { wins_needed: number | null; power: number }>>;
}

export const EXPORT_FORMATS = ["rounds-csv", "answers-csv", "jsonl", "report"] as const;
/** `GET /api/chsh/rooms/{room}/export?format=rounds-csv` (host). */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
