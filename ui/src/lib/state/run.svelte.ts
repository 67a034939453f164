// One run of a maintenance window with everything that is known of it. Made anew for each run.
import { problemOf, type Host, type Problem, type WindowReport } from "../ipc/host";
import { SLOW_MS, type Phase } from "./paged.svelte";

export class RunState {
  readonly run: string;
  report = $state.raw<WindowReport | null>(null);
  phase = $state<Phase>("idle");
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly #host: Host;

  constructor(host: Host, run: string) {
    this.#host = host;
    this.run = run;
  }

  async load(): Promise<void> {
    if (this.report === null) this.phase = "loading";
    const timer = setTimeout(() => (this.slow = this.report === null), SLOW_MS);
    try {
      this.report = await this.#host.windowRun(this.run);
      this.phase = "ready";
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      // What is on screen stays; it is only not the newest.
      if (this.report === null) this.phase = "error";
    } finally {
      clearTimeout(timer);
      this.slow = false;
    }
  }
}
