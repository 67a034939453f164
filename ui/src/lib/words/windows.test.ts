import { describe, expect, it } from "vitest";
import { NONE } from "../ipc/demo/fixtures";
import type { WindowRun } from "../ipc/host";
import { brief } from "./ids";
import { bars, lanes, midnight, placeOf, spanOf, ticks } from "./timeline";
import {
  fares,
  hours,
  lasts,
  noRun,
  runMark,
  runName,
  spoken,
  stateWords,
  tieWords,
  untilNext,
} from "./windows";

const ZONE = "Europe/Berlin";
const HOUR = 3_600_000;
const START = Date.parse("2026-11-22T01:00:00Z");
const iso = (ms: number) => new Date(ms).toISOString();

function run(more: Partial<WindowRun> = {}): WindowRun {
  return {
    run: "r",
    state: "running",
    source: "ssm",
    name: "Sunday patch",
    window_id: "mw-0ed7251d3fcf6e0c2",
    execution_id: null,
    account: null,
    region: null,
    status: null,
    start: iso(START),
    cutoff: iso(START + 3 * HOUR),
    end: iso(START + 4 * HOUR),
    commands: 2,
    done: 148,
    known: 200,
    complete: true,
    counts: { ...NONE, success: 140, failed: 7, timed_out: 1 },
    commands_failed: 0,
    cut_off: 3,
    ...more,
  };
}

describe("a run in words", () => {
  it("says how far it is and no more than is known", () => {
    expect(fares(run())).toBe("148 of 200 done, 7 failed, 1 timed out, 3 cut off");
    expect(fares(run({ complete: false, counts: NONE, cut_off: 0 }))).toBe("148 of 200 heard from done");
    expect(fares(run({ known: 0, done: 0, counts: NONE, cut_off: 0, commands_failed: 1 }))).toBe(
      "2 commands, 1 command failed",
    );
    const none = { commands: 0, known: 0, done: 0, counts: NONE, cut_off: 0 };
    expect(fares(run(none))).toBe("nothing sent yet");
    expect(fares(run({ ...none, state: "ended" }))).toBe("no command heard");
    expect(fares(run({ ...none, state: "upcoming" })), "what has not begun is not told of").toBe("");
  });

  it("wears the worst that is known, and nothing where nothing was heard", () => {
    const calm = { counts: { ...NONE, success: 200 }, done: 200, cut_off: 0 };
    expect(runMark(run())).toBe("failed");
    expect(runMark(run({ counts: { ...NONE, timed_out: 1 } }))).toBe("timed_out");
    expect(runMark(run({ ...calm, commands_failed: 1 }))).toBe("failed");
    expect(runMark(run({ ...calm, state: "ended", status: "timed_out" }))).toBe("timed_out");
    expect(runMark(run(calm)), "open still").toBe("in_progress");
    expect(runMark(run({ ...calm, state: "ended" }))).toBe("success");
    expect(runMark(run({ ...calm, done: 150, state: "ended" })), "not all ended").toBe("other");
    expect(runMark(run({ commands: 0, known: 0, done: 0, counts: NONE, state: "ended" }))).toBe("other");
    expect(runMark(run({ counts: NONE, state: "upcoming" }))).toBe("pending");
  });

  it("names its hours, and the day where it ends on another", () => {
    expect(hours(run(), ZONE)).toBe("02:00 to 06:00");
    expect(hours(run({ end: iso(START + 23 * HOUR) }), ZONE)).toBe("02:00 to Mon 23 Nov 01:00");
    expect(hours(run({ end: null }), ZONE)).toBe("from 02:00, end unknown");
  });

  it("says why no run is to come", () => {
    const planned = { start: iso(START), cutoff: iso(START + 3 * HOUR), end: iso(START + 4 * HOUR) };
    const open = "It is open now until 06:00 and does not run again.";
    expect(noRun(planned, false, START + HOUR, ZONE)).toBe(open);
    const over = "It will not run: its times are over.";
    expect(noRun(planned, false, START + 4 * HOUR, ZONE), "nobody asked again since it closed").toBe(over);
    expect(noRun(null, false, START, ZONE)).toBe(over);
    const long = { ...planned, end: iso(START + 23 * HOUR) };
    expect(noRun(long, false, START, ZONE)).toBe(
      "It is open now until Mon 23 Nov, 01:00 and does not run again.",
    );
    expect(noRun(null, true, START, ZONE)).toBe("It will not run: the schedule names no day that exists.");
  });

  it("says what comes next while it is open", () => {
    expect(untilNext(run(), START + HOUR, ZONE)).toBe("cutoff at 05:00");
    expect(untilNext(run(), START + 3 * HOUR, ZONE)).toBe("past its cutoff, ends at 06:00");
    expect(untilNext(run({ cutoff: iso(START + 4 * HOUR) }), START + HOUR, ZONE)).toBe("ends at 06:00");
    expect(untilNext(run({ cutoff: null, end: null }), START, ZONE)).toBe("");
    expect(untilNext(run({ state: "ended" }), START, ZONE)).toBe("");
  });

  it("tells in one sentence what the timeline shows", () => {
    expect(spoken(run(), START + HOUR, ZONE)).toBe(
      "Sunday patch, running; Sun 22 Nov, 02:00 to 06:00; cutoff 05:00; 148 of 200 done, 7 failed, 1 timed out, 3 cut off",
    );
    expect(stateWords(run({ state: "ended", status: "skipped_overlapping" }))).toBe(
      "skipped: an earlier run was still open",
    );
    expect(stateWords(run({ state: "ended", status: "REVIEWED" })), "AWS's own text stays").toBe("REVIEWED");
    expect(runName(run({ name: null }))).toBe("mw-0ed7251d3fcf6e0c2");
    expect(tieWords({ name: "Sunday patch", guess: true })).toBe("Sunday patch, by time");
    expect(lasts({ duration_hours: 2, cutoff_hours: 0 })).toBe("2 h");
  });
});

it("cuts a name that is too long for a line, and no other", () => {
  expect(brief("Sunday patch")).toBe("Sunday patch");
  expect(brief("A window whose name goes on and on and on")).toBe("A window whose name goes on and…");
});

describe("the timeline", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  const span = { from: START - 24 * HOUR, to: START + 48 * HOUR };

  it("is about today, and whole spans away from it", () => {
    for (const days of [3, 7, 28]) {
      const here = spanOf(now, days, 0);
      expect(here.from <= now && now < here.to, `today is in its ${days} days`).toBe(true);
      expect(spanOf(now, days, 1).from, "the next begins where this one ends").toBe(here.to);
      expect(spanOf(now, days, -1).to).toBe(here.from);
      expect(here.to).toBe(midnight(here.from, days));
    }
  });

  it("places a bar by its times and marks the cutoff inside it", () => {
    const [bar] = bars([run()], span, 720, now);
    expect([bar?.left, bar?.width, bar?.open], "10 px are an hour").toEqual([240, 40, 30]);
    expect(placeOf(span.from, span, 720)).toBe(0);
    const [short] = bars([run({ end: iso(START + 60_000) })], span, 720, now);
    expect(short?.width, "what lasts a minute can be seen and hit").toBe(10);
    const [whole] = bars([run({ cutoff: iso(START + 4 * HOUR) })], span, 720, now);
    expect(whole?.open, "a cutoff at the end is none to draw").toBe(null);
  });

  it("gives runs that overlap lanes of their own, at any width", () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      run({
        run: `r${at}`,
        start: iso(START + at * HOUR * 0.4),
        end: iso(START + at * HOUR * 0.4 + 2 * HOUR),
      }),
    );
    for (const width of [240, 720, 2400]) {
      const placed = bars(many, span, width, now);
      expect(placed).toHaveLength(60);
      for (const one of placed)
        for (const other of placed)
          if (one !== other && one.lane === other.lane)
            expect(
              one.left + one.width <= other.left || other.left + other.width <= one.left,
              `${one.run.run} and ${other.run.run} lie on each other at ${width} px`,
            ).toBe(true);
      expect(lanes(placed)).toBeGreaterThan(1);
    }
  });

  it("leaves out what is elsewhere, and names each day once", () => {
    expect(bars([run({ start: iso(span.to), end: iso(span.to + HOUR) })], span, 720, now)).toEqual([]);
    const week = spanOf(now, 7, 0);
    expect(ticks(week, 840, now).map((tick) => tick.label?.split(" ").length)).toEqual(Array(7).fill(2));
    expect(ticks(week, 840, now).filter((tick) => tick.today)).toHaveLength(1);
    const month = ticks(spanOf(now, 28, 0), 400, now);
    expect(
      month.filter((tick) => tick.label !== null),
      "Mondays alone where there is no more room",
    ).toHaveLength(4);
  });
});
