// Quiet hours in words, and times of day as people type them.
import type { QuietSpan } from "../ipc/host";

export const DAYS = [
  { key: "mon", short: "Mon", name: "Monday" },
  { key: "tue", short: "Tue", name: "Tuesday" },
  { key: "wed", short: "Wed", name: "Wednesday" },
  { key: "thu", short: "Thu", name: "Thursday" },
  { key: "fri", short: "Fri", name: "Friday" },
  { key: "sat", short: "Sat", name: "Saturday" },
  { key: "sun", short: "Sun", name: "Sunday" },
] as const;

/** "22:00" of "22:00:00", "22", "2200", "9:30" or "9.30"; null of what is no time of day. */
export function readTime(text: string): string | null {
  const told = /^(\d{1,2})(?:[:.h ]?(\d{2}))?(?::\d{2})?$/.exec(text.trim());
  if (!told) return null;
  const [hour, minute] = [Number(told[1]), Number(told[2] ?? 0)];
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** Whether the span ends on the day after it began. */
export function crosses(span: Pick<QuietSpan, "from" | "to">): boolean {
  return span.to <= span.from;
}

/** "Monday to Friday", "Saturday and Sunday", "Every day", "Monday, Wednesday and Friday". */
export function daysWords(days: readonly string[]): string {
  const chosen = DAYS.map((day, at) => ({ ...day, at })).filter((day) => days.includes(day.key));
  const [first, last] = [chosen[0], chosen.at(-1)];
  if (!first || !last) return "No day";
  if (chosen.length === 7) return "Every day";
  if (chosen.length > 2 && last.at - first.at === chosen.length - 1) return `${first.name} to ${last.name}`;
  const names = chosen.map((day) => day.name);
  return names.length === 1 ? first.name : `${names.slice(0, -1).join(", ")} and ${last.name}`;
}

/** "Monday to Friday from 22:00 until 07:00 the next day". */
export function spanWords(span: QuietSpan): string {
  const [from, to] = [readTime(span.from) ?? span.from, readTime(span.to) ?? span.to];
  if (from === to && from === "00:00") return `${daysWords(span.days)}, the whole day`;
  return `${daysWords(span.days)} from ${from} until ${to}${crosses({ from, to }) ? " the next day" : ""}`;
}

/** The patterns of one line of text: no name holds a space. */
export function readPatterns(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
