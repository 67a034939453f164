// One set-up from signing in to the first alert: where the person is, what they chose, what AWS answered.
// Invariant: no secret is ever held here; a typed key passes through `signInWithKey` as an argument and is gone.
import {
  problemOf,
  type Applied,
  type Caller,
  type Candidates,
  type Draft,
  type Host,
  type Plan,
  type Problem,
  type Rights,
  type SignIn,
  type Statement,
  type StepRow,
  type TopicList,
  type TopicRow,
  type TypedKey,
} from "../ipc/host";
import { isArn } from "../words/setup";
import { CenterState } from "./center.svelte";
import { SLOW_MS } from "./paged.svelte";

export const STEPS = [
  { key: "sign_in", label: "Sign in" },
  { key: "topic", label: "Topic" },
  { key: "plan", label: "Plan" },
  { key: "apply", label: "Set up" },
  { key: "check", label: "Check" },
  { key: "preferences", label: "Preferences" },
] as const;
export type Step = (typeof STEPS)[number]["key"];

export class SetupState {
  step = $state<Step>("sign_in");
  /** Nothing was chosen or typed yet: the window may leave by itself when something else is subscribed. */
  untouched = $state(true);
  /** Whether nothing was subscribed when it began; not known yet at first. */
  first = $state<boolean | null>(null);
  /** A call is under way. */
  busy = $state(false);
  /** It takes long enough to say so. */
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);

  candidates = $state.raw<Candidates | null>(null);
  signIn = $state.raw<SignIn | null>(null);
  roleArn = $state<string | null>(null);
  caller = $state.raw<Caller | null>(null);

  region = $state("us-east-1");
  search = $state("");
  list = $state.raw<TopicList | null>(null);
  listing = $state(false);
  listProblem = $state.raw<Problem | null>(null);
  topic = $state.raw<TopicRow | null>(null);
  /** What is wrong with a pasted ARN. */
  pasteProblem = $state.raw<Problem | null>(null);

  plan = $state.raw<Plan | null>(null);
  queueUrl = $state("");
  steps = $state.raw<readonly StepRow[]>([]);
  applied = $state.raw<Applied | null>(null);
  statements = $state.raw<readonly Statement[]>([]);

  filter = $state("all");
  /** Signing in through IAM Identity Center. */
  readonly center: CenterState;
  readonly #host: Host;
  #asked = 0;

  constructor(host: Host) {
    this.#host = host;
    this.center = new CenterState(host, (signIn) => this.choose(signIn));
  }

  /** Begins anew, or where a set-up was broken off. */
  async start(): Promise<void> {
    await this.#run(async () => {
      const [candidates, draft] = await Promise.all([this.#host.signInCandidates(), this.#host.setupDraft()]);
      this.candidates = candidates;
      this.region = candidates.region;
      this.center.region ||= candidates.region;
      if (draft) await this.#resume(draft);
      else {
        const first = candidates.profiles.find((profile) => profile.kind !== "unusable");
        if (first) this.signIn = { kind: "profile", name: first.name };
        else if (candidates.environment) this.signIn = { kind: "profile", name: null };
      }
    });
  }

  async #resume(draft: Draft): Promise<void> {
    this.untouched = false;
    this.signIn = draft.sign_in;
    if (draft.sign_in?.kind === "identity_center") {
      this.center.startUrl = draft.sign_in.start_url;
      this.center.region = draft.sign_in.region;
    }
    this.roleArn = draft.role_arn;
    if (draft.region) this.region = draft.region;
    this.filter = draft.filter;
    this.queueUrl = draft.queue_url ?? "";
    if (!draft.sign_in || draft.step === "sign_in") return;
    // Whoever was signed in before the crash may not be any more: asked again before going on.
    this.caller = await this.#host.signIn(this.rights, this.region);
    if (draft.topic_arn) this.topic = await this.#host.checkTopic(draft.topic_arn, this.caller.arn);
    if (draft.step === "topic" || !this.topic) this.step = "topic";
    else if (draft.step === "plan" && !this.topic.subscribed) {
      this.plan = await this.#host.planSubscription(this.wanted);
      this.step = "plan";
    } else this.step = draft.step === "preferences" ? "preferences" : "check";
    if (this.step === "topic") void this.loadTopics(false);
  }

  get rights(): Rights {
    return { chosen: this.signIn ?? { kind: "profile", name: null }, roleArn: this.roleArn };
  }

  get wanted() {
    const { chosen, roleArn } = this.rights;
    return {
      sign_in: chosen,
      role_arn: roleArn,
      topic_arn: this.topic?.arn ?? "",
      filter: this.filter,
      queue_url: this.queueUrl.trim() || null,
    };
  }

  touch(): void {
    this.untouched = false;
  }

  choose(signIn: SignIn): void {
    this.touch();
    this.signIn = signIn;
    this.caller = null;
    this.problem = null;
    const profile = this.candidates?.profiles.find(
      (one) => signIn.kind === "profile" && one.name === signIn.name,
    );
    if (profile?.region) this.region = profile.region;
  }

  async signInChosen(): Promise<void> {
    this.touch();
    const chosen = this.signIn;
    if (!chosen) return;
    if (chosen.kind === "profile" && chosen.name !== null) {
      const region = this.candidates?.profiles.find((one) => one.name === chosen.name)?.region;
      if (region && !this.caller) this.region = region;
    }
    await this.#run(async () => this.#signedIn(await this.#host.signIn(this.rights, this.region)));
  }

  /** The key is an argument and nothing more: whatever comes of it, it is not kept. */
  async signInWithKey(key: TypedKey): Promise<void> {
    this.touch();
    await this.#run(async () => {
      const caller = await this.#host.signInWithKey(key, this.roleArn, this.region);
      this.signIn = { kind: "access_key", id: key.id.trim() };
      await this.#signedIn(caller);
    });
  }

  async #signedIn(caller: Caller): Promise<void> {
    this.caller = caller;
    this.list = null;
    await this.#go("topic");
    void this.loadTopics(false);
  }

  /** Lists the region's topics. Of two that overlap the later one counts. */
  async loadTopics(anew: boolean): Promise<void> {
    const mine = ++this.#asked;
    this.listing = true;
    this.listProblem = null;
    try {
      const list = await this.#host.topics(
        this.rights,
        this.region,
        isArn(this.search) ? "" : this.search,
        anew,
      );
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
    this.touch();
    if (!region.trim() || region === this.region) return;
    this.region = region.trim();
    this.topic = null;
    this.list = null;
    await this.loadTopics(false);
  }

  async setSearch(text: string): Promise<void> {
    this.touch();
    this.search = text;
    this.pasteProblem = null;
    if (!isArn(text)) await this.loadTopics(false);
    else this.topic = null;
  }

  /** Reads the ARN in the search field; false when it is not one. */
  async readArn(): Promise<boolean> {
    if (!isArn(this.search)) return true;
    try {
      this.topic = await this.#host.checkTopic(this.search, this.caller?.arn ?? null);
      this.pasteProblem = null;
      return true;
    } catch (thrown) {
      this.topic = null;
      this.pasteProblem = problemOf(thrown);
      return false;
    }
  }

  async createTopic(name: string): Promise<void> {
    await this.#run(async () => {
      this.topic = await this.#host.createTopic(this.rights, this.region, name);
      this.search = "";
      await this.loadTopics(true);
    });
  }

  /** From the topic to the plan. */
  async makePlan(): Promise<void> {
    if (!(await this.readArn()) || !this.topic) return;
    await this.#run(async () => {
      this.applied = null;
      this.plan = await this.#host.planSubscription(this.wanted);
      await this.#go("plan");
    });
  }

  /** From an administrator's queue back to one of one's own. */
  async ownQueue(): Promise<void> {
    this.queueUrl = "";
    await this.makePlan();
  }

  async apply(): Promise<void> {
    if (this.busy) return;
    this.step = "apply";
    this.steps = [];
    this.applied = null;
    this.statements = [];
    const stop = await this.#host.onSetupStep((step) => (this.steps = [...this.steps, step]));
    await this.#run(async () => {
      const applied = await this.#host.applySubscription(this.wanted);
      this.steps = applied.steps;
      this.applied = applied;
      if (applied.problem === null) {
        await this.#go("check");
        return;
      }
      if (applied.refused && this.caller && this.topic) {
        this.statements = await this.#host.adminStatement(this.topic.arn, this.caller.account);
      }
    });
    stop();
  }

  async cancel(): Promise<void> {
    try {
      await this.#host.cancelSetup();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async back(): Promise<void> {
    const before: Partial<Record<Step, Step>> = {
      topic: "sign_in",
      plan: "topic",
      apply: "plan",
      preferences: "check",
    };
    const to = before[this.step];
    if (!to || this.busy) return;
    this.problem = null;
    await this.#run(async () => {
      if (this.step === "apply") this.plan = await this.#host.planSubscription(this.wanted);
      await this.#go(to);
    });
    if (this.step === "topic" && !this.list) void this.loadTopics(false);
  }

  async on(to: Step): Promise<void> {
    await this.#run(() => this.#go(to));
  }

  /** Ends the set-up for good. */
  async end(): Promise<boolean> {
    // What signs in later would leave tokens behind that nothing uses.
    await this.center.cancel();
    await this.#run(() => this.#host.endSetup());
    return this.problem === null;
  }

  async #go(step: Step): Promise<void> {
    this.step = step;
    const { chosen } = this.rights;
    await this.#host.saveSetupDraft({
      step,
      sign_in: this.signIn ? chosen : null,
      role_arn: this.roleArn,
      region: this.region,
      topic_arn: this.topic?.arn ?? null,
      filter: this.filter,
      queue_url: this.queueUrl.trim() || null,
    });
  }

  /** One act at a time; its problem is shown until the next one. */
  async #run(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      await act();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      clearTimeout(timer);
      this.busy = false;
      this.slow = false;
    }
  }
}
