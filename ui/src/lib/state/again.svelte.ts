// Signing in again for one subscription: in the browser or with a code of a page, with the code of an MFA device, or elsewhere.
// A sign-in that the tray began, or a window that was closed, is gone on with. Invariant: a typed code passes through and is not kept.
import { problemOf, type Again, type AgainHow, type Host, type Problem, type SignInAsked } from "../ipc/host";
import { announcer } from "./announce.svelte";

export class AgainState {
  busy = $state(false);
  /** A code of a page was asked for. */
  device = $state(false);
  asked = $state.raw<SignInAsked | null>(null);
  /** What came of it; null while nothing did. */
  again = $state.raw<Again | null>(null);
  problem = $state.raw<Problem | null>(null);

  readonly #host: Host;
  readonly #topicArn: string;
  #turn = 0;
  #wanted = false;
  #heard = false;

  constructor(host: Host, topicArn: string) {
    this.#host = host;
    this.#topicArn = topicArn;
  }

  /** Hears what the person is to do, whoever began it, until the answer is called. */
  async listen(): Promise<() => void> {
    const stop = await this.#host.onSignInAsked((asked) => {
      if (asked.topic_arn !== this.#topicArn) return;
      this.asked = asked;
      this.#heard = true;
      if (asked.code) announcer.say(`The code is ${asked.code}`);
      if (!this.busy) void this.goOn(false);
    });
    // Unless what stood in the way was told meanwhile.
    if (this.problem === null) void this.goOn(false);
    return stop;
  }

  /** Goes on with what is under way; where nothing is, and one is wanted, begins. */
  async goOn(wanted: boolean): Promise<void> {
    this.#wanted ||= wanted;
    if (this.busy) return;
    this.#heard = false;
    const mine = await this.#run(() => this.#host.signInAgain(this.#topicArn, "join"));
    if (!mine || this.again !== null || this.problem !== null) return;
    // One was under way and was called off, by another press in the tray perhaps.
    if (this.#heard) {
      this.#wanted = false;
      await this.goOn(false);
    } else if (this.#wanted) await this.begin(false);
  }

  /** One that the tray began failed. What this waited for was that one, or nothing. */
  failed(problem: Problem): void {
    this.#turn += 1;
    this.#wanted = false;
    this.busy = false;
    this.asked = null;
    this.again = null;
    this.problem = problem;
  }

  async begin(device: boolean): Promise<void> {
    this.#wanted = false;
    this.device = device;
    this.asked = null;
    const how: AgainHow = device ? "device" : "browser";
    const mine = await this.#run(() => this.#host.signInAgain(this.#topicArn, how));
    // The tray called it off and began another.
    if (mine && this.again === null && this.problem === null) await this.goOn(false);
  }

  /** Takes the code of an MFA device. */
  async give(code: string): Promise<void> {
    await this.#run(() => this.#host.giveCode(this.#topicArn, code));
  }

  async cancel(): Promise<void> {
    this.#turn += 1;
    this.#wanted = false;
    this.busy = false;
    this.asked = null;
    announcer.say("The sign-in was called off");
    try {
      await this.#host.cancelSignIn();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Whether this is still the last that was begun. */
  async #run(work: () => Promise<Again>): Promise<boolean> {
    const mine = ++this.#turn;
    this.busy = true;
    this.problem = null;
    try {
      const again = await work();
      if (mine !== this.#turn) return false;
      this.again = again.kind === "idle" ? null : again;
      // In place of the code, which is of no use any more.
      if (again.kind === "done") announcer.say("Signed in");
    } catch (refused) {
      if (mine !== this.#turn) return false;
      this.problem = problemOf(refused);
    }
    this.busy = false;
    this.asked = null;
    return true;
  }
}
