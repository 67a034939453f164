// Runs, typed windows and sources of the made-up worlds, the same on every run: the clock is an argument.
import type { CommandRow, OpenWindow, PlannedRun, TypedWindow, WindowRun, WindowSources } from "../host";
import { midnight } from "../../words/timeline";
import { row } from "./commands";
import { iso, NONE, SUNDAY, type Scene } from "./fixtures";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

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
  commands: 1,
  done: success + failed + timed_out + cancelled,
  known: success + failed + timed_out + cancelled,
  complete: true,
  counts: { ...NONE, success, failed, timed_out, cancelled },
});

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** The made-up schedules are in the zone of the machine. */
const zone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The thirtieth of February. */
export const namesNoDay = (window: TypedWindow) => / 30 2 \? /.test(window.schedule);

/** The run of a window that ran once, while it is open. */
export function openOf(window: TypedWindow, now: number): PlannedRun | null {
  const start = Date.parse(`${/^at\((.+)\)$/.exec(window.schedule)?.[1] ?? ""}Z`);
  const end = start + window.duration_hours * HOUR;
  if (!(start <= now && now < end)) return null;
  return { start: iso(start), cutoff: iso(end - window.cutoff_hours * HOUR), end: iso(end) };
}

/** The next runs of a cron of hours and weekdays, of a rate or of one time: as much as the made-up worlds use. */
export function nextOf(window: TypedWindow, now: number): PlannedRun[] {
  if (namesNoDay(window)) return [];
  const planned = (start: number): PlannedRun => {
    const end = start + window.duration_hours * HOUR;
    return { start: iso(start), cutoff: iso(end - window.cutoff_hours * HOUR), end: iso(end) };
  };
  const once = /^at\((.*)\)$/.exec(window.schedule);
  if (once) {
    const at = Date.parse(once[1] ?? "");
    return at > now ? [planned(at)] : [];
  }
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(window.schedule);
  if (rate) {
    const every =
      Number(rate[1]) * { minute: 60_000, hour: HOUR, day: DAY }[rate[2] as "minute" | "hour" | "day"];
    const from = Date.parse(window.start ?? iso(now));
    const first = from + Math.max(0, Math.ceil((now - from) / every)) * every;
    return Array.from({ length: 5 }, (_, at) => planned(first + at * every));
  }
  const [minute = "0", hour = "0", , , days = "*"] = window.schedule.slice(5, -1).split(" ");
  const named = days.split(",").filter((day) => WEEKDAYS.includes(day));
  const found: PlannedRun[] = [];
  for (let day = 0; found.length < 5; day++) {
    const date = new Date(midnight(now, day));
    date.setHours(Number(hour), Number(minute));
    const name = WEEKDAYS[date.getDay()] ?? "";
    if (date.getTime() > now && (named.length === 0 || named.includes(name)))
      found.push(planned(date.getTime()));
  }
  return found;
}

/** The command of a run that is over, with the run's own counts; the feed's worlds begin later. */
export function pastCommandsOf(runs: readonly WindowRun[]): CommandRow[] {
  return runs
    .filter((run) => run.state === "ended" && run.commands > 0)
    .map((run, at) => {
      const state = run.counts.failed > 0 ? "failed" : run.counts.timed_out > 0 ? "timed_out" : "success";
      const window = { run: run.run, name: run.name ?? run.window_id ?? "", guess: run.source === "typed" };
      const document = run.name === "Certificates" ? "Acme-RotateCertificates" : "AWS-RunPatchBaseline";
      return row(at + 61, Date.parse(run.end ?? run.start), document, state, run.counts, {
        window,
        acknowledged: true,
        requested_at: iso(Date.parse(run.start) + 5000),
      });
    });
}

export function typedOf(scene: Scene, now: number): TypedWindow[] {
  if (scene === "empty" || scene === "unsubscribed") return [];
  const window = (name: string, schedule: string, more: Partial<TypedWindow> = {}): TypedWindow => ({
    name,
    schedule,
    duration_hours: 4,
    cutoff_hours: 1,
    time_zone: zone(),
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
  return [
    window("Certificates", `cron(0 22 ? * ${WEEKDAYS[new Date(midnight(now, 2)).getDay()]} *)`, {
      duration_hours: 2,
      cutoff_hours: 0,
    }),
  ];
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
  // The planned run is the schedule's own, and the last was a week before it.
  const certificates = typedOf("patch", now).flatMap((window) => nextOf(window, now))[0]!;
  const [planned, ended] = [Date.parse(certificates.start), Date.parse(certificates.end)];
  const rows = [
    open,
    run("typed/failover", "Database failover test", now - 40 * 60_000, {
      ...typed,
      state: "running",
      cutoff: iso(now + 80 * 60_000),
      end: iso(now + 80 * 60_000),
    }),
    run("next/1", "Sunday patch", opened + 7 * DAY, { state: "upcoming", execution_id: null, status: null }),
    run("next/2", "Certificates", planned, {
      ...typed,
      state: "upcoming",
      cutoff: certificates.cutoff,
      end: certificates.end,
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
    run("past/3", "Certificates", planned - 7 * DAY, {
      ...typed,
      ...done(12, 0, 2),
      cutoff: iso(ended - 7 * DAY),
      end: iso(ended - 7 * DAY),
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

export function sourcesOf(scene: Scene, now: number): WindowSources {
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
