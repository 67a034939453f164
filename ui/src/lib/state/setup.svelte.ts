// One set-up from signing in to the first alert: where the person is, what they chose, what AWS answered.
// Invariant: no secret is ever held here; a typed key passes through `signInWithKey`, and a code through `giveCode`, as an argument
// and is gone.
import {
  problemOf,
  type Applied,
  type Caller,
  type Candidates,
  type Draft,
  type Entered,
  type Host,
  type Plan,
  type Problem,
  type Rights,
  type SetupRun,
  type SignIn,
  type SubscriptionRow,
  type TopicRow,
  type TypedKey,
  type Wanted,
} from "../ipc/host";
import { announcer } from "./announce.svelte";
import { CenterState } from "./center.svelte";
import { SLOW_MS } from "./paged.svelte";
import { RoleState } from "./role.svelte";
import { SetupRunState } from "./setupRun.svelte";
import { TopicsState } from "./topics.svelte";

export const STEPS = [
  { key: "sign_in", label: "Sign in" },
  { key: "topic", label: "Topic" },
  { key: "plan", label: "Plan" },
  { key: "apply", label: "Set up" },
  { key: "check", label: "Check" },
  { key: "preferences", label: "Preferences" },
] as const;
/** The ways of signing in, by the kind of what is chosen there. */
const WAYS = { profile: "profile", access_key: "key", identity_center: "center" } as const;
export type Way = (typeof WAYS)[keyof typeof WAYS];
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
  /** The subscription that gets a new access key; all else of it stays. */
  replaced = $state.raw<SubscriptionRow | null>(null);

  candidates = $state.raw<Candidates | null>(null);
  signIn = $state.raw<SignIn | null>(null);
  /** The way that the person turned to, whatever is chosen by then. */
  asked = $state<Way | null>(null);
  caller = $state.raw<Caller | null>(null);
  /** The MFA device whose code is asked for now. */
  device = $state<string | null>(null);
  /** A set-up that was broken off and goes on once the code is given. */
  #broken: Draft | null = null;
  #keeping: Promise<void> = Promise.resolve();

  plan = $state.raw<Plan | null>(null);
  /** An administrator's queue that the plan is about. */
  queueUrl = $state("");
  /** One that is typed, and not looked at yet. */
  given = $state("");

  filter = $state("all");
  /** Signing in through IAM Identity Center. */
  readonly center: CenterState;
  /** The role on top. */
  readonly role: RoleState;
  readonly topics: TopicsState;
  readonly run: SetupRunState;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.center = new CenterState(host, (signIn) => this.choose(signIn));
    this.role = new RoleState(host);
    this.topics = new TopicsState(host, this);
    this.run = new SetupRunState(host);
  }

  get topic(): TopicRow | null {
    return this.topics.topic;
  }

  get callerArn(): string | null {
    return this.caller?.arn ?? null;
  }

  /** Begins anew, where a set-up was broken off, or with the run that is under way. */
  async start(): Promise<void> {
    await this.#act(async () => {
      const host = this.#host;
      const [candidates, draft, run] = await Promise.all([
        host.signInCandidates(),
        host.setupDraft(),
        host.setupRun(),
      ]);
      this.candidates = candidates;
      this.topics.region = candidates.region;
      this.center.region ||= candidates.region;
      if (this.replaced) this.topics.region = this.replaced.topic_arn.split(":")[3] ?? candidates.region;
      else if (draft) this.#restore(draft);
      else this.#chooseFirst(candidates);
      if (run) await this.#rejoin(run);
      else if (draft && !this.replaced) await this.#resume(draft);
    });
  }

  /** Begins at the key: the topic, the role and the filter are those of the subscription. */
  replaceKey(row: SubscriptionRow): void {
    this.touch();
    this.replaced = row;
    this.asked = "key";
    this.filter = row.filter;
    this.role.take(row.role);
  }

  #chooseFirst({ profiles, environment }: Candidates): void {
    const first = profiles.find((profile) => profile.kind !== "unusable");
    if (first) this.signIn = { kind: "profile", name: first.name };
    else if (environment) this.signIn = { kind: "profile", name: null };
  }

  #restore(draft: Draft): void {
    this.untouched = false;
    this.signIn = draft.sign_in;
    if (draft.portal) {
      this.center.startUrl = draft.portal.start_url;
      this.center.region = draft.portal.region;
    }
    if (draft.sign_in?.kind === "identity_center") {
      this.center.startUrl = draft.sign_in.start_url;
      this.center.region = draft.sign_in.region;
    }
    this.role.take(draft.role);
    if (draft.region) this.topics.region = draft.region;
    this.filter = draft.filter;
    this.queueUrl = draft.queue_url ?? "";
    this.given = this.queueUrl;
    if (!draft.sign_in && draft.portal) this.asked = "center";
    else if (!draft.sign_in && this.candidates) this.#chooseFirst(this.candidates);
  }

  async #resume(draft: Draft): Promise<void> {
    if (!draft.sign_in || draft.step === "sign_in") return;
    // Whoever was signed in before the crash may not be any more: asked again before going on.
    this.#broken = draft;
    const caller = this.#callerOf(await this.#host.signIn(this.rights, this.topics.region));
    if (caller) await this.#goOn(draft, caller);
  }

  async #goOn(draft: Draft, caller: Caller): Promise<void> {
    this.#broken = null;
    this.caller = caller;
    if (draft.topic_arn) await this.topics.read(draft.topic_arn);
    this.filter = this.topic?.filter ?? draft.filter;
    if (draft.step === "topic" || !this.topic) this.step = "topic";
    else if (draft.step === "plan" && !this.topic.subscribed) {
      this.plan = await this.#host.planSubscription(this.wanted);
      this.step = "plan";
    } else this.step = draft.step === "preferences" ? "preferences" : "check";
    if (this.step === "topic") void this.topics.load(true);
  }

  /** To the run that is under way, or ended while nobody looked. */
  async #rejoin({ topic_arn }: SetupRun): Promise<void> {
    this.untouched = false;
    this.step = "apply";
    await this.topics.read(topic_arn);
    await this.#ended(await this.run.follow());
  }

  /** Whose rights are shown to choose from; null when nothing says which. */
  get way(): Way | null {
    return this.asked ?? (this.signIn && WAYS[this.signIn.kind]);
  }

  get rights(): Rights {
    return { sign_in: this.signIn ?? { kind: "profile", name: null }, role: this.role.form };
  }

  get wanted(): Wanted {
    return {
      rights: this.rights,
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
    this.#broken = null;
    const profile = this.candidates?.profiles.find(
      (one) => signIn.kind === "profile" && one.name === signIn.name,
    );
    if (profile?.region) this.topics.region = profile.region;
  }

  async signInChosen(): Promise<void> {
    this.touch();
    const chosen = this.signIn;
    if (!chosen) return;
    if (chosen.kind === "profile" && chosen.name !== null) {
      const region = this.candidates?.profiles.find((one) => one.name === chosen.name)?.region;
      if (region && !this.caller) this.topics.region = region;
    }
    await this.#act(async () => {
      await this.keep();
      await this.#entered(await this.#host.signIn(this.rights, this.topics.region));
    });
  }

  /** The key is an argument and nothing more: whatever comes of it, it is not kept. */
  async signInWithKey(key: TypedKey): Promise<void> {
    this.touch();
    this.#broken = null;
    await this.#act(async () => {
      const entered = await this.#host.signInWithKey(key, this.role.form, this.topics.region);
      this.signIn = { kind: "access_key", id: key.id.trim() };
      await this.#entered(entered);
    });
  }

  /** The code that the MFA device shows: an argument and nothing more, too. */
  async giveCode(code: string): Promise<void> {
    await this.#act(async () =>
      this.#entered(await this.#host.giveSignInCode(this.rights, this.topics.region, code)),
    );
  }

  /** From the code back to whose rights. */
  dropCode(): void {
    if (this.busy) return;
    this.device = null;
    this.problem = null;
  }

  async #entered(entered: Entered): Promise<void> {
    const caller = this.#callerOf(entered);
    if (!caller) {
      await this.keep();
      return;
    }
    if (this.#broken) return this.#goOn(this.#broken, caller);
    this.caller = caller;
    this.topics.list = null;
    if (this.replaced) await this.topics.read(this.replaced.topic_arn);
    await this.#go("topic");
    void this.topics.load(true);
  }

  /** Who one is; without a code that is needed nobody yet, and the code is asked for. */
  #callerOf(entered: Entered): Caller | null {
    this.device = entered.kind === "code" ? entered.serial : null;
    if (entered.kind === "in") return entered.caller;
    announcer.say("A code of your MFA device is needed");
    return null;
  }

  async createTopic(name: string): Promise<void> {
    await this.#act(() => this.topics.make(name));
  }

  /** From the topic to the plan; whether there is one now. */
  async makePlan(): Promise<boolean> {
    if (!(await this.topics.readArn()) || !this.topic) return false;
    // What is subscribed already goes on hearing what it hears.
    this.filter = this.topic.filter ?? "all";
    return this.#act(async () => {
      this.run.applied = null;
      this.plan = await this.#host.planSubscription(this.wanted);
      await this.#go("plan");
    });
  }

  /** To the plan with the queue that was typed. One that cannot be used leaves the plan as it was. */
  async useGiven(): Promise<void> {
    const before = this.queueUrl;
    if (this.busy || !this.given.trim()) return;
    this.queueUrl = this.given.trim();
    if (!(await this.makePlan())) this.queueUrl = before;
  }

  /** From an administrator's queue back to one of one's own. */
  async ownQueue(): Promise<void> {
    this.queueUrl = "";
    await this.makePlan();
  }

  async apply(): Promise<void> {
    if (this.busy) return;
    this.step = "apply";
    await this.#act(async () => this.#ended(await this.run.begin(this.wanted)));
  }

  async #ended(applied: Applied): Promise<void> {
    if (applied.problem === null) return this.#go("check");
    // A page that is made anew is to show it again.
    await this.keep();
    if (!applied.refused || !this.topic) return;
    this.caller ??= this.#callerOf(await this.#host.signIn(this.rights, this.topics.region));
    if (this.caller) {
      this.run.statements = await this.#host.adminStatement(this.topic.arn, this.caller.account);
    }
  }

  async cancel(): Promise<void> {
    this.problem = (await this.run.cancel()) ?? this.problem;
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
    await this.#act(async () => {
      if (this.step === "apply") this.plan = await this.#host.planSubscription(this.wanted);
      await this.#go(to);
    });
    if (this.step === "topic") void this.topics.load(true);
  }

  async on(to: Step): Promise<void> {
    await this.#act(() => this.#go(to));
  }

  /** Ends the set-up for good; false where it goes on. */
  async end(): Promise<boolean> {
    if (this.busy) return false;
    // What is being kept would come back after the end.
    await this.#keeping;
    // What signs in later would leave tokens behind that nothing uses.
    await this.center.cancel();
    await this.#act(() => this.#host.endSetup());
    return this.problem === null;
  }

  async #go(step: Step): Promise<void> {
    this.step = step;
    await this.keep();
  }

  /** Keeps what was chosen and typed so far, so that a crash costs no typing. One after the other: the newest is kept last. */
  keep(): Promise<void> {
    const kept = this.#keeping.then(() => this.#save());
    this.#keeping = kept.catch(() => undefined);
    return kept;
  }

  async #save(): Promise<void> {
    const { startUrl, region } = this.center;
    // What was chosen by another way than the one the person turned to is not what they want.
    const chosen = this.signIn && WAYS[this.signIn.kind] === this.way ? this.signIn : null;
    await this.#host.saveSetupDraft({
      step: this.#broken?.step ?? this.step,
      sign_in: chosen,
      role: this.role.form,
      portal: startUrl.trim() ? { start_url: startUrl.trim(), region: region.trim() } : null,
      region: this.topics.region,
      topic_arn: this.topic?.arn ?? this.#broken?.topic_arn ?? null,
      filter: this.filter,
      queue_url: this.queueUrl.trim() || null,
    });
  }

  /** As {@link keep}, beside what the person does: that it failed is told, and stops nothing. */
  keepTyped(): Promise<void> {
    return this.keep().catch((thrown: unknown) => void (this.problem = problemOf(thrown)));
  }

  /** One act at a time; its problem is shown until the next one. Whether it went well. */
  async #act(act: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      await act();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      clearTimeout(timer);
      this.busy = false;
      this.slow = false;
    }
  }
}
