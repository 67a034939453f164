import { expect, test } from "vitest";
import type { StepRow } from "../ipc/host";
import {
  endWords,
  isArn,
  leftoverWords,
  removalWords,
  listenersWords,
  liveSteps,
  profileWords,
  receiptText,
  signInWords,
  stepState,
} from "./setup";

test("a profile says how it gets its credentials, or why it cannot", () => {
  const profile = { source: null, trouble: null };
  expect(profileWords({ ...profile, kind: "sso" })).toBe("IAM Identity Center");
  expect(profileWords({ ...profile, kind: "role", source: "base" })).toBe("role through base");
  expect(profileWords({ ...profile, kind: "unusable", trouble: "it has no credentials" })).toBe(
    "it has no credentials",
  );
  expect(profileWords({ ...profile, kind: "of_the_future" })).toBe("of_the_future");
});

test("rights are named, never a secret", () => {
  expect(signInWords({ kind: "profile", name: "acme" })).toBe("profile acme");
  expect(signInWords({ kind: "profile", name: null })).toBe("credentials of the environment");
  expect(signInWords({ kind: "access_key", id: "AKIA1" })).toBe(
    "access key AKIA1, its secret in the keychain",
  );
});

const step = (name: string, state: string): StepRow => ({ name, state, detail: "" });

test("the first step that was not heard of is the one under way, unless one failed", () => {
  const states = (rows: StepRow[]) => rows.map((row) => row.state);
  expect(states(liveSteps([], true))).toEqual(["running", ...Array(6).fill("waiting")]);
  expect(
    states(liveSteps([step("identity", "unchanged"), step("topic", "unchanged")], true)).slice(0, 4),
  ).toEqual(["unchanged", "unchanged", "running", "waiting"]);
  const failed = [step("queue", "done"), step("policy", "failed"), step("queue", "undone")];
  expect(states(liveSteps(failed, true)).slice(2, 4)).toEqual(["undone", "failed"]);
  expect(states(liveSteps(failed, true))).not.toContain("running");
});

test("what is found is not called written", () => {
  expect(stepState(step("topic", "unchanged"))).toBe("found");
  expect(stepState(step("queue", "unchanged"))).toBe("as it should be");
  expect(stepState(step("queue", "undone"))).toBe("taken back");
});

test("who else gets a test message is said in numbers, and not knowing is said too", () => {
  expect(listenersWords(0, "t")).toBe("Nobody else is subscribed to t.");
  expect(listenersWords(1, "t")).toContain("1 other subscription of t gets it, too");
  expect(listenersWords(3, "t")).toContain("3 other subscriptions of t get it, too");
  expect(listenersWords(null, "t")).toContain("could not be read");
});

test("the end of a run says whether anything stayed", () => {
  const problem = { code: "no", message: "m", hint: "h" };
  const of = (steps: StepRow[], failed: boolean) =>
    endWords({ steps, risks: [], refused: false, problem: failed ? problem : null });
  expect(of([step("queue", "done")], false)).toBe("Subscribed");
  expect(of([step("queue", "undone")], true)).toBe("It failed, and what was made was taken back");
  expect(of([step("queue", "failed")], true)).toBe("It failed");
});

test("a receipt as text has every part with its reason", () => {
  const text = receiptText({
    at: "2026-03-01T09:00:00Z",
    removed: ["the subscription a"],
    kept: ["the queue b, which an administrator made"],
    left: [{ what: "the queue c", problem: { code: "aws_refused", message: "denied", hint: "ask" } }],
    forgotten: ["the secret of the access key d"],
    by_hand: ["aws sqs delete-queue"],
  });
  expect(text).toBe(
    "Watchbell receipt, 2026-03-01T09:00:00Z\nRemoved:\n  the subscription a\nKept:\n  the queue b, which an administrator made\nLeft the keychain:\n  the secret of the access key d\nNot removed:\n  the queue c: denied\n    ask\nWhat is still in AWS is removed with:\n  aws sqs delete-queue",
  );
});

test("a queue left over says whose machine it was", () => {
  expect(leftoverWords({ host: "old", here: false })).toBe("Made on old");
  expect(leftoverWords({ host: "here", here: true })).toBe("Made on here, this machine");
});

test("removing a queue that was read lately is asked for in stronger words", () => {
  const of = (here: boolean, fresh: boolean) => removalWords({ host: "desktop", here, fresh });
  expect(of(false, true)).toContain("a Watchbell on desktop is most likely hearing by it");
  expect(of(false, false)).toContain("If Watchbell still runs there");
  expect(of(true, false)).not.toContain("Watchbell");
});

test("an ARN is told from a part of a name", () => {
  expect(isArn("  ARN:aws:sns")).toBe(true);
  expect(isArn("darn:it")).toBe(false);
});
