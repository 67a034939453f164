import { expect, it } from "vitest";
import {
  Refusal,
  type Applied,
  type Candidates,
  type Draft,
  type Entered,
  type Host,
  type Rights,
  type RoleForm,
  type RoleMistake,
  type StepRow,
  type TopicRow,
} from "../ipc/host";
import { RoleState } from "./role.svelte";
import { SetupState } from "./setup.svelte";

const ROLE: RoleForm = {
  arn: "arn:aws:iam::123456789012:role/w",
  external_id: "acme",
  mfa_serial: "GAHT12345678",
};
const CALLER: Entered = {
  kind: "in",
  caller: { account: "123456789012", arn: "arn:aws:iam::123456789012:user/ann" },
};
const CANDIDATES: Candidates = {
  profiles: [{ name: "acme", region: "eu-central-1", kind: "key", source: null, trouble: null }],
  problems: [],
  environment: false,
  region: "us-east-1",
};

const EMPTY: Draft = {
  step: "sign_in",
  sign_in: null,
  role: null,
  portal: null,
  region: null,
  topic_arn: null,
  filter: "all",
  queue_url: null,
};

function made(parts: Partial<Host>, draft: Draft | null = null) {
  const saved: Draft[] = [];
  const host = {
    signInCandidates: async () => CANDIDATES,
    setupDraft: async () => draft,
    setupRun: async () => null,
    saveSetupDraft: async (told: Draft) => void saved.push(told),
    checkRole: async () => [],
    topics: async () => ({ topics: [], found: 0, fifo: 0, more: false }),
    signIn: async () => CALLER,
    ...parts,
  } as unknown as Host;
  return { setup: new SetupState(host), saved };
}

it("a code that is wanted is asked for, a wrong one again, and none of them is in the draft", async () => {
  const given: string[] = [];
  const asked: Rights[] = [];
  const { setup, saved } = made({
    signIn: async (rights) => {
      asked.push(rights);
      return { kind: "code", serial: "GAHT12345678" };
    },
    giveSignInCode: async (_rights, _region, code) => {
      given.push(code);
      if (code === "000000") throw new Refusal({ code: "aws_refused", message: "no", hint: "" });
      return CALLER;
    },
  });
  await setup.start();
  for (const field of ["arn", "external_id", "mfa_serial"] as const)
    await setup.role.type(field, ROLE[field]);
  await setup.signInChosen();
  expect([setup.step, setup.device, setup.caller]).toEqual(["sign_in", "GAHT12345678", null]);
  expect(asked).toEqual([{ sign_in: { kind: "profile", name: "acme" }, role: ROLE }]);
  await setup.giveCode("000000");
  expect([setup.device, setup.problem?.message]).toEqual(["GAHT12345678", "no"]);
  await setup.giveCode("424242");
  expect([setup.step, setup.device, setup.problem]).toEqual(["topic", null, null]);
  expect(given).toEqual(["000000", "424242"]);
  expect(saved.at(-1)?.role).toEqual(ROLE);
  expect(JSON.stringify(saved), "a draft never holds a code").not.toMatch(/000000|424242/);
  expect(setup.wanted.rights.role, "the plan and the run get the role with its terms").toEqual(ROLE);
});

it("an access portal is kept before a role is chosen there, and is where it goes on", async () => {
  const { setup, saved } = made({});
  await setup.start();
  setup.asked = "center";
  setup.center.startUrl = " https://acme.awsapps.com/start ";
  setup.center.region = "eu-west-1";
  await setup.keepTyped();
  const portal = { start_url: "https://acme.awsapps.com/start", region: "eu-west-1" };
  const [draft] = saved;
  expect([draft?.sign_in, draft?.portal]).toEqual([null, portal]);
  const { setup: again } = made({}, draft);
  await again.start();
  expect([again.way, again.center.startUrl, again.center.region, again.untouched]).toEqual([
    "center",
    portal.start_url,
    portal.region,
    false,
  ]);
});

it("of two checks that overlap the later one counts", async () => {
  const answers: ((mistakes: RoleMistake[]) => void)[] = [];
  const role = new RoleState({ checkRole: () => new Promise((answer) => answers.push(answer)) });
  const first = role.type("arn", "x");
  const second = role.type("arn", ROLE.arn);
  answers[1]?.([]);
  answers[0]?.([{ field: "arn", message: "a name", hint: "" }]);
  await Promise.all([first, second]);
  expect(role.wrong("arn"), "the mistake of what is no more there is not told").toBeNull();
  expect(role.form).toEqual({ ...ROLE, external_id: "", mfa_serial: "" });
});

it("a set-up that was broken off goes on at its topic and step once the code is given", async () => {
  const arn = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
  const draft: Draft = {
    step: "plan",
    sign_in: { kind: "profile", name: "acme" },
    role: ROLE,
    portal: null,
    region: "eu-central-1",
    topic_arn: arn,
    filter: "alerts",
    queue_url: null,
  };
  const planned: string[] = [];
  const { setup, saved } = made(
    {
      signIn: async () => ({ kind: "code", serial: ROLE.mfa_serial }),
      giveSignInCode: async () => CALLER,
      checkTopic: async () => ({
        arn,
        name: "ssm-notify",
        region: "eu-central-1",
        account: "123456789012",
        subscribed: false,
        filter: null,
      }),
      planSubscription: async (wanted) => {
        planned.push(wanted.topic_arn);
        return {} as never;
      },
    },
    draft,
  );
  await setup.start();
  expect([setup.step, setup.device]).toEqual(["sign_in", ROLE.mfa_serial]);
  await setup.keepTyped();
  expect([saved.at(-1)?.step, saved.at(-1)?.topic_arn], "a second crash costs nothing either").toEqual([
    "plan",
    arn,
  ]);
  await setup.giveCode("424242");
  expect([setup.step, setup.topic?.arn, setup.device]).toEqual(["plan", arn, null]);
  expect(planned).toEqual([arn]);
});

it("a set-up is not ended while a call is under way, and what is being kept is not kept after the end", async () => {
  const done: string[] = [];
  let answer: (entered: Entered) => void = () => undefined;
  const answered = new Promise<Entered>((told) => (answer = told));
  let save: () => void = () => undefined;
  let slow = false;
  const { setup } = made({
    signIn: () => answered,
    cancelSignIn: async () => undefined,
    saveSetupDraft: async () => {
      if (slow) await new Promise<void>((told) => (save = told));
      done.push("saved");
    },
    endSetup: async () => void done.push("ended"),
  });
  await setup.start();
  const signing = setup.signInChosen();
  expect(await setup.end(), "a session that is being opened would be left behind").toBe(false);
  answer({ kind: "code", serial: "GAHT12345678" });
  await signing;
  expect(done).not.toContain("ended");
  done.length = 0;
  slow = true;
  const keeping = setup.keepTyped();
  const ending = setup.end();
  await new Promise((told) => setTimeout(told));
  save();
  expect([await ending, done]).toEqual([true, ["saved", "ended"]]);
  await keeping;
});

it("what is kept last is the newest, however long a disk takes for what was kept before", async () => {
  const regions: (string | null)[] = [];
  const waits = [30, 0];
  const { setup } = made({
    saveSetupDraft: async (draft) => {
      await new Promise((told) => setTimeout(told, waits.shift()));
      regions.push(draft.region);
    },
  });
  await setup.start();
  setup.topics.region = "eu-west-1";
  const first = setup.keepTyped();
  setup.topics.region = "eu-west-2";
  await Promise.all([first, setup.keepTyped()]);
  expect(regions.at(-1)).toBe("eu-west-2");
  expect(regions).toHaveLength(2);
});

const ARN = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
const TOPIC: TopicRow = {
  arn: ARN,
  name: "ssm-notify",
  region: "eu-central-1",
  account: "123456789012",
  subscribed: false,
  filter: null,
};
const step = (name: string, state: string): StepRow => ({ name, state, detail: "" });
const CALLED_OFF: Applied = {
  steps: [step("queue", "undone")],
  risks: [],
  problem: { code: "no", message: "interrupted", hint: "" },
  refused: false,
};

it("a page that comes in the middle of a run follows it, can call it off, and shows its end", async () => {
  let hear: (steps: StepRow[]) => void = () => undefined;
  let end: (applied: Applied) => void = () => undefined;
  let asked: () => void = () => undefined;
  const following = new Promise<void>((told) => (asked = told));
  const { setup, saved } = made(
    {
      setupRun: async () => ({
        topic_arn: ARN,
        steps: [step("identity", "unchanged"), step("queue", "done")],
      }),
      setupOutcome: () => {
        asked();
        return new Promise((told) => (end = told));
      },
      onSetupStep: async (heard) => {
        hear = heard;
        return () => undefined;
      },
      cancelSetup: async () => end(CALLED_OFF),
      checkTopic: async () => TOPIC,
      endSetup: async () => undefined,
    },
    { ...EMPTY, step: "plan", topic_arn: ARN, sign_in: { kind: "profile", name: "acme" } },
  );
  const started = setup.start();
  await following;
  expect([setup.step, setup.busy, setup.topic?.arn]).toEqual(["apply", true, ARN]);
  expect(setup.run.steps.map((one) => one.name)).toEqual(["identity", "queue"]);
  hear([...setup.run.steps, step("policy", "done")]);
  expect(setup.run.steps).toHaveLength(3);
  expect(await setup.end(), "a run that is under way is not left behind").toBe(false);
  await setup.cancel();
  await started;
  expect([setup.step, setup.run.applied?.problem?.message, setup.run.cancelling]).toEqual([
    "apply",
    "interrupted",
    false,
  ]);
  expect(saved.at(-1)?.step, "the program knows that its end was seen").toBe("apply");
});

it("a run that is tried again can be called off again", async () => {
  let end: (applied: Applied) => void = () => undefined;
  const { setup } = made({
    applySubscription: () => new Promise((told) => (end = told)),
    onSetupStep: async () => () => undefined,
    cancelSetup: async () => undefined,
  });
  await setup.start();
  for (const turn of [1, 2]) {
    const applying = setup.apply();
    expect(setup.run.cancelling, `turn ${turn}: nothing is being taken back yet`).toBe(false);
    await setup.cancel();
    expect(setup.run.cancelling).toBe(true);
    end(CALLED_OFF);
    await applying;
  }
});

it("what is subscribed already goes on hearing what it hears, and a new topic sends everything", async () => {
  const wanted: string[] = [];
  const { setup } = made({
    planSubscription: async ({ filter }) => {
      wanted.push(filter);
      return {} as never;
    },
  });
  await setup.start();
  setup.topics.choose({ ...TOPIC, subscribed: true, filter: "alerts" });
  await setup.makePlan();
  setup.topics.choose(TOPIC);
  await setup.makePlan();
  expect(wanted).toEqual(["alerts", "all"]);
});

it("a queue that was given and cannot be used leaves the plan as it was", async () => {
  const { setup } = made({
    planSubscription: async ({ queue_url }) => {
      if (queue_url === "x") throw new Refusal({ code: "usage", message: "no URL", hint: "" });
      return { adopted: queue_url !== null } as never;
    },
  });
  await setup.start();
  setup.topics.choose(TOPIC);
  await setup.makePlan();
  setup.given = " x ";
  await setup.useGiven();
  expect([setup.problem?.message, setup.wanted.queue_url, setup.plan?.adopted]).toEqual([
    "no URL",
    null,
    false,
  ]);
  setup.given = "https://q";
  expect(setup.wanted.queue_url, "what is only typed is not what would be set up").toBeNull();
  await setup.useGiven();
  expect([setup.problem, setup.wanted.queue_url, setup.plan?.adopted]).toEqual([null, "https://q", true]);
});

it("the topics are asked for anew whenever the step is entered", async () => {
  const anew: boolean[] = [];
  const { setup } = made({
    topics: async (_rights, _region, _search, again) => {
      anew.push(again);
      return { topics: [TOPIC], found: 1, fifo: 0, more: false };
    },
    planSubscription: async () => ({}) as never,
  });
  await setup.start();
  await setup.signInChosen();
  await setup.topics.setSearch("ssm");
  setup.topics.choose(TOPIC);
  await setup.makePlan();
  await setup.back();
  expect(anew, "a search looks through what is there").toEqual([true, false, true]);
});
