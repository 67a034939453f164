// Which topic of a set-up: the region's list, searched, one whose ARN is pasted, or a new one.
import { problemOf, type Host, type Problem, type Rights, type TopicList, type TopicRow } from "../ipc/host";
import { isArn } from "../words/setup";

/** What the choice needs to know of the set-up. */
export interface Chooser {
  readonly rights: Rights;
  readonly callerArn: string | null;
  touch(): void;
}

export class TopicsState {
  region = $state("us-east-1");
  search = $state("");
  list = $state.raw<TopicList | null>(null);
  listing = $state(false);
  listProblem = $state.raw<Problem | null>(null);
  topic = $state.raw<TopicRow | null>(null);
  /** What is wrong with a pasted ARN. */
  pasteProblem = $state.raw<Problem | null>(null);
  readonly #host: Host;
  readonly #by: Chooser;
  #asked = 0;

  constructor(host: Host, by: Chooser) {
    this.#host = host;
    this.#by = by;
  }

  /** Lists the region's topics. Of two that overlap the later one counts. */
  async load(anew: boolean): Promise<void> {
    const mine = ++this.#asked;
    this.listing = true;
    this.listProblem = null;
    try {
      const search = isArn(this.search) ? "" : this.search;
      const list = await this.#host.topics(this.#by.rights, this.region, search, anew);
      if (mine !== this.#asked) return;
      this.list = list;
      const [only] = list.topics;
      if (!this.topic && !this.search && list.found === 1 && only && !only.subscribed) this.topic = only;
    } catch (thrown) {
      if (mine !== this.#asked) return;
      this.list = null;
      this.listProblem = problemOf(thrown);
    } finally {
      if (mine === this.#asked) this.listing = false;
    }
  }

  async setRegion(region: string): Promise<void> {
    this.#by.touch();
    if (!region.trim() || region === this.region) return;
    this.region = region.trim();
    this.topic = null;
    this.list = null;
    await this.load(false);
  }

  async setSearch(text: string): Promise<void> {
    this.#by.touch();
    this.search = text;
    this.pasteProblem = null;
    if (!isArn(text)) await this.load(false);
    else this.topic = null;
  }

  choose(topic: TopicRow): void {
    this.#by.touch();
    this.topic = topic;
  }

  /** Reads an ARN, as it is pasted or as it was chosen before. */
  async read(text: string): Promise<void> {
    this.topic = await this.#host.checkTopic(text, this.#by.callerArn);
  }

  /** Reads the ARN in the search field; false when it is not one. */
  async readArn(): Promise<boolean> {
    if (!isArn(this.search)) return true;
    try {
      await this.read(this.search);
      this.pasteProblem = null;
      return true;
    } catch (thrown) {
      this.topic = null;
      this.pasteProblem = problemOf(thrown);
      return false;
    }
  }

  async make(name: string): Promise<void> {
    this.topic = await this.#host.createTopic(this.#by.rights, this.region, name);
    this.search = "";
    await this.load(true);
  }
}
