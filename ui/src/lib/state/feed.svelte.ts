// The list of commands as the person asked for it: which states, which words, which one is under the cursor.
import { problemOf, type CommandRow, type GapRow, type Host, type Problem } from "../ipc/host";
import { together, type Gap } from "../words/gap";
import { dayHeading, dayKey, instant } from "../words/time";
import { Paged } from "./paged.svelte";

export const FILTERS = [
  { key: "all", label: "All", status: [] },
  { key: "failing", label: "Failing", status: ["failed", "timed_out"] },
  { key: "running", label: "Running", status: ["pending", "in_progress"] },
  { key: "succeeded", label: "Succeeded", status: ["success"] },
  { key: "cancelled", label: "Cancelled", status: ["cancelled"] },
] as const;
export type FilterKey = (typeof FILTERS)[number]["key"];

export type Entry =
  | { kind: "day"; key: string; label: string }
  | { kind: "gap"; key: string; gap: Gap }
  | { kind: "command"; key: string; command: CommandRow; position: number };

/** Beyond this many rows a change is announced instead of moving the page under the reader. */
const REFRESH_ROWS = 400;

export class FeedState {
  filter = $state<FilterKey>("all");
  /** The search line as typed; `applied` is what the rows answer. */
  search = $state("");
  applied = $state("");
  searchProblem = $state.raw<Problem | null>(null);
  actProblem = $state.raw<Problem | null>(null);
  /** The command under the cursor, by id: rows move, ids stay. */
  cursor = $state<string | null>(null);
  /** The history changed while the reader was far down. */
  stale = $state(false);
  #gaps = $state.raw<readonly GapRow[]>([]);
  readonly list: Paged<CommandRow>;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.list = new Paged((after, limit) => this.#fetch(after, limit));
  }

  async #fetch(after: string | null, limit: number) {
    const status = FILTERS.find((filter) => filter.key === this.filter)?.status ?? [];
    const search = this.applied.trim();
    try {
      const page = await this.#host.feed({ status: [...status], search: search || null, after, limit });
      this.searchProblem = null;
      return page;
    } catch (thrown) {
      const problem = problemOf(thrown);
      // A search line that cannot be read is the reader's to mend; the rows of before stay.
      if (problem.code === "usage" && search) {
        this.searchProblem = problem;
        return { rows: [...this.list.rows], next: null };
      }
      throw thrown;
    }
  }

  get filtered(): boolean {
    return this.filter !== "all" || this.applied.trim() !== "";
  }

  async load(): Promise<void> {
    this.stale = false;
    await this.list.load();
    await this.#loadGaps();
  }

  async #loadGaps(): Promise<void> {
    try {
      this.#gaps = await this.#host.gaps();
    } catch {
      // The history that cannot be read is told of by its rows; old gaps stay with old rows.
    }
  }

  /** The gaps among the rows that are there. A list of what was searched for has none. */
  get gaps(): Gap[] {
    if (this.filtered) return [];
    const { rows, next } = this.list;
    const oldest = next === null ? null : (instant(rows.at(-1)?.updated_at) ?? 0);
    return together(this.#gaps).filter((gap) => oldest === null || gap.to >= oldest);
  }

  async setFilter(filter: FilterKey): Promise<void> {
    this.filter = filter;
    await this.load();
  }

  /** Asks with the line as typed. Old rows stay until the answer is there. */
  async applySearch(): Promise<void> {
    if (this.search === this.applied) return;
    this.applied = this.search;
    this.searchProblem = null;
    this.stale = false;
    await this.list.load(false);
  }

  async clear(): Promise<void> {
    this.filter = "all";
    this.search = "";
    this.applied = "";
    this.searchProblem = null;
    await this.load();
  }

  /** The history changed; `seen` is how many rows reach to the end of what is on screen. */
  async changed(seen: number): Promise<void> {
    if (this.searchProblem) return;
    if (seen > REFRESH_ROWS) {
      this.stale = true;
      return;
    }
    await this.list.refresh(seen);
    await this.#loadGaps();
  }

  async acknowledge(id: string | null): Promise<boolean> {
    this.actProblem = null;
    try {
      await this.#host.acknowledge(id);
      this.list.patch((row) => (id === null || row.command_id === id ? { ...row, acknowledged: true } : row));
      return true;
    } catch (thrown) {
      this.actProblem = problemOf(thrown);
      return false;
    }
  }

  async simulate(): Promise<void> {
    this.actProblem = null;
    try {
      await this.#host.simulate();
    } catch (thrown) {
      this.actProblem = problemOf(thrown);
    }
  }

  get current(): CommandRow | null {
    return this.list.rows.find((row) => row.command_id === this.cursor) ?? null;
  }

  /** Moves the cursor by rows; from nowhere it lands on the first. Returns the command it is on. */
  move(by: number): CommandRow | null {
    const { rows } = this.list;
    if (rows.length === 0) return null;
    const at = rows.findIndex((row) => row.command_id === this.cursor);
    const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1);
    const row = rows[to] ?? null;
    this.cursor = row?.command_id ?? null;
    return row;
  }
}

/** Rows and gaps with a heading before each day, as the person's zone cuts days. A gap stands where it ended. */
export function withDays(
  rows: readonly CommandRow[],
  now: number,
  timeZone?: string,
  gaps: readonly Gap[] = [],
): Entry[] {
  const entries: Entry[] = [];
  let day = "";
  const put = (at: number, entry: Entry) => {
    const key = dayKey(at, timeZone);
    if (key !== day) {
      day = key;
      entries.push({
        kind: "day",
        key: `day ${key} ${entries.length}`,
        label: dayHeading(at, now, timeZone),
      });
    }
    entries.push(entry);
  };
  let waiting = 0;
  const putGaps = (until: number) => {
    for (let gap = gaps[waiting]; gap && gap.to >= until; gap = gaps[++waiting]) {
      put(gap.to, { kind: "gap", key: gap.key, gap });
    }
  };
  rows.forEach((command, position) => {
    const at = instant(command.updated_at) ?? 0;
    putGaps(at);
    put(at, { kind: "command", key: command.command_id, command, position });
  });
  putGaps(Number.NEGATIVE_INFINITY);
  return entries;
}
