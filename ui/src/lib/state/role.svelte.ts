// A role to assume, while it is typed: its fields, and what the program says is wrong with them.
// Invariant: the rules are the program's; here is only what was typed. An external id is no secret, and a code is never here.
import { problemOf, type Host, type Problem, type RoleForm, type RoleMistake } from "../ipc/host";

const EMPTY: RoleForm = { arn: "", external_id: "", mfa_serial: "" };

export class RoleState {
  typed = $state.raw<RoleForm>(EMPTY);
  mistakes = $state.raw<readonly RoleMistake[]>([]);
  /** That it could not be checked. */
  problem = $state.raw<Problem | null>(null);
  readonly #host: Pick<Host, "checkRole">;
  #turn = 0;

  constructor(host: Pick<Host, "checkRole">) {
    this.#host = host;
  }

  /** What is to be assumed; null when nothing was typed. */
  get form(): RoleForm | null {
    return Object.values(this.typed).some((text) => text.trim() !== "") ? this.typed : null;
  }

  /** What is wrong with a field. */
  wrong(field: keyof RoleForm): RoleMistake | null {
    return this.mistakes.find((one) => one.field === field) ?? null;
  }

  /** Takes what was typed before, as after a crash. */
  take(form: RoleForm | null): void {
    this.typed = form ?? EMPTY;
    this.mistakes = [];
    if (form) void this.check();
  }

  /** Takes what is typed now, and has it checked; of two checks that overlap the later one counts. */
  async type(field: keyof RoleForm, text: string): Promise<void> {
    this.typed = { ...this.typed, [field]: text };
    await this.check();
  }

  async check(): Promise<void> {
    const mine = ++this.#turn;
    const { form } = this;
    try {
      const mistakes = form ? await this.#host.checkRole(form) : [];
      if (mine !== this.#turn) return;
      this.mistakes = mistakes;
      this.problem = null;
    } catch (thrown) {
      if (mine === this.#turn) this.problem = problemOf(thrown);
    }
  }
}
