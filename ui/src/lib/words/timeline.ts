// Where the bars of a timeline lie: pure geometry over a span of time and a width in px. Bars that overlap get lanes of
// their own, and so do names that would run into the next bar.
import type { WindowRun } from "../ipc/host";
import { dayKey, instant, timeOfDay } from "./time";
import type { Mark } from "./status";
import { runMark, runName } from "./windows";

const DAY = 24 * 3_600_000;
/** A run of an hour in a span of weeks must still be seen and hit. */
export const LEAST_PX = 10;
const LETTER_PX = 7.8;
const MARK_PX = 22;
const NAME_PX = 172;
/** With more lanes than this the names go, and then the marks of what is well. */
const ROOMY = 6;
const TROUBLE = new Set<Mark>(["failed", "timed_out", "cancelled", "not_run"]);

export interface Span {
  from: number;
  to: number;
}

export interface Bar {
  run: WindowRun;
  /** px from the left edge. */
  left: number;
  width: number;
  /** px of the bar before the cutoff; null when no cutoff inside it is known. */
  open: number | null;
  lane: number;
  /** Whether its name stands beside it. */
  named: boolean;
  /** Whether its mark does. */
  marked: boolean;
  /** The name stands before the bar, for a bar at the right edge. */
  before: boolean;
}

/** Midnight at the beginning of the day `days` days from that of `now`, in the machine's zone. */
export function midnight(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** A span of `days` days, `shift` spans from the one around today. Of an even number the larger half lies ahead. */
export function spanOf(now: number, days: number, shift: number): Span {
  const first = -Math.floor((days - 1) / 2) + shift * days;
  return { from: midnight(now, first), to: midnight(now, first + days) };
}

/** Where an instant lies, in px; may be outside. */
export function placeOf(at: number, span: Span, width: number): number {
  return ((at - span.from) / (span.to - span.from)) * width;
}

/** The bars of the runs that take some of the span, earliest first. Without a known end a run lasts until now, or shortly. */
export function bars(runs: readonly WindowRun[], span: Span, width: number, now: number): Bar[] {
  const there = runs
    .map((run) => ({ run, start: instant(run.start) ?? 0, end: instant(run.end) }))
    .map((of) => ({ ...of, end: of.end ?? Math.max(of.start, of.run.state === "running" ? now : of.start) }))
    .filter((of) => of.end >= span.from && of.start < span.to)
    .sort((one, other) => one.start - other.start || (one.run.run < other.run.run ? -1 : 1));
  const place = (named: boolean, marks: boolean) => {
    const ends: number[] = [];
    return there.map(({ run, start, end }): Bar => {
      const left = Math.max(0, Math.min(placeOf(start, span, width), width - LEAST_PX));
      const right = Math.min(width, Math.max(placeOf(end, span, width), left + LEAST_PX));
      const marked = marks || TROUBLE.has(runMark(run));
      const name = (marked ? MARK_PX : 0) + (named ? Math.min(runName(run).length * LETTER_PX, NAME_PX) : 0);
      const before = right + name > width && left - name >= 0;
      const from = before ? left - name : left;
      const to = before ? right : right + name;
      let lane = ends.findIndex((busy) => busy <= from);
      if (lane < 0) lane = ends.length;
      ends[lane] = to + (name > 0 ? 4 : 1);
      const open = openOf(run, span, width, left, right);
      return { run, left, width: right - left, open, lane, named, marked, before };
    });
  };
  const named = place(true, true);
  if (lanes(named) <= ROOMY) return named;
  const marked = place(false, true);
  return lanes(marked) <= ROOMY ? marked : place(false, false);
}

export function lanes(all: readonly Bar[]): number {
  return all.reduce((most, bar) => Math.max(most, bar.lane + 1), 0);
}

function openOf(run: WindowRun, span: Span, width: number, left: number, right: number): number | null {
  const cutoff = instant(run.cutoff);
  if (cutoff === null || run.cutoff === run.end) return null;
  const at = placeOf(cutoff, span, width);
  return at > left + 1 && at < right - 1 ? at - left : null;
}

export interface Tick {
  at: number;
  left: number;
  /** The day's name; absent where there is no room for it. */
  label: string | null;
  today: boolean;
}

/** From here a day has room for a line at each of these hours. */
const ROOM_FOR_HOURS = 360;
const HOURS = [6, 12, 18];

/**
 * A line for each midnight, with as many names as there is room for: each day's, or each Monday's. Of a day that is
 * drawn wide, one for each quarter of it as well.
 */
export function ticks(span: Span, width: number, now: number): Tick[] {
  const count = Math.round((span.to - span.from) / DAY);
  const each = width / count;
  const today = dayKey(now);
  return Array.from({ length: count }, (_, day): Tick[] => {
    const at = midnight(span.from, day);
    const date = new Date(at);
    const short = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric" }).format(at);
    const withMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(at);
    const label = each >= 64 ? short.replace(",", "") : each >= 26 ? String(date.getDate()) : null;
    const quarters = each < ROOM_FOR_HOURS ? [] : HOURS;
    const lines = quarters.map((hour): Tick => {
      const then = new Date(date.getFullYear(), date.getMonth(), date.getDate(), hour).getTime();
      return { at: then, left: placeOf(then, span, width), label: timeOfDay(then), today: false };
    });
    const first: Tick = {
      at,
      left: placeOf(at, span, width),
      label: label ?? (date.getDay() === 1 && each * 7 >= 52 ? withMonth : null),
      today: dayKey(at) === today,
    };
    return [first, ...lines];
  }).flat();
}
