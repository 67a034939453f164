// The messages that were not understood, and which of them is unfolded.
import type { Host, QuarantineRow } from "../ipc/host";
import { Paged } from "./paged.svelte";

export class QuarantineState {
  readonly list: Paged<QuarantineRow>;
  open = $state<number | null>(null);

  constructor(host: Host) {
    this.list = new Paged((after, limit) => host.quarantine(after, limit));
  }

  toggle(id: number): void {
    this.open = this.open === id ? null : id;
  }
}
