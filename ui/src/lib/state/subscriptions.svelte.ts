// What is remembered of each subscription, and what is done with one: paused, filtered, repaired, left. Whether it hears is in
// the standing.
import {
  problemOf,
  type Applied,
  type Candidates,
  type Elsewhere,
  type Host,
  type Leftovers,
  type LeftoverRow,
  type Plan,
  type Problem,
  type Receipt,
  type StepRow,
  type SubscriptionRow,
} from "../ipc/host";

export class SubscriptionsState {
  rows = $state.raw<readonly SubscriptionRow[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** The topic of which something is being changed. */
  busy = $state<string | null>(null);
  /** What was heard of a repair under way: its steps, each as it ended. */
  steps = $state.raw<readonly StepRow[]>([]);
  /** What went wrong with a change, by topic. */
  problems = $state.raw<Readonly<Record<string, Problem>>>({});
  /** Topics whose filter was changed since the window opened: SNS takes its time. */
  refiltered = $state.raw<readonly string[]>([]);
  /** Found with the rights of a subscription, so they go from the screen with one that is left. */
  leftovers = $state.raw<Leftovers | null>(null);
  looking = $state(false);
  /** The last receipt; it is kept on screen when its subscription is gone. */
  receipt = $state.raw<Receipt | null>(null);
  /** The topic that it is about; none for a queue left over. */
  receiptOf = $state<string | null>(null);
  /** What there is to look with when nothing is subscribed. */
  candidates = $state.raw<Candidates | null>(null);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  of(topicArn: string): SubscriptionRow | undefined {
    return this.rows.find((row) => row.topic_arn === topicArn);
  }

  /** Whether it is read with an access key, and whether that is behind an MFA device. */
  keyOf(topicArn: string): { device: boolean } | null {
    const row = this.of(topicArn);
    return row?.sign_in.kind === "access_key" ? { device: Boolean(row.role?.mfa_serial) } : null;
  }

  async load(): Promise<void> {
    try {
      this.rows = await this.#host.subscriptions();
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  pause(topicArn: string, paused: boolean): Promise<void> {
    return this.#change(topicArn, () => this.#host.pauseSubscription(topicArn, paused));
  }

  filter(topicArn: string, filter: string): Promise<void> {
    return this.#change(topicArn, async () => {
      await this.#host.changeFilter(topicArn, filter);
      this.refiltered = [...this.refiltered.filter((one) => one !== topicArn), topicArn];
    });
  }

  planRepair(topicArn: string): Promise<Plan> {
    return this.#host.planRepair(topicArn);
  }

  /** What was made again so far is in `steps`, while it runs. */
  async repair(topicArn: string): Promise<Applied> {
    this.busy = topicArn;
    this.steps = [];
    const stop = await this.#host.onSetupStep((steps) => (this.steps = steps));
    try {
      return await this.#host.repairSubscription(topicArn);
    } finally {
      stop();
      this.busy = null;
      await this.load();
    }
  }

  /** Throws what kept it from beginning; what stays is in the receipt. */
  async leave(topicArn: string): Promise<void> {
    this.busy = topicArn;
    this.receipt = null;
    try {
      this.receipt = await this.#host.leaveSubscription(topicArn);
      this.receiptOf = topicArn;
      this.leftovers = null;
    } finally {
      this.busy = null;
      await this.load();
    }
  }

  /** Whether what the receipt is about is still listed, so that it can be forgotten here. */
  get forgettable(): string | null {
    const topic = this.receiptOf;
    if (!this.receipt?.left.length || topic === null) return null;
    return this.of(topic) ? topic : null;
  }

  /** As `leave`, on this machine alone. What kept it from beginning is in `problems`. */
  forget(topicArn: string): Promise<void> {
    return this.#change(topicArn, async () => {
      this.receipt = await this.#host.forgetSubscription(topicArn);
      this.receiptOf = topicArn;
      this.leftovers = null;
    });
  }

  async loadCandidates(): Promise<void> {
    try {
      this.candidates ??= await this.#host.signInCandidates();
    } catch (thrown) {
      this.leftovers = { queues: [], problems: [problemOf(thrown)] };
    }
  }

  /** Where the subscriptions are; without any, where `place` says. */
  async look(place: Elsewhere | null = null): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      this.leftovers = await this.#host.leftovers(place);
    } catch (thrown) {
      this.leftovers = { queues: [], problems: [problemOf(thrown)] };
    } finally {
      this.looking = false;
    }
  }

  async removeLeftover(queue: LeftoverRow): Promise<void> {
    this.receipt = null;
    this.receiptOf = null;
    try {
      this.receipt = await this.#host.removeLeftover(queue);
      if (this.receipt.left.length === 0 && this.leftovers) {
        const queues = this.leftovers.queues.filter((one) => one.queue_url !== queue.queue_url);
        this.leftovers = { ...this.leftovers, queues };
      }
    } catch (thrown) {
      const problems = [...(this.leftovers?.problems ?? []), problemOf(thrown)];
      this.leftovers = { queues: this.leftovers?.queues ?? [], problems };
    }
  }

  async #change(topicArn: string, act: () => Promise<void>): Promise<void> {
    if (this.busy !== null) return;
    this.busy = topicArn;
    this.problems = Object.fromEntries(Object.entries(this.problems).filter(([topic]) => topic !== topicArn));
    try {
      await act();
    } catch (thrown) {
      this.problems = { ...this.problems, [topicArn]: problemOf(thrown) };
    } finally {
      this.busy = null;
      await this.load();
    }
  }
}
