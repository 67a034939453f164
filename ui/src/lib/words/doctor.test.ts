import { describe, expect, it } from "vitest";
import type { DoctorCheck } from "../ipc/host";
import { checkText, fixParts, put, rest, staged, tally, verdict } from "./doctor";
import { checkedText, checkedWords, lineWords } from "./iam";

const check = (name: string, state: string, more: Partial<DoctorCheck> = {}): DoctorCheck => ({
  name,
  stage: "queue",
  topic_arn: null,
  state,
  found: state === "skipped" ? "" : `${name} was found`,
  reason: state === "skipped" ? "nobody looked" : null,
  fix: null,
  ...more,
});

describe("how an examination ended", () => {
  it("names what failed, and not more than a line takes", () => {
    expect(verdict([check("queue", "ok"), check("filter", "skipped")])).toBe("Nothing failed");
    expect(verdict([check("queue_policy", "failed")])).toBe("1 check failed: queue policy");
    const many = ["a", "b", "c", "d", "e"].map((name) => check(name, "failed"));
    expect(verdict(many)).toBe("5 checks failed: a, b, c and 2 more");
    const twice = [
      check("queue", "failed", { topic_arn: "x" }),
      check("queue", "failed", { topic_arn: "y" }),
    ];
    expect(verdict(twice), "a name is said once").toBe("2 checks failed: queue");
  });
  it("counts the rest", () => {
    expect(rest(tally([check("a", "ok"), check("b", "ok"), check("c", "failed")]))).toBe("2 ok");
    expect(rest(tally([check("a", "ok"), check("b", "skipped")]))).toBe("1 ok, 1 skipped");
  });
});

describe("the order of the checks", () => {
  it("is the way of a message, shared things first, each topic for itself", () => {
    const told = [
      check("queue", "ok", { topic_arn: "b" }),
      check("sts", "ok", { topic_arn: "b", stage: "network" }),
      check("queue", "ok", { topic_arn: "a" }),
      check("test_alert", "ok", { stage: "delivery" }),
      check("engine", "ok", { stage: "machine" }),
    ];
    const seen = staged(told).map((topic) => [topic.topicArn, topic.stages.map((stage) => stage.stage)]);
    expect(seen).toEqual([
      [null, ["machine", "delivery"]],
      ["b", ["network", "queue"]],
      ["a", ["queue"]],
    ]);
  });
  it("keeps one line for a check that is told twice", () => {
    const before = [check("topic", "failed", { topic_arn: "a" }), check("topic", "ok", { topic_arn: "b" })];
    const after = put(before, check("topic", "skipped", { topic_arn: "a" }));
    expect(after.map((one) => one.state)).toEqual(["skipped", "ok"]);
    expect(put(after, check("topic", "ok", { topic_arn: "c" }))).toHaveLength(3);
  });
});

describe("a fix", () => {
  const statement = '{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"arn:aws:sqs:x:1:q"}';
  it("has its statement to copy apart from its sentence", () => {
    expect(fixParts(`ask your administrator for: ${statement}`)).toEqual([
      { kind: "words", text: "ask your administrator for:" },
      { kind: "code", text: statement },
    ]);
  });
  it("has whole lines for the terminal to copy, and leaves sentences about programs alone", () => {
    expect(fixParts("For a command:\naws ssm send-command --region x\n\n").map((part) => part.kind)).toEqual([
      "words",
      "code",
    ]);
    expect(fixParts("watchbellctl subscribe --topic-arn x").map((part) => part.kind)).toEqual(["code"]);
    for (const text of [
      "run watchbellctl subscribe again: it sets them",
      "watchbellctl subscribe makes it again",
      'ask for: {"Effect" cut',
    ])
      expect(fixParts(text)).toEqual([{ kind: "words", text }]);
  });
  it("goes with its check to whoever mends it", () => {
    const text = checkText(check("queue_policy", "failed", { topic_arn: "arn:x", fix: "mend it" }));
    expect(text).toBe("arn:x\nqueue policy failed: queue_policy was found\nmend it");
    expect(checkText(check("a", "skipped"))).toBe("a skipped: nobody looked");
  });
});

describe("what the account has", () => {
  const line = (sid: string, state: string, more = {}) => ({
    sid,
    state,
    actions: [],
    resources: [],
    reason: null,
    fix: null,
    ...more,
  });
  const missing = line("Pass", "missing", {
    actions: ["iam:PassRole"],
    resources: ["arn:role"],
    fix: "add: {}",
  });
  it("is everything only when every statement is known to be there", () => {
    const of = (...lines: ReturnType<typeof line>[]) => ({ title: "Task 4", lines });
    expect(checkedWords({ documents: [of(line("A", "present"))] })).toBe("Everything is there");
    expect(checkedWords({ documents: [of(line("A", "present"), line("B", "cannot_look"))] })).toBe(
      "1 could not be looked at",
    );
    expect(
      checkedWords({ documents: [of(missing), of(line("B", "denied"), line("C", "cannot_look"))] }),
    ).toBe("2 missing or denied, 1 could not be looked at");
  });
  it("says what is missing on what, or why it is not known", () => {
    expect(lineWords(missing)).toBe("iam:PassRole on arn:role");
    expect(lineWords(line("A", "cannot_look", { reason: "AWS denied iam:GetRole" }))).toBe(
      "AWS denied iam:GetRole",
    );
    const documents = [
      { title: "Task 4", lines: [missing] },
      { title: "The topic", lines: [line("TopicExists", "present")] },
    ];
    expect(checkedText({ documents })).toBe(
      "Task 4\n  missing: Pass: iam:PassRole on arn:role\n    add: {}\n\nThe topic\n  there: TopicExists",
    );
  });
});
