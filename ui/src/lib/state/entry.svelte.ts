// The way into the set-up: the window begins there when nothing was ever subscribed or heard, and leaves by itself when
// that changes and nothing was typed. Invariant: it leads once, and never against what the person chose.
import type { Host, SubscriptionRow } from "../ipc/host";
import { SetupState } from "./setup.svelte";

export class Entry {
  setup: SetupState;
  /** Whether the window went to the set-up by itself; not known yet at first. */
  #led: "yes" | "no" | null = null;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.setup = $state.raw(new SetupState(host));
  }

  /** Subscribed, with nothing left but to look and to choose. */
  get #done(): boolean {
    return this.setup.step === "check" || this.setup.step === "preferences";
  }

  /** Where to go now; null for nowhere. `there` tells whether the set-up is in sight, which changes while this waits. */
  async lead(there: () => boolean): Promise<"setup" | "feed" | null> {
    const led = this.#led;
    const waits = () => there() && this.setup.untouched;
    if (led === "no" || (led === "yes" && !waits())) return null;
    let wanted: boolean;
    try {
      wanted = await this.#host.setupWanted();
    } catch {
      return null; // The history cannot be read yet; the next change asks again.
    }
    // Another answer came first, or the person chose meanwhile.
    if (this.#led !== led) return null;
    if (led === null) {
      this.#led = wanted ? "yes" : "no";
      return wanted ? "setup" : null;
    }
    // Elsewhere, it is left alone, also when the person went there meanwhile.
    if (wanted || !waits()) return null;
    this.#led = "no";
    return "feed";
  }

  /** The person goes to the set-up: what was broken off is gone on with, what was finished begins anew. */
  begin(): void {
    if (this.#done) this.anew();
    this.decline();
    this.setup.touch();
  }

  /** A new access key for a subscription that there is. */
  beginKey(row: SubscriptionRow): void {
    this.anew();
    this.decline();
    this.setup.replaceKey(row);
  }

  /** The person chose where to go. */
  decline(): void {
    this.#led = "no";
  }

  /** The person went elsewhere. Once it is subscribed, that ends the set-up. */
  left(): void {
    if (!this.#done) return;
    void this.setup.end();
    this.anew();
  }

  anew(): void {
    this.setup = new SetupState(this.#host);
  }
}
