// Instants as a person reads them. Pure: `now` and the zone are arguments; nothing here reads a clock.

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The instant of an RFC 3339 text in ms since the epoch, or null where it is missing or unreadable. */
export function instant(text: string | null | undefined): number | null {
  if (!text) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** The RFC 3339 text of an instant. */
export function rfc3339(at: number): string {
  return new Date(at).toISOString();
}

/** "4 s ago", "2 min ago", "3 h ago", "5 d ago". Clocks that differ a little never read as the future. */
export function age(at: number, now: number): string {
  const past = now - at;
  if (past < -MINUTE) return `in ${span(-past)}`;
  if (past < SECOND) return "just now";
  return `${span(past)} ago`;
}

/** A length of time in its greatest unit, rounded down: "45 s", "12 min", "6 h", "3 d". */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** How long a message waited, no finer than two clocks allow: "less than 2 s", "45 s", "12 min". */
export function waited(seconds: number): string {
  return seconds < 2 ? "less than 2 s" : span(seconds * SECOND);
}

/** The exact time in the person's zone: "Mon 23 Nov 2026, 10:41:07 GMT+1". */
export function exactLocal(at: number, timeZone?: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
    timeZoneName: "short",
    timeZone,
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const date = `${of("weekday")} ${of("day")} ${of("month")} ${of("year")}`;
  return `${date}, ${of("hour")}:${of("minute")}:${of("second")} ${of("timeZoneName")}`;
}

/** The exact time in UTC, to the second: "2026-11-23 09:41:07 UTC". */
export function exactUtc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** The time of day: "10:41:07". */
export function clockTime(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", hour12: false, timeZone }).format(at);
}

/** The time of day without seconds: "10:41". */
export function timeOfDay(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "short", hour12: false, timeZone }).format(at);
}

/** Day and time of day without seconds: "23 Nov 2026, 10:41". */
export function dayTime(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone,
  }).format(at);
}

/** A key that is equal for instants of one day in the zone: "2026-11-23". */
export function dayKey(at: number, timeZone?: string): string {
  return dayKeyFormat(timeZone).format(at);
}

// Formatters are costly to make and a feed of 10,000 rows asks for 10,000 keys.
const dayKeyFormats = new Map<string | undefined, Intl.DateTimeFormat>();
function dayKeyFormat(timeZone?: string): Intl.DateTimeFormat {
  let format = dayKeyFormats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone });
    dayKeyFormats.set(timeZone, format);
  }
  return format;
}

/** The heading of a day: "Today", "Yesterday", "Saturday 21 November", with the year when it is another. */
export function dayHeading(at: number, now: number, timeZone?: string): string {
  const key = dayKey(at, timeZone);
  const today = dayKey(now, timeZone);
  if (key === today) return "Today";
  if (key === previousDay(today)) return "Yesterday";
  const sameYear = key.slice(0, 4) === today.slice(0, 4);
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: sameYear ? undefined : "numeric",
    timeZone,
  })
    .format(at)
    .replace(",", "");
}

function previousDay(key: string): string {
  return new Date(Date.parse(`${key}T12:00:00Z`) - DAY).toISOString().slice(0, 10);
}
