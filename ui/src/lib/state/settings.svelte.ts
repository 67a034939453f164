// The settings as saved. A change is shown at once, saved, and taken back with words when saving fails.
import { problemOf, type Host, type Problem, type Settings } from "../ipc/host";

export class SettingsState {
  value = $state.raw<Settings | null>(null);
  problem = $state.raw<Problem | null>(null);
  saveProblem = $state.raw<Problem | null>(null);
  readonly #host: Host;
  #saved: Settings | null = null;
  #queue: Promise<void> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.problem = null;
    try {
      this.value = await this.#host.settings();
      this.#saved = this.value;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Saves one change after those before it, so that the last one stands. */
  change(part: Partial<Settings>): Promise<void> {
    if (!this.value) return Promise.resolve();
    const wanted = { ...this.value, ...part };
    this.value = wanted;
    this.#queue = this.#queue.then(() => this.#save(wanted));
    return this.#queue;
  }

  async #save(wanted: Settings): Promise<void> {
    try {
      await this.#host.saveSettings(wanted);
      this.#saved = wanted;
      this.saveProblem = null;
    } catch (thrown) {
      this.saveProblem = problemOf(thrown);
      // Something changed after this may still be on its way; only an unchanged screen is taken back.
      if (this.value === wanted) this.value = this.#saved;
    }
  }
}
