// The words of the doctor: what a check is called, how an examination ended, and which part of a fix is to be copied.
import type { DoctorCheck } from "../ipc/host";
import { amount } from "./rules";
import type { Mark } from "./status";

/** The stages in the order of a message's way, as the report's text calls them. */
export const STAGES = [
  { key: "machine", label: "This machine" },
  { key: "network", label: "The way to AWS" },
  { key: "identity", label: "Identity" },
  { key: "topic", label: "Topic" },
  { key: "queue", label: "Queue" },
  { key: "subscription", label: "Subscription" },
  { key: "permissions", label: "Permissions" },
  { key: "delivery", label: "Delivery" },
] as const;

/** "topic policy" of `topic_policy`. */
export function checkName(name: string): string {
  return name.replaceAll("_", " ");
}

export function checkMark(state: string): Mark {
  if (state === "ok") return "success";
  return state === "failed" ? "failed" : "pending";
}

export interface Tally {
  failed: number;
  skipped: number;
  ok: number;
}

export function tally(checks: readonly Pick<DoctorCheck, "state">[]): Tally {
  const count = (state: string) => checks.filter((check) => check.state === state).length;
  return { failed: count("failed"), skipped: count("skipped"), ok: count("ok") };
}

/** "1 check failed: queue", "Nothing failed". */
export function verdict(checks: readonly Pick<DoctorCheck, "name" | "state">[]): string {
  const failed = checks.filter((check) => check.state === "failed");
  if (failed.length === 0) return "Nothing failed";
  const names = [...new Set(failed.map((check) => checkName(check.name)))];
  const told =
    names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return `${amount(failed.length, "check")} failed: ${told}`;
}

/** "18 ok, 2 skipped". */
export function rest({ ok, skipped }: Tally): string {
  return [`${ok} ok`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");
}

export interface StageChecks {
  stage: string;
  label: string;
  checks: DoctorCheck[];
}
export interface TopicChecks {
  /** Null for what all topics share. */
  topicArn: string | null;
  stages: StageChecks[];
}

/** The checks under their topics and stages: first what is shared, then each topic as it came, stages in the order of the way. */
export function staged(checks: readonly DoctorCheck[]): TopicChecks[] {
  const topics = [...new Set(checks.map((check) => check.topic_arn))];
  topics.sort((a, b) => Number(a !== null) - Number(b !== null));
  return topics.map((topicArn) => ({
    topicArn,
    stages: STAGES.map(({ key, label }) => ({
      stage: key,
      label,
      checks: checks.filter((check) => check.topic_arn === topicArn && check.stage === key),
    })).filter((stage) => stage.checks.length > 0),
  }));
}

/** A check that was told again takes the place of the one before. */
export function put(checks: readonly DoctorCheck[], check: DoctorCheck): DoctorCheck[] {
  const same = (held: DoctorCheck) => held.name === check.name && held.topic_arn === check.topic_arn;
  return checks.some(same) ? checks.map((held) => (same(held) ? check : held)) : [...checks, check];
}

export interface Part {
  kind: "words" | "code";
  text: string;
}

/** A whole line for a terminal; "watchbellctl subscribe makes it again" is a sentence. */
const LINE = /^(aws|watchbellctl) [a-z0-9-]+( [a-z0-9-]+)? --/;

/** A fix in sentences, and in what one pastes: a line for a terminal, or a statement for the administrator. */
export function fixParts(fix: string): Part[] {
  return fix.split("\n").flatMap((line): Part[] => {
    const text = line.trim();
    if (text === "") return [];
    if (LINE.test(text)) return [{ kind: "code", text }];
    const [, before = "", code = ""] = /^(.*?): (\{".*\})$/.exec(text) ?? [];
    if (!before || !isJson(code)) return [{ kind: "words", text }];
    return [
      { kind: "words", text: `${before}:` },
      { kind: "code", text: code },
    ];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One check as text for whoever mends it. */
export function checkText(check: DoctorCheck): string {
  const topic = check.topic_arn === null ? [] : [check.topic_arn];
  const said = `${checkName(check.name)} ${check.state}: ${check.reason ?? check.found}`;
  return [...topic, said, ...(check.fix ? [check.fix] : [])].join("\n");
}
