// A host of fixtures for a plain browser: developers and the tests of the pages. Never part of a release.
// `?scene=` chooses the world: patch (default), empty, unsubscribed, storm, blind, signed_out, key_refused, signs_out, error, hostile, many, first.
// `?doctor=ok|failing|hostile` chooses what the doctor finds. `?snoozed=MINUTES` begins snoozed, `?quiet=MINUTES` in quiet hours; `?delay=MS` makes every answer wait,
// `?held` until the page hears `watchbell-answer`, and again from `watchbell-hold` on.
import { Refusal, type CommandRow, type Host, type Page, type Settings, type Standing } from "../host";
import { bucketOf } from "../../words/status";
import { commandsOf, eventsOf, nodesOf } from "./commands";
import { doctor } from "./doctor";
import { gapsOf, quarantineOf, standingOf, type Scene } from "./fixtures";
import { iam } from "./iam";
import { judging } from "./judging";
import { lastOf, pastCommandsOf, runsOf } from "./runs";
import { windows } from "./windows";
import { setup } from "./setup";

const DECISIONS = [
  { outcome: "rang", reason: "First failure of this command, on i-0c4e81d2f03ab7791." },
  { outcome: "updated", reason: "11 more nodes failed; the alert was updated in place." },
];
const HELD = [
  { outcome: "snoozed", reason: "Quiet hours until 07:00." },
  { outcome: "overflow", reason: "5 other alerts rang within 10 s, so it joined the alert for the rest." },
  {
    outcome: "digest",
    reason: "It was received more than 10 min after it happened, so it is told in one digest.",
  },
  { outcome: "quiet", reason: 'Kept quiet by rule "Certificates": tray and history only.' },
];
const MUTED = [{ outcome: "muted", reason: 'Muted by rule "Nightly reports".' }];

export function demoHost(query: URLSearchParams): Host {
  const scene = (query.get("scene") ?? "patch") as Scene;
  const now = Date.now();
  let commands = commandsOf(scene, now);
  const runs = runsOf(scene, now);
  const past = pastCommandsOf(runs);
  const commandOf = (id: string) => [...commands, ...past].find((row) => row.command_id === id);
  let standing: Standing = {
    ...standingOf(scene, commands, now),
    open_windows: runs.filter((run) => run.state === "running").length,
    last_window: lastOf(runs),
  };
  let settings: Settings = {
    theme: (query.get("theme") as Settings["theme"] | null) ?? "system",
    alerts: true,
    sound: true,
    autostart: false,
    keep_parameters: false,
    late_after_minutes: 10,
    leave_tray_after_days: 7,
    read_windows: true,
  };
  let broken = scene === "error";
  // A test says when what was broken is mended: the page asks again by itself at times of its own.
  window.addEventListener("watchbell-mended", () => (broken = false));
  const watched = new Set<string>();
  const listeners = new Set<(standing: Standing) => void>();
  const delay = Number(query.get("delay") ?? 0);
  // What waits, while answers are held.
  let held: (() => void)[] | null = query.has("held") ? [] : null;
  window.addEventListener("watchbell-hold", () => (held ??= []));
  window.addEventListener("watchbell-answer", () => {
    for (const go of held ?? []) go();
    held = null;
  });

  async function answer<T>(value: () => T): Promise<T> {
    await new Promise<void>((done) => (held ? held.push(done) : setTimeout(done, delay)));
    if (broken) {
      throw new Refusal({
        code: "storage",
        message: "The history could not be opened: the disk is full.",
        hint: "Free some space on the disk that holds the data folder. Watchbell tries again every 10 s.",
      });
    }
    return value();
  }
  function changed(): void {
    const unacknowledged = commands.filter(rings).length;
    standing = { ...standing, unacknowledged, revision: standing.revision + 1 };
    for (const hear of listeners) hear(standing);
  }

  function snoozeUntil(snoozed_until: string | null): void {
    standing = { ...standing, snoozed_until };
    changed();
  }
  const snoozed = Number(query.get("snoozed") ?? 0);
  if (snoozed > 0) snoozeUntil(new Date(now + snoozed * 60_000).toISOString());
  const quiet = Number(query.get("quiet") ?? 0);
  if (quiet > 0) standing = { ...standing, quiet_until: new Date(now + quiet * 60_000).toISOString() };

  return {
    ...windows({ scene, now, answer, commands: () => commands, changed, snoozeUntil }),
    ...setup({
      scene,
      account: query.get("account"),
      draft: query.get("draft"),
      answer,
      standing: () => standing,
      change: (now) => {
        standing = now;
        changed();
      },
    }),
    ...doctor({ scene, examined: query.get("doctor"), answer, standing: () => standing }),
    ...iam({ account: query.get("account"), answer }),
    ...judging({ scene, answer, commands: () => commands, watched, snoozeUntil }),
    standing: async () => standing,
    feed: (asked) =>
      answer(() => {
        const found = search(asked.search, commands).filter(
          (row) => asked.status.length === 0 || asked.status.includes(row.state),
        );
        return pageOf(found, asked.after, asked.limit);
      }),
    command: (id) =>
      answer(() => {
        const command = commandOf(id);
        if (!command) return null;
        const failing = command.state === "failed" || command.state === "timed_out";
        return {
          command,
          decisions: (command.muted
            ? MUTED
            : command.nodes_heard === 0
              ? HELD
              : failing
                ? DECISIONS
                : []
          ).map((one) => ({
            ...one,
            at: command.updated_at,
          })),
          watched: watched.has(id),
        };
      }),
    invocations: (id, bucket, after, limit) =>
      answer(() => {
        const nodes = nodesOf(commandOf(id));
        const found = nodes.filter((node) => !bucket || bucketOf(node.status, node.detail) === bucket);
        return pageOf(found, after, limit);
      }),
    events: (id, after, limit) => answer(() => pageOf(eventsOf(commandOf(id)), after, limit)),
    quarantine: (after, limit) => answer(() => pageOf(quarantineOf(scene, now), after, limit)),
    gaps: () => answer(() => gapsOf(scene, now)),
    acknowledge: (id) =>
      answer(() => {
        commands = commands.map((row) =>
          id === null || row.command_id === id ? { ...row, acknowledged: true } : row,
        );
        changed();
      }),
    settings: async () => settings,
    saveSettings: async (wanted) => {
      settings = wanted;
    },
    testAlert: async () => undefined,
    simulate: () =>
      answer(() => {
        const [first] = commandsOf("patch", Date.now());
        if (first) commands = [{ ...first, command_id: crypto.randomUUID(), simulated: true }, ...commands];
        changed();
      }),
    ready: async () => {
      const [id, run, topic_arn] = ["open", "run", "signin"].map((name) => query.get(name));
      if (id) return { kind: "command", id };
      if (run) return { kind: "run", run };
      return topic_arn ? { kind: "sign_in", topic_arn, problem: null } : null;
    },
    openDataFolder: async () => undefined,
    quit: async () => undefined,
    onStanding: async (hear) => {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    onOpen: async () => () => undefined,
  };
}

function rings(row: CommandRow): boolean {
  return (
    (row.state === "failed" || row.state === "timed_out") && !row.acknowledged && !row.simulated && !row.muted
  );
}

function pageOf<T>(rows: readonly T[], after: string | null, limit: number): Page<T> {
  const from = after === null ? 0 : Number(after);
  const to = from + limit;
  return { rows: rows.slice(from, to), next: to < rows.length ? String(to) : null };
}

function search(line: string | null, commands: CommandRow[]): CommandRow[] {
  let found = commands;
  for (const term of (line ?? "").split(/\s+/).filter(Boolean)) {
    const [key = "", value] = term.split(/:(.*)/s);
    if (value === undefined)
      found = found.filter((row) => (row.document ?? "").toLowerCase().includes(term.toLowerCase()));
    else if (key === "status") found = found.filter((row) => row.state === value);
    else if (key === "document")
      found = found.filter((row) => (row.document ?? "").startsWith(value.replace("*", "")));
    else if (key !== "since" && key !== "node") {
      throw new Refusal({
        code: "usage",
        message: `Unknown field "${key}" at character ${(line ?? "").indexOf(term) + 1}`,
        hint: "Known are status, document, node and since",
      });
    }
  }
  return found;
}
