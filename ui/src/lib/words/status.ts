// What a status is called, and which mark it wears. Unknown statuses keep AWS's own text.
import type { Counts } from "../ipc/host";

/** The shapes that components/StatusMark.svelte can draw. */
export type Mark =
  | "failed"
  | "timed_out"
  | "not_run"
  | "cancelled"
  | "in_progress"
  | "pending"
  | "success"
  | "other"
  | "blind";

export type Bucket = keyof Counts;

/** Worst first: the order of nodes on a command's page and of segments in a bar. */
export const BUCKETS: readonly Bucket[] = [
  "failed",
  "timed_out",
  "not_run",
  "cancelled",
  "other",
  "in_progress",
  "pending",
  "success",
];

const STATUS_WORDS: Record<string, string> = {
  pending: "pending",
  in_progress: "running",
  success: "succeeded",
  failed: "failed",
  timed_out: "timed out",
  cancelled: "cancelled",
  not_run: "not run",
  other: "unknown",
};

/** "timed out" for `timed_out`; AWS's own text for what is unknown. */
export function statusWords(status: string): string {
  return STATUS_WORDS[status] ?? status;
}

export function markOf(status: string): Mark {
  return status in STATUS_WORDS ? (status as Mark) : "other";
}

export function isFailing(status: string): boolean {
  return status === "failed" || status === "timed_out";
}

/** The bucket of one node. Failed with the detail Terminated never ran: max-errors stopped the command first. */
export function bucketOf(status: string, detail: string | null): Bucket {
  if (status === "failed" && squeeze(detail) === "terminated") return "not_run";
  return status in STATUS_WORDS ? (status as Bucket) : "other";
}

const DETAIL_WORDS: Record<string, string> = {
  terminated: "not run: stopped by max-errors",
  undeliverable: "not reached",
  deliverytimedout: "not reached in time",
  executiontimedout: "ran over its time",
  noninteractive: "not interactive",
  invalidplatform: "wrong platform for this document",
  accessdenied: "access denied on the node",
  incomplete: "incomplete: max-errors or the time-out was reached",
  ratexceeded: "stopped: max-errors exceeded",
  rateexceeded: "stopped: max-errors exceeded",
  noinstancesintag: "no node has this tag",
  delayed: "delayed",
};

/**
 * The detail of AWS (`detailedStatus`) in words, or null where it only repeats the status.
 * Values: SSM User Guide, "Understanding command statuses".
 */
export function detailWords(status: string, detail: string | null | undefined): string | null {
  const key = squeeze(detail);
  if (!key || key === squeeze(status)) return null;
  return DETAIL_WORDS[key] ?? detail ?? null;
}

function squeeze(text: string | null | undefined): string {
  return (text ?? "").toLowerCase().replace(/[^a-z]/g, "");
}
