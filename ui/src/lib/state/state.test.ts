import { describe, expect, it, vi } from "vitest";
import { Refusal, type Page, type Settings } from "../ipc/host";
import { Paged } from "./paged.svelte";
import { Refresher } from "./refresher";
import { SettingsState } from "./settings.svelte";
import { StandingState } from "./standing.svelte";

const later = () => new Promise((done) => setTimeout(done, 0));
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

describe("Paged", () => {
  it("drops an answer that another question overtook", async () => {
    const waiting: ((page: Page<number>) => void)[] = [];
    const list = new Paged<number>(() => new Promise((done) => waiting.push(done)));
    const first = list.load();
    const second = list.load();
    waiting[1]?.({ rows: [2], next: null });
    waiting[0]?.({ rows: [1], next: null });
    await Promise.all([first, second]);
    expect(list.rows).toEqual([2]);
  });
  it("follows cursors and asks for a page once", async () => {
    const fetch = vi.fn(async (after: string | null) =>
      after === null ? { rows: numbers(0, 100), next: "100" } : { rows: numbers(100, 5), next: null },
    );
    const list = new Paged<number>(fetch);
    await list.load();
    await Promise.all([list.more(), list.more()]);
    await list.more();
    expect(list.rows).toEqual(numbers(0, 105));
    expect(fetch).toHaveBeenCalledTimes(2);
  });
  it("asks again when a change came while it was loading", async () => {
    const waiting: ((page: Page<number>) => void)[] = [];
    const list = new Paged<number>(() => new Promise((done) => waiting.push(done)));
    const loading = list.load();
    await list.refresh(0);
    waiting[0]?.({ rows: [1], next: null });
    await later();
    expect(waiting.length, "the answer under way was older than the change").toBe(2);
    waiting[1]?.({ rows: [2, 1], next: null });
    await loading;
    expect(list.rows).toEqual([2, 1]);
    expect(waiting.length, "and once is enough").toBe(2);
  });
  it("keeps what is on screen when a refresh fails", async () => {
    let broken = false;
    const list = new Paged<number>(async () => {
      if (broken) throw new Refusal({ code: "storage", message: "full", hint: "free some" });
      return { rows: [1], next: null };
    });
    await list.load();
    broken = true;
    await list.refresh(1);
    expect(list.rows).toEqual([1]);
    expect(list.moreProblem?.message).toBe("full");
  });
});

describe("Refresher", () => {
  it("runs once for a storm and once more at its end", async () => {
    vi.useFakeTimers();
    const run = vi.fn(async () => undefined);
    const refresher = new Refresher(run, 250);
    for (let at = 0; at < 1000; at++) refresher.want();
    await vi.advanceTimersByTimeAsync(1000);
    expect(run).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });
});

describe("StandingState", () => {
  it("does not put an old answer over a newer push, and tells of changed history once", async () => {
    let push: (standing: never) => void = () => undefined;
    const host = {
      onStanding: async (hear: (standing: never) => void) => {
        push = hear;
        return () => undefined;
      },
      standing: async () => {
        push({ revision: 2, engine: "running" } as never);
        return { revision: 1, engine: "running" };
      },
    };
    const state = new StandingState(host as never);
    const heard = vi.fn();
    state.onRevision(heard);
    await state.start();
    expect(state.value?.revision).toBe(2);
    expect(heard, "what was read before the first word may be older than it").toHaveBeenCalledTimes(1);
    push({ revision: 2, engine: "running" } as never);
    expect(heard, "the same history needs no refresh").toHaveBeenCalledTimes(1);
    push({ revision: 3, engine: "running" } as never);
    expect(heard).toHaveBeenCalledTimes(2);
  });
});

describe("SettingsState", () => {
  it("takes a change back when it could not be saved", async () => {
    const saved = { theme: "system", sound: true } as Settings;
    const state = new SettingsState({
      settings: async () => saved,
      saveSettings: async () => {
        throw new Refusal({ code: "storage", message: "read-only", hint: "" });
      },
    } as never);
    await state.load();
    await state.change({ sound: false });
    await later();
    expect(state.value?.sound).toBe(true);
    expect(state.saveProblem?.message).toBe("read-only");
  });
});
