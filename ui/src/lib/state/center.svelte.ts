// Signing in through IAM Identity Center: where, what the person is to do, then which account and which role.
// Invariant: no token is ever here; the program holds them, and tells an address, a code that is shown anyway, and names.
import {
  problemOf,
  type AccountList,
  type AccountRow,
  type Host,
  type Problem,
  type SignIn,
  type SignInAsked,
} from "../ipc/host";
import { accountsWords, rolesWords } from "../words/center";
import { announcer } from "./announce.svelte";

type Centre = Extract<SignIn, { kind: "identity_center" }>;

export class CenterState {
  /** `waiting` while the person is at the page in the browser, `in` once AWS let them in. */
  phase = $state<"out" | "waiting" | "in">("out");
  /** The sign-in under way is one with a code. */
  device = $state(false);
  startUrl = $state("");
  region = $state("");
  asked = $state.raw<SignInAsked | null>(null);
  problem = $state.raw<Problem | null>(null);

  search = $state("");
  list = $state.raw<AccountList | null>(null);
  listProblem = $state.raw<Problem | null>(null);
  account = $state.raw<AccountRow | null>(null);
  roles = $state.raw<readonly string[] | null>(null);
  rolesProblem = $state.raw<Problem | null>(null);

  readonly #host: Host;
  readonly #choose: (signIn: SignIn) => void;
  #turn = 0;
  #listing = false;
  #again = false;
  #rolesAsked = 0;

  /** `choose` is told of the role that was picked. */
  constructor(host: Host, choose: (signIn: SignIn) => void) {
    this.#host = host;
    this.#choose = choose;
  }

  get filled(): boolean {
    return this.startUrl.trim() !== "" && this.region.trim() !== "";
  }

  /** Whether these rights are of the place that the fields name. */
  has(signIn: SignIn | null): signIn is Centre {
    return (
      signIn?.kind === "identity_center" &&
      signIn.start_url === this.startUrl.trim() &&
      signIn.region === this.region.trim()
    );
  }

  /** Signs in, in the browser or with a code. Of two the later one counts: the program calls the other off. */
  async signIn(device: boolean): Promise<void> {
    if (!this.filled || this.phase === "waiting") return;
    const mine = ++this.#turn;
    this.phase = "waiting";
    this.device = device;
    this.problem = null;
    this.asked = null;
    let stop: (() => void) | null = null;
    try {
      stop = await this.#host.onSignInAsked((asked) => {
        if (mine !== this.#turn || this.phase !== "waiting" || asked.topic_arn !== null) return;
        this.asked = asked;
        if (asked.code) announcer.say(`The code is ${asked.code}`);
      });
      if (mine !== this.#turn) return;
      await this.#host.signInCenter(this.startUrl.trim(), this.region.trim(), device);
      if (mine !== this.#turn) return;
      this.#forget();
      this.phase = "in";
      await this.loadAccounts();
    } catch (thrown) {
      if (mine !== this.#turn) return;
      this.phase = "out";
      this.problem = problemOf(thrown);
    } finally {
      stop?.();
    }
  }

  /** Calls a sign-in under way off. */
  async cancel(): Promise<void> {
    if (this.phase !== "waiting") return;
    this.#turn += 1;
    this.phase = "out";
    announcer.say("The sign-in was called off");
    try {
      await this.#host.cancelSignIn();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Back to the fields, to sign in somewhere else. */
  leave(): void {
    this.phase = "out";
    this.problem = null;
    this.#forget();
  }

  setSearch(text: string): void {
    this.search = text;
    void this.loadAccounts();
  }

  /** Lists the accounts that fit. One question at a time; what was typed meanwhile is asked next. */
  async loadAccounts(): Promise<void> {
    if (this.#listing) {
      this.#again = true;
      return;
    }
    this.#listing = true;
    do {
      this.#again = false;
      await this.#ask(this.search.trim());
    } while (this.#again);
    this.#listing = false;
  }

  async #ask(search: string): Promise<void> {
    const mine = this.#turn;
    const current = () => mine === this.#turn && this.phase === "in";
    try {
      const list = await this.#host.centerAccounts(this.startUrl.trim(), this.region.trim(), search);
      if (!current()) return;
      this.list = list;
      this.listProblem = null;
      announcer.say(accountsWords(list));
      const [only] = list.accounts;
      if (!search && list.found === 1 && only && !this.account) await this.pick(only);
    } catch (thrown) {
      if (!current()) return;
      this.list = null;
      this.listProblem = problemOf(thrown);
    }
  }

  /** Picks an account and lists its roles; the only one is picked, too. Of two that overlap the later one counts. */
  async pick(account: AccountRow): Promise<void> {
    const mine = ++this.#rolesAsked;
    this.account = account;
    this.roles = null;
    this.rolesProblem = null;
    try {
      const roles = await this.#host.centerRoles(this.startUrl.trim(), this.region.trim(), account.id);
      if (mine !== this.#rolesAsked) return;
      this.roles = roles;
      announcer.say(rolesWords(roles, account));
      const [only] = roles;
      if (roles.length === 1 && only !== undefined) this.pickRole(only);
    } catch (thrown) {
      if (mine === this.#rolesAsked) this.rolesProblem = problemOf(thrown);
    }
  }

  pickRole(role: string): void {
    if (!this.account) return;
    this.#choose({
      kind: "identity_center",
      start_url: this.startUrl.trim(),
      region: this.region.trim(),
      account_id: this.account.id,
      role_name: role,
    });
  }

  #forget(): void {
    this.#rolesAsked += 1;
    this.search = "";
    this.list = null;
    this.listProblem = null;
    this.account = null;
    this.roles = null;
    this.rolesProblem = null;
  }
}
