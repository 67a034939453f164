// Snoozing and waking. Whether it is snoozed now is told by the standing; here is only the asking.
import { problemOf, type Host, type Problem } from "../ipc/host";

export class SnoozeState {
  problem = $state.raw<Problem | null>(null);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  snooze(minutes: number): Promise<boolean> {
    return this.#ask(() => this.#host.snooze(minutes));
  }

  /** Until the maintenance window that is open ends. */
  snoozeWindow(): Promise<boolean> {
    return this.#ask(() => this.#host.snoozeWindow());
  }

  wake(): Promise<boolean> {
    return this.#ask(() => this.#host.unsnooze());
  }

  async #ask(act: () => Promise<void>): Promise<boolean> {
    this.problem = null;
    try {
      await act();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    }
  }
}
