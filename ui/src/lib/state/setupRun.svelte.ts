// The run of a set-up: its steps as they end, how it ended, and what an administrator is sent where AWS refused to make something.
// Invariant: the run is the program's; a page follows it from its beginning, or from wherever it is when the page comes.
import {
  problemOf,
  type Applied,
  type Host,
  type Problem,
  type Statement,
  type StepRow,
  type Wanted,
} from "../ipc/host";

export class SetupRunState {
  steps = $state.raw<readonly StepRow[]>([]);
  applied = $state.raw<Applied | null>(null);
  statements = $state.raw<readonly Statement[]>([]);
  /** The person called it off, and it is not over yet. */
  cancelling = $state(false);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Carries out what was planned. */
  begin(wanted: Wanted): Promise<Applied> {
    return this.#to(() => this.#host.applySubscription(wanted));
  }

  /** Follows one that another page began. */
  follow(): Promise<Applied> {
    return this.#to(async () => {
      const run = await this.#host.setupRun();
      // Heard of first and asked for then, so of the two the longer one is the later one.
      if (run && run.steps.length > this.steps.length) this.steps = run.steps;
      return this.#host.setupOutcome();
    });
  }

  async #to(end: () => Promise<Applied>): Promise<Applied> {
    this.steps = [];
    this.applied = null;
    this.statements = [];
    this.cancelling = false;
    const stop = await this.#host.onSetupStep((steps) => (this.steps = steps));
    try {
      const applied = await end();
      this.steps = applied.steps;
      this.applied = applied;
      return applied;
    } finally {
      this.cancelling = false;
      stop();
    }
  }

  /** Calls it off; what is wrong when that cannot be asked for. */
  async cancel(): Promise<Problem | null> {
    this.cancelling = true;
    try {
      await this.#host.cancelSetup();
      return null;
    } catch (thrown) {
      this.cancelling = false;
      return problemOf(thrown);
    }
  }
}
