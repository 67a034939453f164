import { describe, expect, it } from "vitest";
import type { CommandRow, GapRow } from "../ipc/host";
import { withDays } from "../state/feed.svelte";
import { fate, silence, together } from "./gap";

const UTC = "UTC";
const gap = (from: string, to: string, more: Partial<GapRow> = {}): GapRow => ({
  topic_arn: "arn:aws:sns:eu-central-1:123456789012:patches",
  from,
  to,
  reason: "sleep",
  may_have_lost: false,
  ...more,
});
const night = gap("2026-11-22T18:02:31Z", "2026-11-23T08:55:02Z");

describe("gap", () => {
  it("says when, why and what became of the messages", () => {
    const [asleep] = together([night]);
    expect(silence(asleep!, UTC)).toBe("Not listening from 22 Nov 2026, 18:02 to 08:55 (asleep)");
    expect(fate(asleep!)).toBe("Messages waited in the queue");
    const [lunch] = together([gap("2026-11-23T12:00:00Z", "2026-11-23T12:40:00Z", { reason: "blind" })]);
    expect(silence(lunch!, UTC)).toBe("Not listening from 12:00 to 12:40 (Watchbell could not hear)");
  });
  it("never calls safe what may be lost or is not known", () => {
    const of = (may_have_lost: boolean | null) => fate(together([{ ...night, may_have_lost }])[0]!);
    expect(of(true)).toBe("Messages may have been lost");
    expect(of(null)).toContain("not known");
  });
  it("tells one silence of several topics once, with the worst of them", () => {
    const other = gap("2026-11-22T18:02:40Z", "2026-11-23T08:55:10Z", {
      topic_arn: "b",
      may_have_lost: null,
    });
    const told = together([other, night, gap("2026-11-20T18:00:00Z", "2026-11-21T08:00:00Z")]);
    expect(told.map((one) => one.mayHaveLost)).toEqual([null, false]);
  });
  it("keeps a reason that this window does not know out of the words", () => {
    const [strange] = together([{ ...night, reason: "<b>" }]);
    expect(silence(strange!, UTC)).not.toContain("<b>");
  });
  it("reads a broken time as no gap", () => {
    expect(together([gap("", "2026-11-23T08:55:02Z")])).toEqual([]);
  });
});

describe("withDays", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const row = (id: string, updated_at: string) => ({ command_id: id, updated_at }) as CommandRow;
  const kinds = (rows: CommandRow[], gaps: GapRow[]) =>
    withDays(rows, now, UTC, together(gaps)).map((entry) =>
      entry.kind === "day" ? entry.label : entry.kind === "gap" ? "gap" : entry.key,
    );
  it("puts a gap where it ended: above what happened while nobody listened", () => {
    const rows = [row("after", "2026-11-23T09:30:00Z"), row("during", "2026-11-23T02:00:00Z")];
    expect(kinds(rows, [night])).toEqual(["Today", "after", "gap", "during"]);
  });
  it("gives a gap the heading of its own day", () => {
    const rows = [row("before", "2026-11-22T10:00:00Z")];
    expect(kinds(rows, [night])).toEqual(["Today", "gap", "Yesterday", "before"]);
  });
  it("keeps the place of each command in the list", () => {
    const entries = withDays(
      [row("a", "2026-11-23T09:30:00Z"), row("b", "2026-11-23T02:00:00Z")],
      now,
      UTC,
      together([night]),
    );
    const places = entries.flatMap((entry) => (entry.kind === "command" ? [entry.position] : []));
    expect(places).toEqual([0, 1]);
  });
});
