// Whether the app can hear, in words and age, for one subscription.
import type { SubscriptionLine } from "../ipc/host";
import { age, clockTime, dayKey, dayTime, instant, MINUTE } from "./time";
import type { Mark } from "./status";

type Line = Pick<SubscriptionLine, "state" | "last_completed_poll">;
type Ending = Pick<SubscriptionLine, "signs_out">;

const STATE_WORDS: Record<string, string> = {
  connecting: "connecting",
  blind: "cannot hear",
  paused: "paused",
  signed_out: "signed out",
  denied: "access denied",
  queue_missing: "queue is gone",
  subscription_missing: "subscription is gone",
  unchecked: "cannot check",
};

const DEAF = new Set(["blind", "signed_out", "denied", "queue_missing", "subscription_missing"]);

/** Whether nothing, or not all, is heard until somebody does something. */
export function isDeaf(state: string): boolean {
  return DEAF.has(state);
}

/** Whether making it again can mend it: what is not heard, and what the words call to be repaired. */
export function isRepairable(line: Pick<SubscriptionLine, "state" | "hint">): boolean {
  return isDeaf(line.state) || (line.state === "unchecked" && /\bpress Repair\b/.test(line.hint ?? ""));
}

/** "heard 4 s ago", "signed out since 02:14", "connecting". */
export function hearing(line: Line, now: number): string {
  const at = instant(line.last_completed_poll);
  const heard = at === null ? null : `heard ${age(at, now)}`;
  if (line.state === "ok") return heard ?? "connecting";
  const words = STATE_WORDS[line.state] ?? line.state.replaceAll("_", " ");
  if (line.state === "unchecked") return heard === null ? words : `${heard}, ${words}`;
  if (isDeaf(line.state) && at !== null) return `${words} since ${since(at, now)}`;
  return words;
}

/** "signs out in 25 minutes", where that is near and only the person can prevent it; else null. */
export function signsOut({ signs_out }: Ending, now: number): string | null {
  const at = instant(signs_out);
  if (at === null) return null;
  const minutes = Math.ceil((at - now) / MINUTE);
  if (minutes < 1) return "signs out now";
  return `signs out in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

/** The same for a title: "Cannot hear ssm-notify since 02:14". */
export function deafTitle(name: string, line: Line, now: number): string {
  const at = instant(line.last_completed_poll);
  return `Cannot hear ${name}${at === null ? "" : ` since ${since(at, now)}`}`;
}

export function hearingMark(state: string): Mark {
  if (state === "ok") return "success";
  if (isDeaf(state)) return "blind";
  if (state === "paused") return "cancelled";
  if (state === "connecting") return "in_progress";
  return "other";
}

function since(at: number, now: number): string {
  return dayKey(at) === dayKey(now) ? clockTime(at).slice(0, 5) : dayTime(at);
}
