// The one ticking thing in the window. Ages on screen follow it; it asks nobody anything.
// It ticks coarsely, and not at all while the window is hidden.

const TICK_MS = 5000;

export class Clock {
  /** Now, in ms since the epoch, at most one tick old. */
  now = $state(Date.now());

  /** Starts ticking; the returned function ends it. `isHidden` is asked before each tick. */
  start(isHidden: () => boolean = () => false): () => void {
    // eslint-disable-next-line no-restricted-syntax -- this is the one place that ticks
    const timer = setInterval(() => {
      if (!isHidden()) this.read();
    }, TICK_MS);
    return () => clearInterval(timer);
  }

  /** Catches up at once, as when the window is shown again. */
  read(now: number = Date.now()): number {
    this.now = now;
    return now;
  }
}

export const clock = new Clock();
