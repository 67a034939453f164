// One command's page: its card, its nodes, its events. Made anew for each command.
import {
  problemOf,
  type CommandCard,
  type EventRow,
  type Host,
  type InvocationRow,
  type Problem,
} from "../ipc/host";
import type { Bucket } from "../words/status";
import { Paged, SLOW_MS, type Phase } from "./paged.svelte";

export class CommandState {
  readonly id: string;
  card = $state.raw<CommandCard | null>(null);
  phase = $state<Phase>("idle");
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  actProblem = $state.raw<Problem | null>(null);
  bucket = $state<Bucket | null>(null);
  readonly nodes: Paged<InvocationRow>;
  readonly events: Paged<EventRow>;
  readonly #host: Host;

  constructor(host: Host, id: string) {
    this.#host = host;
    this.id = id;
    this.nodes = new Paged((after, limit) => host.invocations(id, this.bucket, after, limit));
    this.events = new Paged((after, limit) => host.events(id, after, limit));
  }

  async load(): Promise<void> {
    this.phase = "loading";
    this.problem = null;
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    const lists = Promise.all([this.nodes.load(), this.events.load()]);
    await this.#fetchCard();
    clearTimeout(timer);
    this.slow = false;
    await lists;
  }

  async #fetchCard(): Promise<void> {
    try {
      this.card = await this.#host.command(this.id);
      this.phase = "ready";
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      // What is on screen stays; it is only not the newest.
      if (!this.card) this.phase = "error";
    }
  }

  /** The history changed: fetches anew what is on screen. */
  async refresh(): Promise<void> {
    await Promise.all([
      this.#fetchCard(),
      this.nodes.refresh(Math.min(this.nodes.rows.length, 400)),
      this.events.refresh(Math.min(this.events.rows.length, 400)),
    ]);
  }

  async setBucket(bucket: Bucket | null): Promise<void> {
    this.bucket = bucket;
    await this.nodes.load();
  }

  acknowledge(): Promise<boolean> {
    return this.#act(() => this.#host.acknowledge(this.id));
  }

  /** Asks to be told when the command ends, or takes the wish back. */
  watch(on: boolean): Promise<boolean> {
    return this.#act(() => this.#host.watch(this.id, on));
  }

  async #act(act: () => Promise<void>): Promise<boolean> {
    this.actProblem = null;
    try {
      await act();
      await this.#fetchCard();
      return true;
    } catch (thrown) {
      this.actProblem = problemOf(thrown);
      return false;
    }
  }
}
