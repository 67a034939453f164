import { expect, test } from "vitest";
import type { Again, AgainHow, SetupHost, SignInAsked } from "../ipc/host";
import { AgainState } from "./again.svelte";

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";

/** A program whose answers come when the test says so. */
function program() {
  const begun: { how: AgainHow; end: (again: Again) => void }[] = [];
  const hear = new Set<(asked: SignInAsked) => void>();
  let called = 0;
  const host = {
    onSignInAsked: async (one: (asked: SignInAsked) => void) => {
      hear.add(one);
      return () => hear.delete(one);
    },
    signInAgain: (_: string, how: AgainHow) => new Promise<Again>((end) => begun.push({ how, end })),
    cancelSignIn: async () => void (called += 1),
    giveCode: async () => ({ kind: "done" }) as Again,
  } as unknown as SetupHost;
  const ask = (topic_arn: string | null, code: string | null) => {
    for (const one of hear) one({ topic_arn, url: "https://example.com/device", code, until: null });
  };
  return { host, begun, ask, called: () => called };
}

const settled = () => new Promise((done) => setTimeout(done, 0));

test("a page that is made anew goes on with the sign-in that the tray began", async () => {
  const { host, begun, ask } = program();
  const again = new AgainState(host as never, TOPIC);
  await again.listen();
  expect(
    begun.map((one) => one.how),
    "nothing is begun by looking",
  ).toEqual(["join"]);
  ask(TOPIC, "KQXF-WVRB");
  expect(again.asked?.code, "the code is on the screen").toBe("KQXF-WVRB");
  begun[0]!.end({ kind: "done" });
  await settled();
  expect([again.busy, again.again?.kind, again.asked]).toEqual([false, "done", null]);
});

test("why the tray's sign-in failed is told, and what it was waited for is not heard after that", async () => {
  const { host, begun } = program();
  const again = new AgainState(host as never, TOPIC);
  await again.listen();
  again.failed({ code: "no", message: "it was refused", hint: "" });
  begun[0]!.end({ kind: "idle" });
  await settled();
  expect([again.busy, again.problem?.message]).toEqual([false, "it was refused"]);
  void again.begin(false);
  expect([again.busy, again.problem]).toEqual([true, null]);
});

test("a reason that comes before the page listens stays", async () => {
  const { host, begun } = program();
  const again = new AgainState(host as never, TOPIC);
  const listens = again.listen();
  again.failed({ code: "no", message: "it was refused", hint: "" });
  await listens;
  await settled();
  expect([begun.length, again.problem?.message]).toEqual([0, "it was refused"]);
});

test("where nothing is under way a press begins, and what another place is asked is not heard", async () => {
  const { host, begun, ask } = program();
  const again = new AgainState(host as never, TOPIC);
  await again.listen();
  void again.goOn(true);
  begun[0]!.end({ kind: "idle" });
  await settled();
  expect(begun.map((one) => one.how)).toEqual(["join", "browser"]);
  ask(null, "SETU-PSET");
  expect(again.asked, "the set-up's code is not this one's").toBeNull();
});

test("called off here it can be begun again at once; called off by the tray it goes on with the tray's", async () => {
  const { host, begun, ask, called } = program();
  const again = new AgainState(host as never, TOPIC);
  void again.begin(false);
  ask(TOPIC, null);
  await again.cancel();
  expect([again.busy, called()]).toEqual([false, 1]);
  begun[0]!.end({ kind: "idle" });
  await settled();
  expect(begun.length, "one's own end is no reason to look for another").toBe(1);

  void again.begin(true);
  begun[1]!.end({ kind: "idle" });
  await settled();
  expect(begun.map((one) => one.how)).toEqual(["browser", "device", "join"]);
});

test("what the tray begins anew takes the place of what it had begun, and is not called off by the window", async () => {
  const { host, begun, ask } = program();
  const again = new AgainState(host as never, TOPIC);
  await again.listen();
  ask(TOPIC, "KQXF-WVRB");
  void again.goOn(true);
  begun[0]!.end({ kind: "idle" });
  await settled();
  expect(begun.map((one) => one.how)).toEqual(["join", "join"]);
  begun[1]!.end({ kind: "idle" });
  await settled();
  expect(begun.length, "and nothing is begun").toBe(2);
});
