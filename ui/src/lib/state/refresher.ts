// Runs a refresh at most once at a time and at most every `gap` ms, with the last request always honoured:
// a storm of changes costs a few fetches, and the truth is on screen at its end.

interface Revised {
  onRevision: (hear: () => void) => () => void;
}

/** Runs `work` after each change of the history; `now` asks for a first run, too. The returned function ends it. */
export function follow(standing: Revised, work: () => Promise<void>, now = true): () => void {
  const refresher = new Refresher(work);
  if (now) refresher.want();
  const stop = standing.onRevision(() => refresher.want());
  return () => {
    stop();
    refresher.stop();
  };
}

export class Refresher {
  #running = false;
  #wanted = false;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #run: () => Promise<void>;
  readonly #gap: number;

  constructor(run: () => Promise<void>, gap = 250) {
    this.#run = run;
    this.#gap = gap;
  }

  want(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#wanted = true;
      return;
    }
    this.#running = true;
    void this.#go();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #go(): Promise<void> {
    this.#wanted = false;
    try {
      await this.#run();
    } finally {
      this.#timer = setTimeout(() => {
        this.#running = false;
        if (this.#wanted) this.want();
      }, this.#gap);
    }
  }
}
