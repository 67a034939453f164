// Maintenance windows of the made-up worlds. The check of a schedule is a sketch of the program's own: enough of it to
// draw every state, and no more.
import {
  Refusal,
  type CommandRow,
  type Counts,
  type Host,
  type OpenWindow,
  type PlannedRun,
  type TypedWindow,
  type TypedWindowMistake,
  type WindowNode,
  type WindowRun,
  type WindowSources,
} from "../host";
import { nodesOf, SUNDAY, type Scene } from "./fixtures";

type Windows = Pick<
  Host,
  "windows" | "windowRun" | "checkTypedWindow" | "saveTypedWindow" | "removeTypedWindow" | "snoozeWindow"
>;

interface World {
  scene: Scene;
  now: number;
  answer: <T>(value: () => T) => Promise<T>;
  commands: () => readonly CommandRow[];
  changed: () => void;
  snoozeUntil: (until: string | null) => void;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (ms: number) => new Date(ms).toISOString();
const NONE: Counts = {
  pending: 0,
  in_progress: 0,
  success: 0,
  failed: 0,
  timed_out: 0,
  cancelled: 0,
  not_run: 0,
  other: 0,
};

function run(id: string, name: string | null, start: number, more: Partial<WindowRun> = {}): WindowRun {
  const now = more.state ?? "ended";
  return {
    run: id,
    state: now,
    source: "ssm",
    name,
    window_id: "mw-0ed7251d3fcf6e0c2",
    execution_id: "b60fb56e-776c-4e5c-84ee-123456789012",
    account: "123456789012",
    region: "eu-central-1",
    status: now === "ended" ? "success" : now === "running" ? "in_progress" : null,
    start: iso(start),
    cutoff: iso(start + 3 * HOUR),
    end: iso(start + 4 * HOUR),
    commands: 0,
    done: 0,
    known: 0,
    complete: false,
    counts: NONE,
    commands_failed: 0,
    cut_off: 0,
    ...more,
  };
}

const done = (success: number, failed = 0, timed_out = 0, cancelled = 0): Partial<WindowRun> => ({
  commands: 2,
  done: success + failed + timed_out + cancelled,
  known: success + failed + timed_out + cancelled,
  complete: true,
  counts: { ...NONE, success, failed, timed_out, cancelled },
});

export function typedOf(scene: Scene): TypedWindow[] {
  if (scene === "empty" || scene === "unsubscribed") return [];
  const window = (name: string, schedule: string, more: Partial<TypedWindow> = {}): TypedWindow => ({
    name,
    schedule,
    duration_hours: 4,
    cutoff_hours: 1,
    time_zone: "Europe/Berlin",
    offset_days: null,
    start: null,
    end: null,
    anchor: null,
    ...more,
  });
  if (scene === "hostile")
    return [
      window(`<img src=x onerror="document.title='run'">`, "cron(0 2 ? * SUN *)"),
      window("חלון תחזוקה של יום ראשון نافذة الصيانة", "rate(7 days)", { start: "2026-11-01T00:00:00Z" }),
      window("A window whose name goes on ".repeat(4).trim(), "cron(0 2 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)"),
    ];
  return [window("Certificates", "cron(0 22 ? * WED *)", { duration_hours: 2, cutoff_hours: 0 })];
}

export function runsOf(scene: Scene, now: number): WindowRun[] {
  if (scene === "empty" || scene === "unsubscribed") return [];
  if (scene === "many")
    return Array.from({ length: 400 }, (_, at) =>
      run(`many/${at}`, "Hourly sweep", now - (at - 200) * HOUR - 20 * 60_000, {
        state: at > 200 ? "ended" : at === 200 ? "running" : "upcoming",
        end: iso(now - (at - 200) * HOUR + 20 * 60_000),
        cutoff: null,
      }),
    );
  const opened = now - 2 * HOUR - 12 * 60_000;
  const open: WindowRun = run(SUNDAY, "Sunday patch", opened, {
    state: "running",
    commands: 2,
    done: 212,
    known: 240,
    complete: true,
    counts: { ...NONE, success: 198, failed: 7, timed_out: 5, not_run: 2, in_progress: 28 },
  });
  const unnamed: Partial<WindowRun> = {
    source: "eventbridge",
    window_id: "mw-09b3c1de55a7f2c41",
    cutoff: null,
  };
  const typed = {
    source: "typed",
    window_id: null,
    execution_id: null,
    account: null,
    region: null,
    status: null,
  };
  const rows = [
    open,
    run("typed/failover", "Database failover test", now - 40 * 60_000, {
      ...typed,
      state: "running",
      cutoff: iso(now + 80 * 60_000),
      end: iso(now + 80 * 60_000),
    }),
    run("next/1", "Sunday patch", opened + 7 * DAY, { state: "upcoming", execution_id: null, status: null }),
    run("next/2", "Certificates", opened + 3 * DAY, {
      ...typed,
      state: "upcoming",
      cutoff: iso(opened + 3 * DAY + 2 * HOUR),
      end: iso(opened + 3 * DAY + 2 * HOUR),
    }),
    run("past/1", "Sunday patch", opened - 7 * DAY, {
      ...done(181, 9, 3, 7),
      status: "timed_out",
      cut_off: 10,
      end: iso(opened - 7 * DAY + 4 * HOUR),
    }),
    run("past/2", null, opened - 2 * DAY, {
      ...unnamed,
      ...done(40),
      end: iso(opened - 2 * DAY + 50 * 60_000),
    }),
    run("past/3", "Certificates", opened - 4 * DAY, {
      ...typed,
      ...done(12, 0, 2),
      end: iso(opened - 4 * DAY + 2 * HOUR),
    }),
    run("past/4", "Agent updates", opened - 2 * DAY + HOUR, { ...typed, cutoff: null }),
    run("past/5", "Nightly", opened - 5 * DAY, { status: "skipped_overlapping" }),
  ];
  if (scene !== "hostile") return rows;
  return [
    run("hostile/1", `<img src=x onerror="document.title='run'"><b>Sunday</b>`, now - HOUR, {
      state: "running",
    }),
    run("hostile/2", "\u202eחלון תחזוקה של יום ראשון نافذة الصيانة", now - 3 * DAY, done(12, 1)),
    run("hostile/3", "A window whose name goes on ".repeat(4).trim(), now - 30 * 60_000, {
      state: "running",
      source: "typed",
    }),
    run("hostile/4", "", now + DAY, { state: "upcoming", end: null, cutoff: null, window_id: null }),
    ...rows.slice(1),
  ];
}

/** The open one with the latest end. */
export function lastOf(runs: readonly WindowRun[]): OpenWindow | null {
  const open = runs.filter((one) => one.state === "running" && one.end !== null);
  const last = open.sort((one, other) => Date.parse(other.end!) - Date.parse(one.end!))[0];
  return last ? { run: last.run, name: last.name ?? last.window_id ?? "", ends: last.end! } : null;
}

function sourcesOf(scene: Scene, now: number): WindowSources {
  if (scene === "empty" || scene === "unsubscribed") return { reading: true, ssm: [], heard: null };
  const read = {
    account: "123456789012",
    region: "eu-central-1",
    looked_at: iso(now - 3 * 60_000),
    problem: null,
  };
  const problem = {
    code: "aws_refused",
    message: "AWS refused ssm:DescribeMaintenanceWindows to arn:aws:iam::210987654321:user/jane",
    hint: "ask your administrator for the statement that watchbellctl iam prints, or go on without: EventBridge and typed windows work",
  };
  return {
    reading: scene !== "blind",
    ssm: [read, { ...read, account: "210987654321", region: "us-east-1", problem }],
    heard: iso(now - 2 * HOUR),
  };
}

const HINT = "as in the console: cron(0 2 ? * SUN *), rate(7 days) or at(2026-12-24T22:00:00)";

function mistakeIn(window: TypedWindow, taken: boolean): TypedWindowMistake | null {
  const { schedule } = window;
  const say = (field: keyof TypedWindow, from: number, to: number, message: string, hint = "") => ({
    field,
    from,
    to,
    message,
    hint,
  });
  const cron = /^cron\((.*)\)$/.exec(schedule);
  if (cron) {
    const parts = (cron[1] ?? "").split(" ");
    const hour = parts[1] ?? "";
    if (parts.length !== 6)
      return say(
        "schedule",
        5,
        schedule.length - 1,
        `A cron has 6 fields, this one has ${parts.length}.`,
        HINT,
      );
    if (Number(hour) > 23) {
      const from = 5 + (parts[0]?.length ?? 0) + 1;
      return say("schedule", from, from + hour.length, `An hour is 0 to 23, not ${hour}.`, HINT);
    }
  } else if (!/^(rate\(\d+ (minutes?|hours?|days?)\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$/.test(schedule))
    return say("schedule", 0, schedule.length, "A schedule is cron(…), rate(…) or at(…).", HINT);
  if (window.duration_hours < 1 || window.duration_hours > 24)
    return say("duration_hours", 0, 0, "A window lasts 1 to 24 hours.");
  if (window.cutoff_hours >= window.duration_hours)
    return say("cutoff_hours", 0, 0, "The cutoff is 0 to 23 hours and shorter than the duration.");
  if (window.time_zone && !/^(UTC|[A-Z][a-z]+\/[A-Z]\w+)$/.test(window.time_zone))
    return say("time_zone", 0, window.time_zone.length, `There is no time zone ${window.time_zone}.`);
  if (schedule.startsWith("rate") && !window.start)
    return say(
      "start",
      0,
      0,
      "A rate counts from somewhere: give a start date, or a time at which the window started.",
      "a date is written 2026-11-01T00:00:00Z",
    );
  if (taken) return say("name", 0, window.name.length, "Another typed window has this name.");
  return null;
}

function nextOf(window: TypedWindow, now: number): PlannedRun[] {
  if (window.schedule.startsWith("at(2020")) return [];
  const first = Date.parse(`${iso(now + DAY).slice(0, 10)}T01:00:00Z`);
  return Array.from({ length: 5 }, (_, week) => {
    const start = first + week * 7 * DAY;
    const end = start + window.duration_hours * HOUR;
    return { start: iso(start), cutoff: iso(end - window.cutoff_hours * HOUR), end: iso(end) };
  });
}

export function windows({ scene, now, answer, commands, changed, snoozeUntil }: World): Windows {
  let typed = typedOf(scene);
  const runs = runsOf(scene, now);
  const taken = (name: string, replaces: string | null) =>
    name !== replaces && typed.some((one) => one.name === name);
  return {
    windows: (from, to) =>
      answer(() => ({
        runs: runs
          .filter((one) => one.start < to && (one.end ?? one.start) >= from)
          .sort((one, other) => Date.parse(other.start) - Date.parse(one.start)),
        left_out: scene === "many" ? 37 : 0,
        typed: typed.map((window) => ({ window, next: nextOf(window, now)[0] ?? null })),
        sources: sourcesOf(scene, now),
      })),
    windowRun: (id) =>
      answer(() => {
        const found = runs.find((one) => one.run === id);
        if (!found) return null;
        const own = commands().filter((one) => one.window?.run === id);
        const failing = (own[0] ? nodesOf(own[0]) : []).filter((node) => node.status !== "success");
        const nodes: WindowNode[] = failing.map((node) => ({
          ...node,
          command_id: own[0]?.command_id ?? "",
          document: own[0]?.document ?? null,
        }));
        const told =
          found.state === "ended" && found.commands > 0
            ? {
                title: `${found.name ?? "mw-09b3c1de55a7f2c41"} ended: 2 commands, 200 nodes, 9 failed, 3 timed out`,
                body: "Worst: AWS-RunPatchBaseline, 9 nodes. 10 nodes were cut off. SSM says that the window timed out.",
              }
            : null;
        return {
          window: found,
          told,
          commands: [...own],
          failed: nodes.filter(
            (node) => node.detail !== "Terminated" && /^(failed|timed_out)$/.test(node.status),
          ),
          cut_off: nodes.filter((node) => node.status === "timed_out").slice(0, 3),
          events:
            found.source === "typed"
              ? []
              : [
                  {
                    event_time: found.start,
                    received_at: found.start,
                    subject: "execution",
                    subject_id: null,
                    status: "in_progress",
                  },
                  {
                    event_time: iso(Date.parse(found.start) + 4000),
                    received_at: found.start,
                    subject: "task",
                    subject_id: "ac0c6ae1-daa3-4a89-832e-d384503b6586",
                    status: "in_progress",
                  },
                ],
        };
      }),
    checkTypedWindow: (window, replaces) =>
      answer(() => {
        const mistake = mistakeIn(window, taken(window.name, replaces));
        const wrong = mistake !== null && mistake.field !== "name";
        return { mistake, next: wrong ? [] : nextOf(window, now) };
      }),
    saveTypedWindow: (window, replaces) =>
      answer(() => {
        const kept = typed.filter((one) => one.name !== (replaces ?? window.name));
        typed = [...kept, window].sort((one, other) => one.name.localeCompare(other.name));
        changed();
      }),
    removeTypedWindow: (name) =>
      answer(() => {
        typed = typed.filter((one) => one.name !== name);
        changed();
      }),
    snoozeWindow: () =>
      answer(() => {
        const last = lastOf(runs);
        if (!last)
          throw new Refusal({
            code: "no",
            message: "No maintenance window with a known end is open now.",
            hint: "Snooze for a time instead.",
          });
        snoozeUntil(last.ends);
      }),
  };
}
