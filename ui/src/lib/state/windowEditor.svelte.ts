// A maintenance window that is being typed in. It is checked while typing, and saved only when nothing is wrong with it.
// What was typed stays when the form is closed by a slip, until it is saved or discarded.
import {
  problemOf,
  type Host,
  type PlannedRun,
  type Problem,
  type TypedWindow,
  type TypedWindowMistake,
} from "../ipc/host";
import { sentence } from "../words/ids";

const CHECK_MS = 200;

export type WindowField = Exclude<keyof TypedWindow, "anchor">;

/** A mistake, and the text of the field as it was when it was found. */
export interface Mistake extends TypedWindowMistake {
  text: string;
}

export class WindowEditor {
  form = $state.raw<TypedWindow>(blank(null));
  /** The name of the window that is edited; null for a new one. */
  replaces = $state<string | null>(null);
  mistake = $state.raw<Mistake | null>(null);
  /** When it runs next; null until that is known. */
  next = $state.raw<readonly PlannedRun[] | null>(null);
  /** The run that is open now. */
  open = $state.raw<PlannedRun | null>(null);
  /** Its schedule names no day that exists. */
  never = $state(false);
  problem = $state.raw<Problem | null>(null);
  saving = $state(false);
  #before = JSON.stringify(this.form);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get changed(): boolean {
    return JSON.stringify(this.form) !== this.#before;
  }

  /** Begins with a window, or with a new one in the person's zone. What was begun before and not saved goes on. */
  begin(window: TypedWindow | null, zone: string | null): void {
    const name = window?.name ?? null;
    if (name !== this.replaces || !this.changed) this.#take(window ?? blank(zone), name);
    void this.check();
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#take(blank(null), null);
  }

  #take(form: TypedWindow, replaces: string | null): void {
    this.form = form;
    this.replaces = replaces;
    this.#before = JSON.stringify(form);
    this.mistake = null;
    this.next = null;
    this.problem = null;
  }

  edit(part: Partial<TypedWindow>): void {
    this.form = { ...this.form, ...part };
    this.problem = null;
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), CHECK_MS);
  }

  mistakesAt(field: WindowField): readonly Mistake[] {
    return this.mistake?.field === field ? [this.mistake] : [];
  }

  /** Whether nothing is wrong. A name that was not typed yet is no mistake to shout about, but it cannot be saved. */
  async check(): Promise<boolean> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const { form } = this;
    const unnamed = form.name.trim() === "";
    try {
      const asking = unnamed ? { ...form, name: "-" } : form;
      const { mistake, next, open, never } = await this.#host.checkTypedWindow(asking, this.replaces);
      if (asked !== this.#asked) return false;
      const text = mistake ? String(form[mistake.field as WindowField] ?? "") : "";
      // An empty form is a beginning, not a mistake.
      const begun = !mistake || mistake.field !== "schedule" || form.schedule !== "";
      this.mistake = mistake && begun ? { ...mistake, hint: sentence(mistake.hint), text } : null;
      this.next = mistake && mistake.field !== "name" ? null : next;
      this.open = open;
      this.never = never;
      return mistake === null && !unnamed;
    } catch (thrown) {
      if (asked === this.#asked) this.problem = problemOf(thrown);
      return false;
    }
  }

  /** Saves it. False when something is wrong, which is on the page then. */
  async save(): Promise<boolean> {
    if (this.saving) return false;
    this.saving = true;
    this.problem = null;
    try {
      if (!(await this.check())) {
        this.#sayWhatIsMissing();
        return false;
      }
      await this.#host.saveTypedWindow(this.form, this.replaces);
      this.discard();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.saving = false;
    }
  }

  #sayWhatIsMissing(): void {
    if (this.mistake) return;
    const say = (field: WindowField, message: string, hint: string) =>
      (this.mistake = { field, from: 0, to: 0, text: "", message, hint });
    if (this.form.name.trim() === "")
      say("name", "The window has no name.", "Give it the one your team uses.");
    else if (this.form.schedule === "")
      say("schedule", "There is no schedule.", "Type it as in the console: cron(0 2 ? * SUN *)");
  }
}

function blank(zone: string | null): TypedWindow {
  return {
    name: "",
    schedule: "",
    duration_hours: 4,
    cutoff_hours: 1,
    time_zone: zone,
    offset_days: null,
    start: null,
    end: null,
    anchor: null,
  };
}
