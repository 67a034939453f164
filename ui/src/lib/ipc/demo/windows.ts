// Maintenance windows of the made-up worlds. The check of a schedule is a sketch of the program's own: enough of it to
// draw every state, and no more.
import {
  Refusal,
  type CommandRow,
  type Host,
  type PlannedRun,
  type TypedWindow,
  type TypedWindowMistake,
  type WindowNode,
} from "../host";
import { nodesOf, type Scene } from "./fixtures";
import { DAY, HOUR, iso, lastOf, runsOf, sourcesOf, typedOf } from "./runs";

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
  if (window.schedule.startsWith("at(") || namesNoDay(window)) return [];
  const first = Date.parse(`${iso(now + DAY).slice(0, 10)}T01:00:00Z`);
  return Array.from({ length: 5 }, (_, week) => {
    const start = first + week * 7 * DAY;
    const end = start + window.duration_hours * HOUR;
    return { start: iso(start), cutoff: iso(end - window.cutoff_hours * HOUR), end: iso(end) };
  });
}

/** The thirtieth of February. */
const namesNoDay = (window: TypedWindow) => / 30 2 \? /.test(window.schedule);

/** The run of a window that ran once, while it is open. */
function openOf(window: TypedWindow, now: number): PlannedRun | null {
  const start = Date.parse(`${/^at\((.+)\)$/.exec(window.schedule)?.[1] ?? ""}Z`);
  const end = start + window.duration_hours * HOUR;
  if (!(start <= now && now < end)) return null;
  return { start: iso(start), cutoff: iso(end - window.cutoff_hours * HOUR), end: iso(end) };
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
        return {
          mistake,
          next: wrong ? [] : nextOf(window, now),
          open: wrong ? null : openOf(window, now),
          never: !wrong && namesNoDay(window),
        };
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
