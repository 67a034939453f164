// The runs of maintenance windows around now, the windows that were typed in, and where runs are known from.
import { problemOf, type Host, type Problem, type WindowsPage } from "../ipc/host";
import { rfc3339 } from "../words/time";
import { spanOf, type Span } from "../words/timeline";
import { SLOW_MS, type Phase } from "./paged.svelte";

/** How many days the timeline shows. */
export const RANGES = [
  { value: 1, label: "Day" },
  { value: 3, label: "3 days" },
  { value: 7, label: "Week" },
  { value: 28, label: "4 weeks" },
] as const;
export type Range = (typeof RANGES)[number]["value"];

export class WindowsState {
  page = $state.raw<WindowsPage | null>(null);
  /** The time that `page` is about. */
  span = $state.raw<Span>({ from: 0, to: 1 });
  phase = $state<Phase>("idle");
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  actProblem = $state.raw<Problem | null>(null);
  /** Of three days, so that the cutoff of a window of a few hours can be seen. */
  range = $state<Range>(3);
  /** How many ranges the timeline is away from today. */
  shift = $state(0);
  #asked = 0;
  readonly #host: Host;
  readonly #now: () => number;

  constructor(host: Host, now: () => number) {
    this.#host = host;
    this.#now = now;
  }

  get empty(): boolean {
    return (
      this.page !== null && this.shift === 0 && this.page.runs.length === 0 && this.page.typed.length === 0
    );
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    const span = spanOf(this.#now(), this.range, this.shift);
    if (this.page === null) this.phase = "loading";
    const timer = setTimeout(() => {
      if (asked === this.#asked) this.slow = this.page === null;
    }, SLOW_MS);
    try {
      const page = await this.#host.windows(rfc3339(span.from), rfc3339(span.to));
      if (asked !== this.#asked) return;
      this.page = page;
      this.span = span;
      this.phase = "ready";
      this.problem = null;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.problem = problemOf(thrown);
      // What is on screen stays; it is only not the newest.
      if (this.page === null) this.phase = "error";
    } finally {
      clearTimeout(timer);
      if (asked === this.#asked) this.slow = false;
    }
  }

  setRange(range: Range): Promise<void> {
    this.range = range;
    this.shift = 0;
    return this.load();
  }

  move(by: number): Promise<void> {
    this.shift = by === 0 ? 0 : this.shift + by;
    return this.load();
  }

  async remove(name: string): Promise<boolean> {
    this.actProblem = null;
    try {
      await this.#host.removeTypedWindow(name);
      await this.load();
      return true;
    } catch (thrown) {
      this.actProblem = problemOf(thrown);
      return false;
    }
  }
}
