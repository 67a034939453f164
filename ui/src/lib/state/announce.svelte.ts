// Short words for a screen reader after an act whose result is only seen: copied, acknowledged, opened.

class Announcer {
  words = $state("");
  #flip = false;

  say(words: string): void {
    // The same words twice would not be read twice.
    this.#flip = !this.#flip;
    this.words = this.#flip ? words : `${words}\u00a0`;
  }
}

export const announcer = new Announcer();
