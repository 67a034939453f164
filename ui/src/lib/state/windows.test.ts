import { describe, expect, it, vi } from "vitest";
import { Refusal, type Host, type Standing, type TypedWindow, type TypedWindowCheck } from "../ipc/host";
import { StandingState } from "./standing.svelte";
import { WindowEditor } from "./windowEditor.svelte";
import { WindowsState } from "./windows.svelte";

const FINE: TypedWindowCheck = {
  mistake: null,
  next: [{ start: "2026-11-29T01:00:00Z", cutoff: "2026-11-29T04:00:00Z", end: "2026-11-29T05:00:00Z" }],
  open: null,
  never: false,
};
const PAGE = { runs: [], left_out: 0, typed: [], sources: { reading: true, ssm: [], heard: null } };

/** A host that answers what a test says, and nothing else. */
const host = (part: Partial<Host>) => part as Host;

function later<T>(): { answer: Promise<T>; give: (value: T) => void } {
  let give: (value: T) => void = () => undefined;
  const answer = new Promise<T>((done) => (give = done));
  return { answer, give };
}

describe("a window that is being typed", () => {
  it("is begun in the person's zone, and what was typed outlives a slip", async () => {
    const editor = new WindowEditor(host({ checkTypedWindow: async () => FINE }));
    editor.begin(null, "Europe/Berlin");
    expect(editor.form.time_zone).toBe("Europe/Berlin");
    editor.edit({ name: "Sunday patch" });
    editor.begin(null, "Europe/Berlin");
    expect(editor.form.name, "beginning again goes on").toBe("Sunday patch");
    editor.begin({ ...editor.form, name: "Nightly" }, null);
    expect(editor.form.name, "another window is another form").toBe("Nightly");
    expect(editor.changed).toBe(false);
    editor.begin(null, null);
    expect(editor.form.name).toBe("");
  });

  it("shows the answer to what was typed last, however the answers come", async () => {
    const [slow, quick] = [later<TypedWindowCheck>(), later<TypedWindowCheck>()];
    const answers = [slow.answer, quick.answer];
    const editor = new WindowEditor(host({ checkTypedWindow: () => answers.shift()! }));
    editor.edit({ name: "a", schedule: "cron(0 25 ? * SUN *)" });
    const first = editor.check();
    editor.edit({ schedule: "cron(0 2 ? * SUN *)" });
    const second = editor.check();
    quick.give(FINE);
    expect(await second).toBe(true);
    slow.give({
      mistake: { field: "schedule", from: 7, to: 9, message: "An hour is 0 to 23.", hint: "" },
      next: [],
      open: null,
      never: false,
    });
    expect(await first, "an overtaken answer says nothing").toBe(false);
    expect(editor.mistake).toBe(null);
    expect(editor.next).toHaveLength(1);
  });

  it("is not saved while something is wrong or missing", async () => {
    const saveTypedWindow = vi.fn(async () => undefined);
    const editor = new WindowEditor(host({ checkTypedWindow: async () => FINE, saveTypedWindow }));
    editor.begin(null, null);
    editor.edit({ schedule: "cron(0 2 ? * SUN *)" });
    expect(await editor.save()).toBe(false);
    expect(editor.mistake?.field, "a name is missing, and that is said where it goes").toBe("name");
    expect(saveTypedWindow).not.toHaveBeenCalled();
    editor.edit({ name: "Sunday patch" });
    expect(await editor.save()).toBe(true);
    expect(saveTypedWindow).toHaveBeenCalledWith(expect.objectContaining({ name: "Sunday patch" }), null);
    expect(editor.form.name, "what is saved is no draft").toBe("");
  });

  it("stays on the page when it cannot be saved, and remembers what it replaces", async () => {
    const problem = { code: "storage", message: "the disk is full", hint: "free some space" };
    const saveTypedWindow = vi.fn((window: TypedWindow, replaces: string | null) => {
      expect([window.name, replaces]).toEqual(["Sunday repair", "Sunday patch"]);
      return Promise.reject(new Refusal(problem));
    });
    const editor = new WindowEditor(host({ checkTypedWindow: async () => FINE, saveTypedWindow }));
    editor.begin({ ...editor.form, name: "Sunday patch", schedule: "rate(7 days)" }, null);
    editor.edit({ name: "Sunday repair" });
    expect(await editor.save()).toBe(false);
    expect(editor.problem).toEqual(problem);
    expect(editor.form.name).toBe("Sunday repair");
  });
});

describe("the windows around now", () => {
  const now = () => Date.parse("2026-11-25T12:00:00Z");

  it("shows the span that was asked for last", async () => {
    const [slow, quick] = [later<typeof PAGE>(), later<typeof PAGE>()];
    const answers = [slow.answer, quick.answer];
    const windows = new WindowsState(host({ windows: () => answers.shift()! }), now);
    const first = windows.load();
    const second = windows.setRange(28);
    quick.give(PAGE);
    await second;
    const { span } = windows;
    slow.give({ ...PAGE, left_out: 9 });
    await first;
    expect([windows.span, windows.page?.left_out]).toEqual([span, 0]);
    expect(Math.round((span.to - span.from) / 86_400_000)).toBe(28);
  });

  it("keeps what is on screen when it cannot be read again", async () => {
    const answers = [Promise.resolve(PAGE), Promise.reject(new Error("gone"))];
    const windows = new WindowsState(host({ windows: () => answers.shift()! }), now);
    await windows.load();
    expect(windows.empty, "no run and no typed window: it teaches").toBe(true);
    await windows.load();
    expect([windows.phase, windows.page]).toEqual(["ready", PAGE]);
    expect(windows.problem?.message).toContain("gone");
  });
});

it("a window that opens or closes by the clock is a change, though no message came", async () => {
  let tell: (standing: Standing) => void = () => undefined;
  const standing = {
    revision: 1,
    engine: "running",
    open_windows: 0,
    last_window: null,
  } as unknown as Standing;
  const state = new StandingState(
    host({
      standing: async () => standing,
      onStanding: async (hear) => {
        tell = hear;
        return () => undefined;
      },
    }),
  );
  await state.start();
  const heard = vi.fn();
  state.onRevision(heard);
  tell({ ...standing });
  expect(heard, "nothing changed").not.toHaveBeenCalled();
  tell({
    ...standing,
    open_windows: 1,
    last_window: { run: "r", name: "Sunday patch", ends: "2026-11-29T05:00:00Z" },
  });
  tell(standing);
  expect(heard).toHaveBeenCalledTimes(2);
});
