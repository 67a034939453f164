// Whether the app can hear, what is unacknowledged, which problems there are. Pushed by the program; never polled.
import { problemOf, type Host, type Problem, type Standing } from "../ipc/host";

export class StandingState {
  value = $state.raw<Standing | null>(null);
  problem = $state.raw<Problem | null>(null);
  readonly #host: Host;
  // Nothing on screen depends on who listens.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #listeners = new Set<() => void>();
  #heardEvent = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Listens first and asks then, so that no change falls between the two. */
  async start(): Promise<() => void> {
    const stop = await this.#host.onStanding((standing) => {
      this.#heardEvent = true;
      this.#take(standing);
    });
    await this.ask();
    return stop;
  }

  async ask(): Promise<void> {
    try {
      const standing = await this.#host.standing();
      // What was pushed meanwhile is newer than the answer.
      if (!this.#heardEvent) this.#take(standing);
    } catch (thrown) {
      if (!this.#heardEvent) this.problem = problemOf(thrown);
    }
  }

  /** Calls `hear` after each change of the stored history. The returned function ends it. */
  onRevision(hear: () => void): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  #take(standing: Standing): void {
    const before = this.value;
    this.value = standing;
    this.problem = null;
    // What was read before the first word came may be older than it. An engine that came back may count its
    // revisions anew, so "other" and not "greater".
    // A maintenance window opens and closes by the clock, without a change of the history.
    const changed =
      !before ||
      before.revision !== standing.revision ||
      before.engine !== standing.engine ||
      before.open_windows !== standing.open_windows ||
      before.last_window?.run !== standing.last_window?.run;
    if (changed) for (const hear of this.#listeners) hear();
  }
}
