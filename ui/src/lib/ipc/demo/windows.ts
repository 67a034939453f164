// Maintenance windows of the made-up worlds. The check of a schedule is a sketch of the program's own: enough of it to
// draw every state, and no more.
import {
  Refusal,
  type CommandRow,
  type Host,
  type TypedWindow,
  type TypedWindowMistake,
  type WindowEvent,
  type WindowNode,
  type WindowRun,
  type WindowTold,
} from "../host";
import { isFailing } from "../../words/status";
import { amount, runName } from "../../words/windows";
import { nodesOf } from "./commands";
import { iso, type Scene } from "./fixtures";
import { lastOf, namesNoDay, nextOf, openOf, pastCommandsOf, runsOf, sourcesOf, typedOf } from "./runs";

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

/** What was told when a run ended, of its own numbers. */
function toldOf(run: WindowRun, own: readonly CommandRow[]): WindowTold | null {
  if (run.state !== "ended" || run.commands === 0) return null;
  const { failed, timed_out } = run.counts;
  const worst = own.find((command) => isFailing(command.state));
  const parts = [amount(run.commands, "command"), amount(run.known, "node")];
  if (failed > 0) parts.push(`${failed} failed`);
  if (timed_out > 0) parts.push(`${timed_out} timed out`);
  const body = [
    worst
      ? `Worst: ${worst.document ?? "a command"}, ${amount(failed + timed_out, "node")}.`
      : "All is well.",
    run.cut_off > 0 ? `${amount(run.cut_off, "node")} were cut off.` : "",
    run.status === "timed_out" ? "SSM says that the window timed out." : "",
  ];
  return { title: `${runName(run)} ended: ${parts.join(", ")}`, body: body.filter(Boolean).join(" ") };
}

/** What EventBridge said of a run: it began, and ended as the run itself says. */
function eventsOfRun(run: WindowRun): WindowEvent[] {
  if (run.source === "typed" || run.state === "upcoming") return [];
  const event = (at: string, subject: string, status: string): WindowEvent => ({
    event_time: at,
    received_at: at,
    subject,
    subject_id: subject === "task" ? "ac0c6ae1-daa3-4a89-832e-d384503b6586" : null,
    status,
  });
  const begun = iso(Date.parse(run.start) + 4000);
  if (run.status === "skipped_overlapping") return [event(run.start, "execution", run.status)];
  const began = [event(run.start, "execution", "in_progress"), event(begun, "task", "in_progress")];
  if (run.state !== "ended" || run.end === null || run.status === null) return began;
  return [...began, event(run.end, "task", run.status), event(run.end, "execution", run.status)];
}

export function windows({ scene, now, answer, commands, changed, snoozeUntil }: World): Windows {
  let typed = typedOf(scene, now);
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
        const own = [...commands(), ...pastCommandsOf(runs)].filter((one) => one.window?.run === id);
        const failing = (own[0] ? nodesOf(own[0]) : []).filter((node) => node.status !== "success");
        const nodes: WindowNode[] = failing.map((node) => ({
          ...node,
          command_id: own[0]?.command_id ?? "",
          document: own[0]?.document ?? null,
        }));
        return {
          window: found,
          told: toldOf(found, own),
          commands: [...own],
          failed: nodes.filter(
            (node) => node.detail !== "Terminated" && /^(failed|timed_out)$/.test(node.status),
          ),
          cut_off: nodes
            .filter((node) => node.status === "cancelled" || node.status === "timed_out")
            .slice(0, found.cut_off),
          events: eventsOfRun(found),
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
