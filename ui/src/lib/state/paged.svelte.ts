// A keyset-paged list: the first page, more at the end, and a refresh that never mixes two answers.
// Invariant: `rows` is one contiguous run from the top, and an overtaken answer is dropped.
import { problemOf, type Page, type Problem } from "../ipc/host";

export type Fetch<T> = (after: string | null, limit: number) => Promise<Page<T>>;
export type Phase = "idle" | "loading" | "ready" | "error";

const PAGE = 100;
/** A skeleton that flashes for a moment is worse than none. */
export const SLOW_MS = 200;

export class Paged<T> {
  rows = $state.raw<readonly T[]>([]);
  next = $state.raw<string | null>(null);
  phase = $state<Phase>("idle");
  /** Loading has gone on long enough to show it. */
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** The end of the list could not be fetched; what is above stays. */
  moreProblem = $state.raw<Problem | null>(null);
  #generation = 0;
  #fetchingMore = false;
  /** A change came while loading: the answer under way may be older than it. Holds how many rows to cover. */
  #changed: number | null = null;
  readonly #fetch: Fetch<T>;

  constructor(fetch: Fetch<T>) {
    this.#fetch = fetch;
  }

  /** Starts anew from the top, as after another question. Old rows go only when `clear`. */
  async load(clear = true): Promise<void> {
    const mine = ++this.#generation;
    this.#fetchingMore = false;
    this.#changed = null;
    if (clear) {
      this.rows = [];
      this.next = null;
    }
    this.phase = "loading";
    this.problem = null;
    this.moreProblem = null;
    this.slow = false;
    const timer = setTimeout(() => {
      if (mine === this.#generation) this.slow = true;
    }, SLOW_MS);
    try {
      const page = await this.#fetch(null, PAGE);
      if (mine !== this.#generation) return;
      this.#take(page.rows, page.next);
    } catch (thrown) {
      if (mine !== this.#generation) return;
      this.problem = problemOf(thrown);
      this.phase = "error";
    } finally {
      clearTimeout(timer);
      if (mine === this.#generation) this.slow = false;
    }
    if (mine === this.#generation && this.#changed !== null) await this.refresh(this.#changed);
  }

  /** Fetches the page after the last row, if there is one and none is under way. */
  async more(): Promise<void> {
    if (this.phase !== "ready" || this.next === null || this.#fetchingMore) return;
    const mine = this.#generation;
    this.#fetchingMore = true;
    this.moreProblem = null;
    try {
      const page = await this.#fetch(this.next, PAGE);
      if (mine !== this.#generation) return;
      this.#take([...this.rows, ...page.rows], page.next);
    } catch (thrown) {
      if (mine === this.#generation) this.moreProblem = problemOf(thrown);
    } finally {
      if (mine === this.#generation) this.#fetchingMore = false;
    }
  }

  /**
   * Fetches anew what covers the first `cover` rows; the rest is dropped and comes back by scrolling.
   * Keeps the old rows on screen meanwhile, and keeps them when it fails.
   */
  async refresh(cover: number): Promise<void> {
    if (this.phase === "loading") {
      this.#changed = Math.max(cover, this.#changed ?? 0);
      return;
    }
    this.#changed = null;
    if (this.phase === "error") return this.load();
    const mine = ++this.#generation;
    this.#fetchingMore = false;
    const rows: T[] = [];
    let after: string | null = null;
    try {
      do {
        const page: Page<T> = await this.#fetch(after, PAGE);
        if (mine !== this.#generation) return;
        rows.push(...page.rows);
        after = page.next;
      } while (after !== null && rows.length < cover);
      this.#take(rows, after);
    } catch (thrown) {
      if (mine === this.#generation) this.moreProblem = problemOf(thrown);
    }
  }

  #take(rows: readonly T[], next: string | null): void {
    this.rows = rows;
    this.next = next ?? null;
    this.phase = "ready";
    this.problem = null;
    this.moreProblem = null;
  }

  /** Changes rows in place, as after an act of the person's own that needs no new answer. */
  patch(change: (row: T) => T): void {
    this.rows = this.rows.map(change);
  }
}
