// When a key is a letter of a text and when it is a command.

/** Whether the event comes from a field that takes text, or from a dialog, which has keys of its own. */
export function typing(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog[open]")) return true;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Two keys one after the other, as `g r`. The first waits for the second for a moment only. */
export class Chord {
  #at = Number.NEGATIVE_INFINITY;
  readonly #first: string;
  readonly #within: number;

  constructor(first: string, within = 1000) {
    this.#first = first;
    this.#within = within;
  }

  /** The second key, if the first came just before it; null otherwise. `at` is in ms. */
  hear(key: string, at: number): string | null {
    const waited = at - this.#at;
    this.#at = key === this.#first ? at : Number.NEGATIVE_INFINITY;
    return key !== this.#first && waited <= this.#within ? key : null;
  }
}
