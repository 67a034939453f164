// Rules and what they would have done, in words.
import type { RuleForm, Tried } from "../ipc/host";
import { number } from "./counts";

export const ROUTES = [
  { value: "loud", label: "Loud", explain: "It rings, as long as nothing else holds it back." },
  { value: "quiet", label: "Quiet", explain: "Tray and history only. It never rings." },
  { value: "mute", label: "Mute", explain: "History only. The tray does not count it." },
] as const;

export const FIELDS = ["document", "node", "status", "topic"] as const;
export type PatternField = (typeof FIELDS)[number];

/**
 * "inside a maintenance window, document AWS-RunPatch*, topic ssm-notify"; "every failure" where nothing is asked. The
 * window comes first: a long pattern may be cut off behind it, and it must not be.
 */
export function conditions(rule: RuleForm): string {
  const asked: string[] = FIELDS.filter((field) => rule[field]).map((field) => `${field} ${rule[field]}`);
  if (rule.window) asked.unshift(`${rule.window} a maintenance window`);
  return asked.length === 0 ? "every failure" : asked.join(", ");
}

/** Whether the rule fits every failure, so that no rule after it is asked. */
export function fitsAll(rule: RuleForm): boolean {
  return rule.enabled && !rule.window && FIELDS.every((field) => !rule[field] || rule[field] === "*");
}

export function amount(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "3 alerts instead of 412", "412 alerts, as now", "No alert instead of 412". */
export function headline({ before, after }: Pick<Tried, "before" | "after">): string {
  const now = after.alerts === 0 ? "No alert" : amount(after.alerts, "alert");
  return before.alerts === after.alerts ? `${now}, as now` : `${now} instead of ${number(before.alerts)}`;
}

const FATES: Record<string, string> = {
  rang: "rings",
  joined: "joins another alert",
  overflow: "joins the alert for many",
  digest: "goes into a digest",
  snoozed: "waits",
  quiet: "quiet",
  muted: "muted",
};

/** What becomes of a command, short enough to stand before and after an arrow. */
export function fate(outcome: string): string {
  return FATES[outcome] ?? outcome.replaceAll("_", " ");
}

/** How the four counts of a try are called, in the order in which they are shown. */
export const TALLY = [
  { key: "rang", label: "Ring on their own" },
  { key: "together", label: "Told together" },
  { key: "quiet", label: "Quiet" },
  { key: "muted", label: "Muted" },
] as const;

/**
 * The place that a refused file names ("Line 4, column 34: …"), as a range of the text for a selection. The column is
 * in bytes from 1, and it is where reading stopped: the end of what is wrong. Null where no place is named.
 */
export function placeIn(text: string, message: string): { from: number; to: number } | null {
  const told = /^Line (\d+), column (\d+):/.exec(message);
  if (!told) return null;
  const lines = text.split("\n");
  const at = Number(told[1]) - 1;
  const line = lines[at];
  if (line === undefined) return null;
  const start = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  const bytes = new TextEncoder().encode(line).slice(0, Number(told[2]));
  const before = new TextDecoder().decode(bytes).length;
  // The word that ends there says more than its last letter.
  const word = /["\w-]+$/.exec(line.slice(0, before))?.[0].length ?? 1;
  return { from: start + Math.max(0, before - word), to: start + before };
}
