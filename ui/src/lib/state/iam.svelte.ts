// The administrator's documents: what was typed, what the program makes of it, and what the account has of it.
import {
  problemOf,
  type Host,
  type IamChecked,
  type IamFilled,
  type IamForm,
  type Problem,
  type SignIn,
} from "../ipc/host";
import type { FormatKey } from "../words/iam";

const EMPTY: IamForm = {
  topic_arn: "",
  sns_role: "",
  window_role: "",
  person: "",
  kms_key: "",
  queue_region: "",
  queue_account: "",
  queue_arn: "",
  queue_kms_key: "",
  read_commands: false,
  confine_trust: false,
};

export class IamState {
  form = $state.raw<IamForm>(EMPTY);
  filled = $state.raw<IamFilled | null>(null);
  problem = $state.raw<Problem | null>(null);
  format = $state<FormatKey>("json");
  checking = $state(false);
  checked = $state.raw<IamChecked | null>(null);
  checkProblem = $state.raw<Problem | null>(null);
  profiles = $state.raw<readonly string[]>([]);
  readonly #host: Host;
  #asked = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Fills the topic in where none was typed, and learns whose rights there are to look with. */
  async start(topicArn: string | null): Promise<void> {
    if (this.form.topic_arn === "" && topicArn) await this.change({ topic_arn: topicArn });
    try {
      const { profiles } = await this.#host.signInCandidates();
      this.profiles = profiles.filter((profile) => profile.trouble === null).map((profile) => profile.name);
    } catch {
      // Only the choice of profiles is poorer by it.
    }
  }

  async change(part: Partial<IamForm>): Promise<void> {
    this.form = { ...this.form, ...part };
    // What was compared were other documents.
    this.checked = null;
    this.checkProblem = null;
    const mine = ++this.#asked;
    try {
      const filled = await this.#host.fillIam(this.form);
      if (mine !== this.#asked) return;
      this.filled = filled;
      this.problem = null;
    } catch (thrown) {
      if (mine === this.#asked) this.problem = problemOf(thrown);
    }
  }

  mistake(field: keyof IamForm): Pick<Problem, "message" | "hint"> | null {
    return this.filled?.mistakes.find((one) => one.field === field) ?? null;
  }

  /** The documents in the chosen language. */
  get text(): string {
    return this.filled?.texts.find((one) => one.format === this.format)?.text ?? "";
  }

  /** `rights`: null for those of the subscription to the topic. */
  async check(rights: SignIn | null): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    this.checked = null;
    this.checkProblem = null;
    const mine = this.#asked;
    try {
      const checked = await this.#host.checkIam(this.form, rights);
      if (mine === this.#asked) this.checked = checked;
    } catch (thrown) {
      if (mine === this.#asked) this.checkProblem = problemOf(thrown);
    } finally {
      this.checking = false;
    }
  }
}
