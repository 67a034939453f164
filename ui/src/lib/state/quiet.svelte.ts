// The quiet hours. A change is shown at once, checked, and saved if it can be kept; what cannot be kept stays on screen
// with what is wrong, and the hours before stay in force.
import {
  problemOf,
  type Host,
  type Problem,
  type QuietHours,
  type QuietMistake,
  type QuietSpan,
} from "../ipc/host";
import { readTime } from "../words/quiet";

const NIGHTS: QuietSpan = { days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", to: "07:00" };
const WEEKEND: QuietSpan = { days: ["sat", "sun"], from: "00:00", to: "00:00" };

export class QuietState {
  value = $state.raw<QuietHours | null>(null);
  mistake = $state.raw<QuietMistake | null>(null);
  /** The end of the quiet time that holds now, as told when it was last asked. */
  until = $state<string | null>(null);
  problem = $state.raw<Problem | null>(null);
  saveProblem = $state.raw<Problem | null>(null);
  #queue: Promise<void> = Promise.resolve();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    // What is on screen and could not be saved is the person's to mend.
    if (this.mistake || this.saveProblem) return;
    this.problem = null;
    try {
      this.value = plain(await this.#host.quietHours());
      await this.#check(this.value);
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Saves one change after those before it, so that the last one stands. */
  change(part: Partial<QuietHours>): Promise<void> {
    if (!this.value) return Promise.resolve();
    const wanted = { ...this.value, ...part };
    this.value = wanted;
    this.#queue = this.#queue.then(() => this.#save(wanted));
    return this.#queue;
  }

  changeSpan(at: number, part: Partial<QuietSpan>): Promise<void> {
    const spans = this.value?.spans.map((span, place) => (place === at ? { ...span, ...part } : span));
    return this.change({ spans });
  }

  /** The nights of the week first, then the weekend: what most people are quiet in. */
  addSpan(): Promise<void> {
    const spans = this.value?.spans ?? [];
    return this.change({ spans: [...spans, spans.length === 1 ? WEEKEND : NIGHTS] });
  }

  removeSpan(at: number): Promise<void> {
    return this.change({ spans: this.value?.spans.filter((_, place) => place !== at) });
  }

  async #check(wanted: QuietHours): Promise<boolean> {
    const { mistake, until } = await this.#host.checkQuietHours(wanted);
    if (this.value !== wanted) return false;
    this.mistake = mistake;
    this.until = until;
    return mistake === null;
  }

  async #save(wanted: QuietHours): Promise<void> {
    // A later change is on its way and brings this one with it.
    if (this.value !== wanted) return;
    try {
      if (!(await this.#check(wanted))) return;
      await this.#host.saveQuietHours(wanted);
      this.saveProblem = null;
    } catch (thrown) {
      this.saveProblem = problemOf(thrown);
    }
  }
}

/** Times without their seconds, as they are shown and compared here. */
function plain(quiet: QuietHours): QuietHours {
  const short = (time: string) => readTime(time) ?? time;
  return {
    ...quiet,
    spans: quiet.spans.map((span) => ({ ...span, from: short(span.from), to: short(span.to) })),
  };
}
