// Hand-made after the internal contract until the shell generates it (tauri-specta). Do not add to it.
import { invoke as TAURI_INVOKE } from "@tauri-apps/api/core";
import * as TAURI_API_EVENT from "@tauri-apps/api/event";

export type Result<T, E> = { status: "ok"; data: T } | { status: "error"; error: E };

export type Problem = { code: string; message: string; hint: string };
export type SubscriptionLine = {
  topic_arn: string;
  name: string;
  queue_url: string;
  state: string;
  last_completed_poll: string | null;
  last_message: string | null;
  backlog: number | null;
  reason: string | null;
  hint: string | null;
};
export type Standing = {
  health: "ok" | "failing" | "blind";
  headline: string;
  engine: "running" | "stopped" | "starting";
  unacknowledged: number;
  quarantined: number;
  subscriptions: SubscriptionLine[];
  problems: Problem[];
  revision: number;
  tray_host: boolean;
  version: string;
  data_dir: string;
};
export type Counts = {
  pending: number;
  in_progress: number;
  success: number;
  failed: number;
  timed_out: number;
  cancelled: number;
  not_run: number;
  other: number;
};
export type CommandRow = {
  command_id: string;
  document: string | null;
  state: string;
  status: string | null;
  levels: string[];
  requested_at: string | null;
  updated_at: string;
  topic_arn: string | null;
  target_count: number | null;
  nodes_heard: number;
  counts: Counts;
  acknowledged: boolean;
  simulated: boolean;
  expires_after?: string | null;
};
export type DecisionRow = { at: string; outcome: string; reason: string };
export type CommandCard = { command: CommandRow; decisions: DecisionRow[] };
export type InvocationRow = { node_id: string; status: string; detail: string | null; event_time: string };
export type EventRow = {
  event_time: string;
  received_at: string;
  level: string;
  node_id: string | null;
  status: string;
  detail: string | null;
  message_id: string | null;
};
export type QuarantineRow = {
  id: number;
  received_at: string;
  reason: string;
  body: string;
  topic_arn: string | null;
};
export type CommandPage = { rows: CommandRow[]; next: string | null };
export type InvocationPage = { rows: InvocationRow[]; next: string | null };
export type EventPage = { rows: EventRow[]; next: string | null };
export type QuarantinePage = { rows: QuarantineRow[]; next: string | null };
export type FeedQuery = { status: string[]; search: string | null; after: string | null; limit: number };
export type Settings = {
  theme: "system" | "light" | "dark";
  alerts: boolean;
  sound: boolean;
  autostart: boolean;
  keep_parameters: boolean;
  leave_tray_after_days: number;
};
export type Ready = { open_command: string | null };
export type OpenCommand = { command_id: string };

async function call<T>(name: string, args?: Record<string, unknown>): Promise<Result<T, Problem>> {
  try {
    return { status: "ok", data: await TAURI_INVOKE<T>(name, args) };
  } catch (e) {
    if (e instanceof Error) throw e;
    return { status: "error", error: e as Problem };
  }
}

export const commands = {
  standing: () => call<Standing>("standing"),
  feed: (query: FeedQuery) => call<CommandPage>("feed", { query }),
  command: (id: string) => call<CommandCard | null>("command", { id }),
  invocations: (id: string, bucket: string | null, after: string | null, limit: number) =>
    call<InvocationPage>("invocations", { id, bucket, after, limit }),
  events: (id: string, after: string | null, limit: number) => call<EventPage>("events", { id, after, limit }),
  quarantine: (after: string | null, limit: number) => call<QuarantinePage>("quarantine", { after, limit }),
  acknowledge: (id: string | null) => call<null>("acknowledge", { id }),
  settings: () => call<Settings>("settings"),
  saveSettings: (settings: Settings) => call<null>("save_settings", { settings }),
  testAlert: () => call<null>("test_alert"),
  simulate: () => call<null>("simulate"),
  ready: () => call<Ready>("ready"),
  openDataFolder: () => call<null>("open_data_folder"),
  quit: () => call<null>("quit"),
};

function event<T>(name: string) {
  return {
    listen: (cb: TAURI_API_EVENT.EventCallback<T>) => TAURI_API_EVENT.listen<T>(name, cb),
  };
}
export const events = {
  standingChanged: event<Standing>("standing-changed"),
  openCommand: event<OpenCommand>("open-command"),
};
