// When nobody listened, as a person reads it. Pure: the zone is an argument.
import type { GapRow } from "../ipc/host";
import { dayKey, dayTime, instant, timeOfDay } from "./time";

/** One silence, of one topic or of several at once. */
export interface Gap {
  key: string;
  from: number;
  to: number;
  reason: string;
  mayHaveLost: boolean | null;
}

/** Two topics fall silent and are heard again within this many ms of each other. */
const TOGETHER = 120_000;

const WHY: Record<string, string> = {
  quit: "Watchbell was not running",
  sleep: "asleep",
  paused: "paused",
  blind: "Watchbell could not hear",
  queue_missing: "the queue was missing",
};

/** One line for one silence, however many topics it took; the one that ended last first. */
export function together(rows: readonly GapRow[]): Gap[] {
  const gaps: Gap[] = [];
  for (const row of rows) {
    const from = instant(row.from);
    const to = instant(row.to);
    if (from === null || to === null) continue;
    const same = gaps.find(
      (gap) =>
        gap.reason === row.reason && Math.abs(gap.to - to) < TOGETHER && Math.abs(gap.from - from) < TOGETHER,
    );
    if (!same) {
      const key = `gap ${row.to} ${row.topic_arn}`;
      gaps.push({ key, from, to, reason: row.reason, mayHaveLost: row.may_have_lost });
      continue;
    }
    same.from = Math.min(same.from, from);
    same.to = Math.max(same.to, to);
    same.mayHaveLost = worse(same.mayHaveLost, row.may_have_lost);
  }
  return gaps.sort((one, other) => other.to - one.to);
}

/** Lost outranks unknown, and unknown outranks safe. */
function worse(one: boolean | null, other: boolean | null): boolean | null {
  if (one === true || other === true) return true;
  return one === null || other === null ? null : false;
}

/** "Not listening from 18:02 to 08:55 (asleep)": with its day where that is not the day of the end. */
export function silence(gap: Gap, timeZone?: string): string {
  const sameDay = dayKey(gap.from, timeZone) === dayKey(gap.to, timeZone);
  const from = sameDay ? timeOfDay(gap.from, timeZone) : dayTime(gap.from, timeZone);
  const why = WHY[gap.reason];
  return `Not listening from ${from} to ${timeOfDay(gap.to, timeZone)}${why ? ` (${why})` : ""}`;
}

/** What became of the messages of that time. */
export function fate(gap: Gap): string {
  if (gap.mayHaveLost === null) return "Whether the queue kept all messages is not known";
  return gap.mayHaveLost ? "Messages may have been lost" : "Messages waited in the queue";
}
