// A command in one line, saying no more than was heard: "of 200" only when the number of targets is known,
// and never that a command succeeded unless all of them did.
import type { CommandRow, Counts } from "../ipc/host";
import { BUCKETS, statusWords, type Bucket } from "./status";

type Told = Pick<CommandRow, "counts" | "target_count" | "nodes_heard" | "levels" | "status" | "state">;

const TROUBLE: readonly Bucket[] = ["failed", "timed_out", "not_run", "cancelled", "other"];

/** "7 failed, 5 timed out of 200", "running, 12 of 40 done", "200 of 200 succeeded", "failed, nodes not reported". */
export function summary(command: Told): string {
  const { counts } = command;
  if (command.nodes_heard === 0) return `${statusWords(command.status ?? command.state)}, nodes not reported`;
  const trouble = TROUBLE.filter((bucket) => counts[bucket] > 0).map((bucket) => amount(bucket, counts));
  const running = counts.in_progress + counts.pending;
  if (trouble.length > 0) {
    const rest = running > 0 ? `, ${number(running)} running` : "";
    return `${trouble.join(", ")}${rest} ${total(command)}${levelNote(command)}`;
  }
  if (running > 0) return `running, ${number(counts.success)} ${total(command)} done${levelNote(command)}`;
  return `${number(counts.success)} ${total(command)} succeeded${levelNote(command)}`;
}

/** "of 200" when the number of targets is known, else "of 148 heard from". */
export function total(command: Pick<CommandRow, "target_count" | "nodes_heard">): string {
  if (command.target_count !== null && command.target_count !== undefined)
    return `of ${number(command.target_count)}`;
  return `of ${number(command.nodes_heard)} heard from`;
}

const TERMINAL = new Set(["success", "failed", "timed_out", "cancelled"]);

/** Whether it is over: its own level says so, or all of its known targets do. Unknown is not over. */
export function ended(command: Told): boolean {
  if (command.status !== null && TERMINAL.has(command.status)) return true;
  const { pending, in_progress, other } = command.counts;
  const done = command.nodes_heard - pending - in_progress - other;
  return command.target_count !== null && command.target_count > 0 && done >= command.target_count;
}

export function number(value: number): string {
  return value.toLocaleString("en-US").replaceAll(",", "\u202f");
}

function amount(bucket: Bucket, counts: Counts): string {
  return `${number(counts[bucket])} ${statusWords(bucket)}`;
}

// The command level may say worse than its nodes; a line that hid it would look healthy.
function levelNote(command: Told): string {
  const worse = command.status === "failed" || command.status === "timed_out";
  if (!worse || command.counts.failed + command.counts.timed_out + command.counts.not_run > 0) return "";
  return `; the command itself ${statusWords(command.status ?? "")}`;
}

export interface Segment {
  bucket: Bucket;
  /** Start and width in percent of the bar. */
  start: number;
  width: number;
}

/** The bar of a command: what came to an end, worst first. `whole` tells whether its length is all targets. */
export function segments(command: Pick<CommandRow, "counts" | "target_count" | "nodes_heard">): {
  parts: Segment[];
  whole: boolean;
} {
  const known = command.target_count ?? 0;
  const length = Math.max(known, command.nodes_heard);
  const parts: Segment[] = [];
  let start = 0;
  if (length > 0) {
    for (const bucket of BUCKETS) {
      if (bucket === "pending" || bucket === "in_progress") continue;
      // One failed node of 5,000 must still be seen.
      const width = command.counts[bucket] === 0 ? 0 : Math.max((command.counts[bucket] / length) * 100, 2);
      if (width > 0) parts.push({ bucket, start, width: Math.min(width, 100 - start) });
      start += width;
    }
  }
  return { parts: parts.filter((part) => part.width > 0), whole: known > 0 };
}
