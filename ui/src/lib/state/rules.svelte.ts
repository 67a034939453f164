// The rules as they are being edited, beside those in force. What is not saved stays: in this state when the person
// goes to another room, and in the keep when the window is closed, which destroys it.
// Invariant: nothing is saved that was not checked, and nothing comes into force but by `save`.
import { problemOf, type Host, type Problem, type RuleForm } from "../ipc/host";
import { fitsAll } from "../words/rules";
import type { Keep } from "./keep";
import { SLOW_MS, type Phase } from "./paged.svelte";
import {
  changesIn,
  freshRule,
  keptText,
  readKept,
  same,
  textOf,
  type Draft,
  type Mistake,
} from "./ruleDrafts";

export type { Draft, Mistake };

const CHECK_MS = 200;

export class RulesState {
  rows = $state.raw<readonly Draft[]>([]);
  saved = $state.raw<readonly Draft[]>([]);
  phase = $state<Phase>("idle");
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** The rule that is unfolded. */
  open = $state<number | null>(null);
  mistakes = $state.raw<readonly Mistake[]>([]);
  checkProblem = $state.raw<Problem | null>(null);
  saving = $state(false);
  saveProblem = $state.raw<Problem | null>(null);
  /** The rule that was taken out last, and where it stood. */
  removed = $state.raw<{ row: Draft; at: number } | null>(null);
  /** Other rules came into force while these were edited. */
  overtaken = $state(false);
  #keys = 0;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;
  readonly #keep: Keep | null;

  constructor(host: Host, keep: Keep | null = null) {
    this.#host = host;
    this.#keep = keep;
  }

  get forms(): RuleForm[] {
    return this.rows.map((row) => row.form);
  }

  /** How many rules were added, taken out, changed or moved. */
  get changes(): number {
    return changesIn(this.rows, this.saved);
  }

  isNew(row: Draft): boolean {
    return !this.saved.some((held) => held.key === row.key);
  }

  isChanged(row: Draft): boolean {
    const held = this.saved.find((one) => one.key === row.key);
    return held !== undefined && !same(held.form, row.form);
  }

  mistakesOf(key: number): readonly Mistake[] {
    return this.mistakes.filter((mistake) => mistake.key === key);
  }

  /** The first rule that fits everything, or -1: those after it are never asked. */
  get lastAsked(): number {
    return this.rows.findIndex((row) => fitsAll(row.form));
  }

  /** Fetches the rules in force. What is being edited stays. */
  async load(): Promise<void> {
    const first = this.phase === "idle" || this.phase === "error";
    if (first) this.phase = "loading";
    this.problem = null;
    const timer = setTimeout(() => (this.slow = first), SLOW_MS);
    try {
      this.#take(await this.#host.rules(), first);
      this.phase = "ready";
    } catch (thrown) {
      this.problem = problemOf(thrown);
      if (first) this.phase = "error";
    } finally {
      clearTimeout(timer);
      this.slow = false;
    }
  }

  #take(forms: readonly RuleForm[], first: boolean): void {
    const before = this.saved.map((row) => row.form);
    if (!first && same(before, forms)) return;
    const dirty = !first && this.changes > 0;
    // A rule keeps its key by its name, of which there is only one in force.
    this.saved = forms.map((form) => ({
      key: this.saved.find((row) => row.form.name === form.name)?.key ?? this.#keys++,
      form,
    }));
    if (dirty) this.overtaken = true;
    else this.rows = this.saved;
    if (first) this.#restore();
  }

  edit(key: number, part: Partial<RuleForm>): void {
    this.#set(this.rows.map((row) => (row.key === key ? { key, form: { ...row.form, ...part } } : row)));
  }

  /** A new rule: the last that can be asked, which is before one that fits everything. Returns its key. */
  add(): number {
    const key = this.#keys++;
    const at = this.lastAsked < 0 ? this.rows.length : this.lastAsked;
    this.#set(this.rows.toSpliced(at, 0, { key, form: freshRule(this.forms) }));
    this.open = key;
    return key;
  }

  remove(key: number): void {
    const at = this.rows.findIndex((row) => row.key === key);
    const row = this.rows[at];
    if (!row) return;
    this.#set(this.rows.toSpliced(at, 1));
    this.removed = { row, at };
    if (this.open === key) this.open = null;
  }

  putBack(): number | null {
    if (!this.removed) return null;
    const { row, at } = this.removed;
    this.#set(this.rows.toSpliced(Math.min(at, this.rows.length), 0, row));
    return row.key;
  }

  /** Moves a rule by places. Returns its new place, from 0, or null where it could not move. */
  move(key: number, by: number): number | null {
    const at = this.rows.findIndex((row) => row.key === key);
    const row = this.rows[at];
    const to = Math.min(Math.max(at + by, 0), this.rows.length - 1);
    if (!row || to === at) return null;
    this.#set(this.rows.toSpliced(at, 1).toSpliced(to, 0, row));
    return to;
  }

  discard(): void {
    this.#set(this.saved);
    this.overtaken = false;
    if (!this.rows.some((row) => row.key === this.open)) this.open = null;
  }

  #set(rows: readonly Draft[]): void {
    this.rows = rows;
    this.removed = null;
    this.saveProblem = null;
    this.#remember();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), CHECK_MS);
  }

  /** Asks what is wrong with the rules as they are now. An overtaken answer is dropped. */
  async check(): Promise<boolean> {
    clearTimeout(this.#timer);
    const mine = ++this.#asked;
    const rows = this.rows;
    try {
      const found = await this.#host.checkRules(rows.map((row) => row.form));
      if (mine !== this.#asked) return false;
      this.mistakes = found.flatMap(({ rule, ...mistake }) => {
        const row = rows[rule];
        return row ? [{ ...mistake, key: row.key, text: textOf(row.form, mistake.field) }] : [];
      });
      this.checkProblem = null;
      return found.length === 0;
    } catch (thrown) {
      if (mine === this.#asked) this.checkProblem = problemOf(thrown);
      return false;
    }
  }

  /** Puts the rules into force, if nothing is wrong with them. */
  async save(): Promise<boolean> {
    if (this.saving) return false;
    this.saving = true;
    this.saveProblem = null;
    try {
      if (!(await this.check())) return false;
      const rows = this.rows;
      await this.#host.saveRules(rows.map((row) => row.form));
      this.saved = rows;
      this.removed = null;
      this.overtaken = false;
      this.#remember();
      return true;
    } catch (thrown) {
      this.saveProblem = problemOf(thrown);
      return false;
    } finally {
      this.saving = false;
    }
  }

  exportText(): Promise<string> {
    return this.#host.exportRules(this.forms);
  }

  /** Reads a file of rules into the page, in place of those on it. Rejects with what is wrong with it. */
  async import(text: string): Promise<number> {
    const forms = await this.#host.importRules(text);
    this.open = null;
    this.#set(this.#keyed(forms, (form) => form.name));
    return forms.length;
  }

  /** Rules with the keys of those in force from which they come. */
  #keyed(forms: readonly RuleForm[], origin: (form: RuleForm, at: number) => string | null): Draft[] {
    const taken: number[] = [];
    return forms.map((form, at) => {
      const name = origin(form, at);
      const held = this.saved.find((row) => row.form.name === name && !taken.includes(row.key));
      const key = held?.key ?? this.#keys++;
      taken.push(key);
      return { key, form };
    });
  }

  #remember(): void {
    if (!this.#keep) return;
    if (this.changes === 0) return this.#keep.write(null);
    this.#keep.write(keptText(this.rows, this.saved));
  }

  #restore(): void {
    const kept = readKept(this.#keep?.read() ?? null);
    if (!kept) return;
    this.rows = this.#keyed(
      kept.rows.map((row) => row.form),
      (_, at) => kept.rows[at]?.origin ?? null,
    );
    this.overtaken = !same(
      kept.base,
      this.saved.map((row) => row.form),
    );
    this.#remember();
    void this.check();
  }
}
