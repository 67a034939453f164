import { describe, expect, it } from "vitest";
import { NONE } from "../ipc/demo/fixtures";
import type { Counts } from "../ipc/host";
import { ended, segments, summary } from "./counts";
import { sentence, shortId, shown, shownBody } from "./ids";
import { bucketOf, detailWords, statusWords } from "./status";
import { deafTitle, hearing, isRepairable } from "./subscription";
import { age, dayHeading, exactUtc, waited } from "./time";

function told(counts: Partial<Counts>, target: number | null, status: string | null = null) {
  const all = { ...NONE, ...counts };
  const heard = Object.values(all).reduce((sum, one) => sum + one, 0);
  return {
    counts: all,
    target_count: target,
    nodes_heard: heard,
    levels: [],
    status,
    state: status ?? "success",
  };
}

describe("a command in one line", () => {
  it.each([
    [told({ success: 188, failed: 7, timed_out: 5 }, 200), "7 failed, 5 timed out of 200"],
    [told({ success: 136, failed: 7, timed_out: 5 }, null), "7 failed, 5 timed out of 148 heard from"],
    [told({ failed: 1, not_run: 449 }, 450), "1 failed, 449 not run of 450"],
    [told({ success: 12, in_progress: 20 }, 40), "running, 12 of 40 done"],
    [told({ success: 200 }, 200), "200 of 200 succeeded"],
    [told({ success: 148 }, null), "148 of 148 heard from succeeded"],
    [told({}, null, "failed"), "failed, nodes not reported"],
    [told({ success: 3 }, 3, "failed"), "3 of 3 succeeded; the command itself failed"],
  ])("says no more than was heard: %#", (command, words) => expect(summary(command)).toBe(words));

  it("never claims success for targets that were not heard from", () =>
    expect(summary(told({ success: 148 }, 200))).toBe("148 of 200 succeeded"));

  it.each([
    [told({ success: 200 }, 200), true],
    [told({ success: 148 }, 200), false],
    [told({ success: 148 }, null), false],
    [told({ failed: 1, in_progress: 1 }, 2), false],
    [told({ other: 2 }, 2), false],
    [told({}, null, "failed"), true],
    [told({ success: 1 }, null, "in_progress"), false],
  ])("is over only when that was heard: %#", (command, over) => expect(ended(command)).toBe(over));

  it("keeps a single failure among thousands visible in the bar", () => {
    const { parts } = segments(told({ failed: 1, success: 4999 }, 5000));
    expect(parts[0]?.bucket).toBe("failed");
    expect(parts[0]?.width).toBeGreaterThanOrEqual(2);
    expect(parts.reduce((sum, part) => sum + part.width, 0)).toBeLessThanOrEqual(100);
  });
});

describe("statuses", () => {
  it("a node that max-errors stopped never ran and did not fail", () => {
    expect(bucketOf("failed", "Terminated")).toBe("not_run");
    expect(bucketOf("failed", "Undeliverable")).toBe("failed");
  });
  it("unknown statuses keep AWS's own text", () => expect(statusWords("Undecided")).toBe("Undecided"));
  it("a detail that repeats the status says nothing", () =>
    expect(detailWords("timed_out", "TimedOut")).toBeNull());
  it("says that a node was not reached", () =>
    expect(detailWords("timed_out", "DeliveryTimedOut")).toContain("not reached"));
});

describe("times", () => {
  const now = Date.parse("2026-11-23T09:41:07Z");
  it.each([
    [-4000, "4 s ago"],
    [-130_000, "2 min ago"],
    [-3 * 3600_000, "3 h ago"],
    [500, "just now"],
    [120_000, "in 2 min"],
  ])("%i ms reads %s", (by, words) => expect(age(now + by, now)).toBe(words));
  it("cuts days in the person's zone", () => {
    const at = Date.parse("2026-11-22T23:30:00Z");
    expect(dayHeading(at, now, "Europe/Berlin")).toBe("Today");
    expect(dayHeading(at, now, "UTC")).toBe("Yesterday");
  });
  it.each([
    [0, "less than 2 s"],
    [2, "2 s"],
    [119, "1 min"],
    [7200, "2 h"],
  ])("a wait of %i s reads %s", (seconds, words) => expect(waited(seconds)).toBe(words));
  it("shows years far away", () =>
    expect(exactUtc(Date.parse("2199-01-01T00:00:00Z"))).toBe("2199-01-01 00:00:00 UTC"));
});

describe("names", () => {
  it("shortens in the middle and never cuts a letter in two", () => {
    expect(shortId("i-0c4e81d2f03ab7791")).toBe("i-0c4e81…7791");
    expect(shortId("🔔".repeat(30))).toBe(`${"🔔".repeat(8)}…${"🔔".repeat(4)}`);
  });
  it("no name can reorder or hide the words around it", () => {
    expect(shown("\u202egnp\u0000\u001b")).toBe("\ufffdgnp\u2400\u241b");
    expect(shown("<b>x</b>")).toBe("<b>x</b>");
  });
  it("a reason that begins a line begins as a sentence, and a name stays as it is", () => {
    expect(sentence("no notification server runs")).toBe("No notification server runs");
    expect(sentence("sqs:ReceiveMessage was denied")).toBe("sqs:ReceiveMessage was denied");
    expect(sentence("watchbellctl status says more")).toBe("watchbellctl status says more");
  });
  it("a body keeps its lines", () => expect(shownBody("a\r\nb\u0007")).toBe("a\nb\u2407"));
});

describe("a subscription in words", () => {
  it("can be repaired where it does not hear, and where the words say so", () => {
    const raw = "press Repair in the window's settings or run watchbellctl subscribe again";
    expect(isRepairable({ state: "subscription_missing", hint: null })).toBe(true);
    expect(isRepairable({ state: "unchecked", hint: raw })).toBe(true);
    expect(isRepairable({ state: "unchecked", hint: "ask your administrator for: {}" })).toBe(false);
    expect(isRepairable({ state: "ok", hint: null })).toBe(false);
  });
  const now = Date.parse("2026-11-23T09:41:07Z");
  const last_completed_poll = "2026-11-23T09:41:03Z";
  it("hears", () => expect(hearing({ state: "ok", last_completed_poll }, now)).toBe("heard 4 s ago"));
  it("is deaf since", () =>
    expect(hearing({ state: "signed_out", last_completed_poll }, now)).toMatch(
      /^signed out since \d\d:\d\d$/,
    ));
  it("is deaf since an instant and not for an age, as the tray says it", () =>
    expect(deafTitle("ssm-notify", { state: "denied", last_completed_poll }, now)).toMatch(
      /^Cannot hear ssm-notify since \d\d:\d\d$/,
    ));
  it("is never called fine when it could not be checked", () =>
    expect(hearing({ state: "unchecked", last_completed_poll }, now)).toBe("heard 4 s ago, cannot check"));
});
