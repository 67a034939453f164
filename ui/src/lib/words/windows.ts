// Runs of maintenance windows in words. Pure: now and the zone are arguments; says no more than is known.
import type { PlannedRun, TypedWindow, WindowRun, WindowTie } from "../ipc/host";
import { number } from "./counts";
import { statusWords, type Mark } from "./status";
import { dayKey, instant, timeOfDay } from "./time";

type Named = Pick<WindowRun, "name" | "window_id">;
type Faring = Pick<
  WindowRun,
  "state" | "status" | "commands" | "done" | "known" | "complete" | "counts" | "commands_failed" | "cut_off"
>;

/** The window's name, else its id. */
export function runName(run: Named): string {
  return run.name || run.window_id || "Window without a name";
}

/** "1 command", "3 commands", "1 200 nodes". */
export function amount(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** The worst that is known of a run, as a mark. What nothing was heard of is neither well nor ill. */
export function runMark(run: Faring): Mark {
  const { counts, status } = run;
  if (counts.failed > 0 || run.commands_failed > 0 || status === "failed") return "failed";
  if (counts.timed_out > 0 || status === "timed_out") return "timed_out";
  if (status === "cancelled" || status === "cancelling") return "cancelled";
  if (status === "skipped_overlapping") return "not_run";
  if (run.state === "upcoming") return "pending";
  if (run.state === "running") return "in_progress";
  if (counts.cancelled > 0) return "cancelled";
  const allEnded = run.known > 0 && run.done >= run.known;
  return status === "success" || allEnded ? "success" : "other";
}

const RUN_STATUS: Record<string, string> = {
  in_progress: "ended",
  pending: "ended",
  success: "ended",
  failed: "failed",
  timed_out: "timed out",
  cancelling: "being cancelled",
  cancelled: "cancelled",
  skipped_overlapping: "skipped: an earlier run was still open",
};

/** "upcoming", "running", "ended", or how SSM says that it ended. */
export function stateWords(run: Pick<WindowRun, "state" | "status">): string {
  if (run.state !== "ended" || run.status === null) return run.state;
  return RUN_STATUS[run.status] ?? run.status;
}

/** "148 of 200 done, 7 failed, 2 cut off" of its nodes, or what is known instead. */
export function fares(run: Faring): string {
  if (run.commands === 0) {
    if (run.state === "upcoming") return "";
    return run.state === "running" ? "nothing sent yet" : "no command heard";
  }
  const done = `${number(run.done)} of ${number(run.known)}`;
  const parts = [
    run.known === 0
      ? amount(run.commands, "command")
      : run.complete
        ? `${done} done`
        : `${done} heard from done`,
  ];
  if (run.counts.failed > 0) parts.push(`${number(run.counts.failed)} failed`);
  if (run.counts.timed_out > 0) parts.push(`${number(run.counts.timed_out)} timed out`);
  if (run.cut_off > 0) parts.push(`${number(run.cut_off)} cut off`);
  if (run.commands_failed > 0) parts.push(`${amount(run.commands_failed, "command")} failed`);
  return parts.join(", ");
}

/** Why a window has no run to come; one that is open now is not over yet. */
export function noRun(open: PlannedRun | null, never: boolean, now: number, timeZone?: string): string {
  if (never) return "It will not run: the schedule names no day that exists.";
  const end = open && instant(open.end);
  if (!end || end <= now) return "It will not run: its times are over.";
  const day = dayKey(end, timeZone) === dayKey(now, timeZone) ? "" : `${dayOf(end, timeZone, now)}, `;
  return `It is open now until ${day}${timeOfDay(end, timeZone)} and does not run again.`;
}

/** "02:00 to 06:00"; the day of the end is named when it is another. */
export function hours(run: Pick<WindowRun, "start" | "end">, timeZone?: string): string {
  const [start, end] = [instant(run.start), instant(run.end)];
  if (start === null) return "at an unknown time";
  const from = timeOfDay(start, timeZone);
  if (end === null) return `from ${from}, end unknown`;
  const to = timeOfDay(end, timeZone);
  return dayKey(start, timeZone) === dayKey(end, timeZone)
    ? `${from} to ${to}`
    : `${from} to ${dayOf(end, timeZone)} ${to}`;
}

/** "Sun 22 Nov", with the year when it is not that of `now`. */
export function dayOf(at: number, timeZone?: string, now?: number): string {
  const other = now !== undefined && dayKey(at, timeZone).slice(0, 4) !== dayKey(now, timeZone).slice(0, 4);
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: other ? "numeric" : undefined,
    timeZone,
  })
    .format(at)
    .replace(",", "");
}

/** What matters next: "cutoff at 05:00", "past its cutoff, ends at 06:00"; empty when nothing is known or it is over. */
export function untilNext(
  run: Pick<WindowRun, "state" | "cutoff" | "end">,
  now: number,
  timeZone?: string,
): string {
  if (run.state !== "running") return "";
  const [cutoff, end] = [instant(run.cutoff), instant(run.end)];
  if (cutoff !== null && cutoff > now && cutoff !== end) return `cutoff at ${timeOfDay(cutoff, timeZone)}`;
  if (end === null) return "";
  const past = cutoff !== null && cutoff <= now && cutoff !== end;
  return `${past ? "past its cutoff, " : ""}ends at ${timeOfDay(end, timeZone)}`;
}

/** Everything about a run in one sentence, for who does not see the timeline. */
export function spoken(run: WindowRun, now: number, timeZone?: string): string {
  const start = instant(run.start);
  const day = start === null ? "" : `${dayOf(start, timeZone, now)}, `;
  const cutoff = instant(run.cutoff);
  const parts = [
    `${runName(run)}, ${stateWords(run)}`,
    `${day}${hours(run, timeZone)}`,
    cutoff === null || run.cutoff === run.end ? "" : `cutoff ${timeOfDay(cutoff, timeZone)}`,
    fares(run),
  ];
  return parts.filter(Boolean).join("; ");
}

const SOURCES: Record<string, string> = { ssm: "SSM", eventbridge: "EventBridge", typed: "typed in" };

/** Where a run is known from: "SSM", "EventBridge", "typed in". */
export function sourceWords(source: string): string {
  return SOURCES[source] ?? source;
}

/** "Sunday patch", or "Sunday patch, by time" where only the time tells that a command is of it. */
export function tieWords(tie: Pick<WindowTie, "name" | "guess">): string {
  return tie.guess ? `${tie.name}, by time` : tie.name;
}

/** "4 h, cutoff 1 h before the end". */
export function lasts(window: Pick<TypedWindow, "duration_hours" | "cutoff_hours">): string {
  const { duration_hours: duration, cutoff_hours: cutoff } = window;
  return cutoff > 0 ? `${duration} h, cutoff ${cutoff} h before the end` : `${duration} h`;
}

/** "failed", "success" of a task or target, as EventBridge says it. */
export function eventWords(status: string): string {
  return statusWords(status.toLowerCase()).replaceAll("_", " ");
}
