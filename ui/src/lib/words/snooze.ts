// Snooze in words. Pure: now and the zone are arguments, except that "08:00" is of the machine's own zone.
import { clockTime, dayKey, dayTime } from "./time";

const MINUTE = 60_000;
const MORNING = 8;

export interface SnoozeChoice {
  label: string;
  minutes: number;
}

/** The times for which one may snooze. In the small hours the morning meant is the one that comes. */
export function snoozeChoices(now: number): SnoozeChoice[] {
  const morning = new Date(now);
  morning.setHours(MORNING, 0, 0, 0);
  const today = morning.getTime() - now >= 60 * MINUTE;
  if (!today) {
    morning.setDate(morning.getDate() + 1);
    morning.setHours(MORNING, 0, 0, 0);
  }
  return [
    { label: "30 min", minutes: 30 },
    { label: "1 h", minutes: 60 },
    { label: "4 h", minutes: 240 },
    {
      label: today ? "Until 08:00" : "Until tomorrow 08:00",
      minutes: Math.ceil((morning.getTime() - now) / MINUTE),
    },
  ];
}

/** "14:30", "tomorrow 08:00", "25 Nov 2026, 08:00". */
export function untilWords(at: number, now: number, timeZone?: string): string {
  const time = clockTime(at, timeZone).slice(0, 5);
  const day = dayKey(at, timeZone);
  if (day === dayKey(now, timeZone)) return time;
  if (day === dayKey(now + 24 * 60 * MINUTE, timeZone)) return `tomorrow ${time}`;
  return dayTime(at, timeZone);
}
