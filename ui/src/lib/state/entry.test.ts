import { describe, expect, it } from "vitest";
import type { Host } from "../ipc/host";
import { Entry } from "./entry.svelte";

/** A host that answers only whether the set-up is wanted. */
function host(wanted: () => Promise<boolean>): Host {
  return { setupWanted: wanted } as Partial<Host> as Host;
}

const there = () => true;
const elsewhere = () => false;

describe("the way into the set-up", () => {
  it("leads there once, and away when a terminal subscribed meanwhile", async () => {
    let wanted = true;
    const entry = new Entry(host(async () => wanted));
    expect(await entry.lead(elsewhere)).toBe("setup");
    expect(await entry.lead(there), "still wanted, so it stays").toBeNull();
    wanted = false;
    expect(await entry.lead(there)).toBe("feed");
    wanted = true;
    expect(await entry.lead(elsewhere), "it leads once").toBeNull();
  });

  it("leaves alone what the person touched", async () => {
    let wanted = true;
    const entry = new Entry(host(async () => wanted));
    await entry.lead(elsewhere);
    entry.setup.touch();
    wanted = false;
    expect(await entry.lead(there)).toBeNull();
  });

  it("does not lead against a choice that was made while the answer was on its way", async () => {
    let tell: (wanted: boolean) => void = () => undefined;
    const entry = new Entry(host(() => new Promise((done) => (tell = done))));
    const led = entry.lead(elsewhere);
    entry.decline();
    tell(true);
    expect(await led).toBeNull();
  });

  it("leaves alone who went elsewhere while the answer was on its way", async () => {
    let tell: (wanted: boolean) => void = () => undefined;
    let inSetup = false;
    const entry = new Entry(host(() => new Promise((done) => (tell = done))));
    const first = entry.lead(() => inSetup);
    tell(true);
    expect(await first).toBe("setup");
    inSetup = true;
    const led = entry.lead(() => inSetup);
    inSetup = false;
    tell(false);
    expect(await led).toBeNull();
  });

  it("asks again where the history could not be read", async () => {
    let broken = true;
    const entry = new Entry(
      host(async () => {
        if (broken) throw new Error("disk full");
        return true;
      }),
    );
    expect(await entry.lead(elsewhere)).toBeNull();
    broken = false;
    expect(await entry.lead(elsewhere)).toBe("setup");
  });
});
