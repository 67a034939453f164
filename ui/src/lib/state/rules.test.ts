import { beforeEach, describe, expect, it, vi } from "vitest";
import { Refusal, type QuietHours, type RuleForm, type RuleMistake, type Tried } from "../ipc/host";
import type { Keep } from "./keep";
import { QuietState } from "./quiet.svelte";
import { RulesState } from "./rules.svelte";
import { TesterState } from "./tester.svelte";

const form = (name: string, more: Partial<RuleForm> = {}): RuleForm => ({
  name,
  enabled: true,
  document: `${name}*`,
  node: null,
  status: null,
  topic: null,
  window: null,
  then: "mute",
  ...more,
});
const refusal = new Refusal({ code: "storage", message: "full", hint: "free some" });

function keepOf(): Keep & { text: string | null } {
  return {
    text: null,
    read() {
      return this.text;
    },
    write(text) {
      this.text = text;
    },
  };
}

let inForce: RuleForm[];
let mistakes: RuleMistake[];
const host = {
  rules: vi.fn(async () => inForce),
  checkRules: vi.fn(async () => mistakes),
  saveRules: vi.fn(async (rules: RuleForm[]) => void (inForce = rules)),
  importRules: vi.fn(async (): Promise<RuleForm[]> => []),
};
const names = (state: RulesState) => state.rows.map((row) => row.form.name);
async function loaded(keep: Keep | null = null) {
  const state = new RulesState(host as never, keep);
  await state.load();
  return state;
}

beforeEach(() => {
  inForce = [form("a"), form("b"), form("c")];
  mistakes = [];
  vi.clearAllMocks();
});

describe("RulesState", () => {
  it("counts what was added, taken out, changed and moved, and nothing twice", async () => {
    const state = await loaded();
    expect(state.changes).toBe(0);
    const [a, b, c] = state.rows.map((row) => row.key);
    state.move(c!, -2);
    expect(names(state)).toEqual(["c", "a", "b"]);
    expect(state.changes, "one rule moved over two others is one change").toBe(1);
    state.edit(a!, { then: "loud" });
    state.remove(b!);
    state.add();
    expect(state.changes).toBe(4);
    state.discard();
    expect(names(state)).toEqual(["a", "b", "c"]);
    expect(state.changes).toBe(0);
  });
  it("a change that is taken back by hand is no change", async () => {
    const state = await loaded();
    const key = state.rows[0]!.key;
    state.edit(key, { enabled: false });
    state.edit(key, { enabled: true });
    expect(state.changes).toBe(0);
  });
  it("stops at both ends", async () => {
    const state = await loaded();
    expect(state.move(state.rows[0]!.key, -1)).toBeNull();
    expect(state.move(state.rows[2]!.key, 1)).toBeNull();
  });
  it("a new rule comes before one that fits everything, where it can still be asked", async () => {
    inForce = [form("a"), form("rest", { document: null })];
    const state = await loaded();
    state.add();
    expect(names(state)).toEqual(["a", "New rule", "rest"]);
  });
  it("a rule taken out can be put back where it was", async () => {
    const state = await loaded();
    state.remove(state.rows[1]!.key);
    expect(names(state)).toEqual(["a", "c"]);
    state.putBack();
    expect(names(state)).toEqual(["a", "b", "c"]);
    expect(state.changes).toBe(0);
  });
  it("saves nothing while there are mistakes, and says whose they are", async () => {
    const state = await loaded();
    state.edit(state.rows[1]!.key, { document: "/(/" });
    mistakes = [{ rule: 1, field: "document", from: 1, to: 2, message: "Not closed.", hint: "Close it." }];
    expect(await state.save()).toBe(false);
    expect(host.saveRules).not.toHaveBeenCalled();
    expect(state.mistakesOf(state.rows[1]!.key)[0]).toMatchObject({ text: "/(/", from: 1 });
  });
  it("checks once after the last letter", async () => {
    vi.useFakeTimers();
    const state = await loaded();
    for (const document of ["A", "AW", "AWS"]) state.edit(state.rows[0]!.key, { document });
    await vi.advanceTimersByTimeAsync(500);
    expect(host.checkRules).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
  it("drops the answer to a check that another overtook", async () => {
    const state = await loaded();
    const waiting: ((found: RuleMistake[]) => void)[] = [];
    host.checkRules.mockImplementation(() => new Promise((done) => waiting.push(done)));
    const [first, second] = [state.check(), state.check()];
    waiting[1]?.([]);
    waiting[0]?.([{ rule: 0, field: "name", from: 0, to: 0, message: "old", hint: "" }]);
    await Promise.all([first, second]);
    expect(state.mistakes).toEqual([]);
    host.checkRules.mockImplementation(async () => mistakes);
  });
  it("keeps what could not be saved", async () => {
    const state = await loaded();
    state.edit(state.rows[0]!.key, { then: "loud" });
    host.saveRules.mockRejectedValueOnce(refusal);
    expect(await state.save()).toBe(false);
    expect(state.changes).toBe(1);
    expect(state.saveProblem?.message).toBe("full");
  });
  it("edits outlive the window", async () => {
    const keep = keepOf();
    const before = await loaded(keep);
    before.edit(before.rows[0]!.key, { name: "renamed" });
    before.move(before.rows[2]!.key, -1);
    const after = await loaded(keep);
    expect(names(after)).toEqual(["renamed", "c", "b"]);
    expect(after.changes).toBe(2);
    await after.save();
    expect(keep.text, "what is saved need not be kept").toBeNull();
  });
  it("what was kept and is not understood is left alone", async () => {
    const keep = keepOf();
    keep.text = '{"rows":[{"form":1}]}';
    expect(names(await loaded(keep))).toEqual(["a", "b", "c"]);
  });
  it("rules that come into force elsewhere are shown, but never over edits", async () => {
    const state = await loaded();
    inForce = [form("b"), form("d")];
    await state.load();
    expect(names(state)).toEqual(["b", "d"]);
    state.edit(state.rows[0]!.key, { then: "loud" });
    inForce = [form("e")];
    await state.load();
    expect(names(state)).toEqual(["b", "d"]);
    expect(state.overtaken).toBe(true);
    state.discard();
    expect(names(state)).toEqual(["e"]);
  });
  it("an import replaces the draft and saves nothing", async () => {
    const state = await loaded();
    host.importRules.mockResolvedValueOnce([form("b"), form("new")]);
    expect(await state.import("…")).toBe(2);
    expect(names(state)).toEqual(["b", "new"]);
    expect(state.changes, "a and c out, new in").toBe(3);
    expect(host.saveRules).not.toHaveBeenCalled();
  });
  it("a refused import leaves the draft as it was", async () => {
    const state = await loaded();
    host.importRules.mockRejectedValueOnce(refusal);
    await expect(state.import("{")).rejects.toBe(refusal);
    expect(state.changes).toBe(0);
  });
});

describe("TesterState", () => {
  it("knows when its answer is of other rules or other days", async () => {
    const rules = [form("a")];
    const tester = new TesterState({ tryRules: async () => ({ days: 7 }) as Tried } as never);
    expect(tester.outdated(rules), "nothing is out of date before the first try").toBe(false);
    await tester.run(rules);
    expect(tester.outdated(rules)).toBe(false);
    expect(tester.outdated([form("b")])).toBe(true);
    tester.days = 30;
    expect(tester.outdated(rules)).toBe(true);
  });
  it("keeps the last answer when a try fails", async () => {
    let broken = false;
    const tester = new TesterState({
      tryRules: async () => {
        if (broken) throw refusal;
        return { days: 7 } as Tried;
      },
    } as never);
    await tester.run([]);
    broken = true;
    await tester.run([]);
    expect(tester.problem?.message).toBe("full");
    expect(tester.result?.days).toBe(7);
  });
});

describe("QuietState", () => {
  const held: QuietHours = { spans: [], blind: true, watched: true, documents: [], failing_nodes: null };
  function quietHost() {
    return {
      quietHours: async () => ({ ...held, spans: [{ days: ["mon"], from: "22:00:00", to: "07:00:00" }] }),
      checkQuietHours: async (quiet: QuietHours) => {
        const span = quiet.spans.findIndex((one) => one.days.length === 0);
        return { mistake: span < 0 ? null : { span, message: "Choose a day." }, until: null };
      },
      saveQuietHours: vi.fn(async (quiet: QuietHours) => void quiet),
    };
  }
  it("saves a change that can be kept, with times as they are shown", async () => {
    const host = quietHost();
    const state = new QuietState(host as never);
    await state.load();
    await state.change({ blind: false });
    expect(host.saveQuietHours.mock.calls[0]?.[0]).toMatchObject({
      blind: false,
      spans: [{ from: "22:00", to: "07:00" }],
    });
  });
  it("keeps what is wrong on screen, at its place, and does not save it", async () => {
    const host = quietHost();
    const state = new QuietState(host as never);
    await state.load();
    await state.changeSpan(0, { days: [] });
    expect(state.mistake?.span).toBe(0);
    expect(host.saveQuietHours).not.toHaveBeenCalled();
    await state.load();
    expect(state.value?.spans[0]?.days, "coming back does not lose it").toEqual([]);
    await state.changeSpan(0, { days: ["tue"] });
    expect(host.saveQuietHours).toHaveBeenCalledTimes(1);
    expect(state.mistake).toBeNull();
  });
});
