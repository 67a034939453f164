import { describe, expect, it } from "vitest";
import type { RuleForm } from "../ipc/host";
import { outcomeWords, question } from "./decision";
import { daysWords, readPatterns, readTime, spanWords } from "./quiet";
import { conditions, fitsAll, headline, placeIn } from "./rules";
import { snoozeChoices, untilWords } from "./snooze";

const all: RuleForm = {
  name: "x",
  enabled: true,
  document: null,
  node: null,
  status: null,
  topic: null,
  window: null,
  then: "mute",
};

describe("a rule in words", () => {
  it("says what it asks, in the order of the form", () => {
    expect(conditions({ ...all, topic: "ssm", document: "AWS-*", window: "inside" })).toBe(
      "inside a maintenance window, document AWS-*, topic ssm",
    );
    expect(conditions(all)).toBe("every failure");
  });
  it("a rule that is off hides no rule behind it", () => {
    expect(fitsAll(all)).toBe(true);
    expect(fitsAll({ ...all, document: "*" })).toBe(true);
    expect(fitsAll({ ...all, enabled: false })).toBe(false);
    expect(fitsAll({ ...all, window: "inside" })).toBe(false);
  });
});

describe("a try in words", () => {
  const tally = (alerts: number) => ({ alerts, rang: 0, together: 0, quiet: 0, muted: 0 });
  it.each([
    [412, 3, "3 alerts instead of 412"],
    [4120, 1, "1 alert instead of 4\u202f120"],
    [12, 0, "No alert instead of 12"],
    [12, 12, "12 alerts, as now"],
    [0, 0, "No alert, as now"],
  ])("%i before and %i after", (before, after, words) =>
    expect(headline({ before: tally(before), after: tally(after) })).toBe(words),
  );
});

describe("the place in a refused file", () => {
  it("is the word that ends there, counted in bytes", () => {
    const text = '{\n  "naïve": 1, "nodes": 2\n}';
    const place = placeIn(text, 'Line 2, column 22: unknown field "nodes".');
    expect(text.slice(place!.from, place!.to)).toBe('"nodes"');
  });
  it("is unknown where none is told, and stays inside the text", () => {
    expect(placeIn("{}", "This is no file of Watchbell rules.")).toBeNull();
    expect(placeIn("{}", "Line 9, column 1: no.")).toBeNull();
    expect(placeIn("{", "Line 1, column 99: it ends.")).toEqual({ from: 0, to: 1 });
  });
});

describe("quiet hours in words", () => {
  it.each([
    [["mon", "tue", "wed", "thu", "fri"], "Monday to Friday"],
    [["sat", "sun"], "Saturday and Sunday"],
    [["fri", "mon", "wed"], "Monday, Wednesday and Friday"],
    [["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "Every day"],
    [["sun"], "Sunday"],
    [[], "No day"],
  ])("%j", (days, words) => expect(daysWords(days)).toBe(words));
  it("an end at or before the beginning is of the next day", () => {
    const days = ["mon"];
    expect(spanWords({ days, from: "22:00", to: "07:00" })).toBe(
      "Monday from 22:00 until 07:00 the next day",
    );
    expect(spanWords({ days, from: "12:00", to: "13:00" })).toBe("Monday from 12:00 until 13:00");
    expect(spanWords({ days, from: "12:00", to: "12:00" })).toBe(
      "Monday from 12:00 until 12:00 the next day",
    );
    expect(spanWords({ days, from: "00:00:00", to: "00:00:00" })).toBe("Monday, the whole day");
  });
  it.each([
    ["22:00", "22:00"],
    ["22:00:00", "22:00"],
    ["7", "07:00"],
    ["0730", "07:30"],
    [" 9.30 ", "09:30"],
    ["24:00", null],
    ["7:75", null],
    ["noon", null],
    ["", null],
  ])("reads %s as %s", (typed, time) => expect(readTime(typed)).toBe(time));
  it("reads patterns by spaces", () => expect(readPatterns(" a*,  b ")).toEqual(["a*", "b"]));
});

describe("snooze in words", () => {
  const at = (hour: number, minute = 0) => new Date(2026, 10, 23, hour, minute).getTime();
  it("until the next morning", () => {
    const last = snoozeChoices(at(14, 30)).at(-1);
    expect(last).toEqual({ label: "Until tomorrow 08:00", minutes: 17.5 * 60 });
  });
  it("in the small hours that is today", () =>
    expect(snoozeChoices(at(2)).at(-1)).toEqual({ label: "Until 08:00", minutes: 360 }));
  it("a morning that is nearly there is not meant", () =>
    expect(snoozeChoices(at(7, 30)).at(-1)?.minutes).toBe(24.5 * 60));
  it("tells the end by the day it is on", () => {
    const now = Date.parse("2026-11-23T13:00:00Z");
    expect(untilWords(Date.parse("2026-11-23T14:30:00Z"), now, "UTC")).toBe("14:30");
    expect(untilWords(Date.parse("2026-11-24T08:00:00Z"), now, "UTC")).toBe("tomorrow 08:00");
    expect(untilWords(Date.parse("2026-11-27T08:00:00Z"), now, "UTC")).toBe("27 Nov 2026, 08:00");
  });
});

describe("decisions in words", () => {
  it("ask why it did not ring when it did not", () => {
    expect(question([{ outcome: "muted" }])).toBe("Why it did not ring");
    expect(question([{ outcome: "snoozed" }, { outcome: "rang" }])).toBe("Why it rang");
    expect(question([])).toBe("Why it rang");
  });
  it("every outcome has words of its own", () => {
    const outcomes = ["rang", "updated", "joined", "overflow", "digest", "snoozed", "quiet", "muted"];
    const words = outcomes.map(outcomeWords);
    expect(new Set(words).size).toBe(outcomes.length);
    expect(words).not.toContain("snoozed");
  });
});
