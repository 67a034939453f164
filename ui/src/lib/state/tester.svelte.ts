// A try of edited rules on the history. The answer stays on screen with the rules it is of, so that it can be told
// when it is out of date.
import { problemOf, type Host, type Problem, type RuleForm, type Tried } from "../ipc/host";
import { SLOW_MS } from "./paged.svelte";

export const TRY_DAYS = [1, 7, 30, 90] as const;

export class TesterState {
  days = $state<number>(7);
  result = $state.raw<Tried | null>(null);
  running = $state(false);
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  #of = $state("");
  #asked = 0;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async run(rules: readonly RuleForm[]): Promise<void> {
    const mine = ++this.#asked;
    const { days } = this;
    this.running = true;
    this.problem = null;
    const timer = setTimeout(() => {
      if (mine === this.#asked) this.slow = true;
    }, SLOW_MS);
    try {
      const result = await this.#host.tryRules([...rules], days);
      if (mine !== this.#asked) return;
      this.result = result;
      this.#of = of(rules, days);
    } catch (thrown) {
      if (mine === this.#asked) this.problem = problemOf(thrown);
    } finally {
      clearTimeout(timer);
      if (mine === this.#asked) {
        this.running = false;
        this.slow = false;
      }
    }
  }

  /** Whether the answer on screen is of other rules or other days than these. */
  outdated(rules: readonly RuleForm[]): boolean {
    return this.result !== null && this.#of !== of(rules, this.days);
  }
}

function of(rules: readonly RuleForm[], days: number): string {
  return JSON.stringify([rules, days]);
}
