// The doctor of the fixtures: every check it can tell of, and nothing examined. `?doctor=failing` finds what commonly fails,
// `?doctor=all` everything, `?doctor=hostile` says it in hostile words.
import { Refusal, type CareHost, type DoctorCheck, type DoctorReport, type Standing } from "../host";
import type { Scene } from "./fixtures";

const ROLE = "arn:aws:iam::123456789012:role/ssm-sns-publish";
const NOTIFY = `aws ssm send-command --region eu-central-1 --document-name DOCUMENT --targets Key=tag:NAME,Values=VALUE --service-role-arn '${ROLE}' --notification-config '{"NotificationEvents":["All"],"NotificationType":"Invocation"}'`;

interface World {
  scene: Scene;
  examined: string | null;
  answer: <T>(value: () => T) => Promise<T>;
  standing: () => Standing;
}

type Told = [name: string, stage: string, state: string, said: string, fix?: string];

const MACHINE: Told[] = [
  ["data_folder", "machine", "ok", "/home/ada/.local/share/watchbell, 1 subscription in it"],
  ["engine", "machine", "ok", "the Watchbell window runs (process 4711)"],
  ["notifications", "machine", "ok", "dunst 1.9.0 shows alerts"],
  ["keychain", "machine", "ok", "it is unlocked and has what the subscriptions need"],
];
const ALERT: Told = [
  "test_alert",
  "delivery",
  "ok",
  "a test alert was shown; if you do not see it, look at do-not-disturb and at the settings of the desktop",
];
const ASKED =
  'no test message was sent: everyone who is subscribed to the topic would get it; "Run with a test message" sends one after asking';
const WELL: Told[] = [
  ["proxy", "network", "ok", "no variable names one"],
  ["sts", "network", "ok", "sts.eu-central-1.amazonaws.com: connected, certificate by Amazon"],
  ["sns", "network", "ok", "sns.eu-central-1.amazonaws.com: connected, certificate by Amazon"],
  ["sqs", "network", "ok", "sqs.eu-central-1.amazonaws.com: connected, certificate by Amazon"],
  ["clock", "network", "ok", "agrees with AWS's"],
  [
    "identity",
    "identity",
    "ok",
    "arn:aws:sts::123456789012:assumed-role/patching/ada by the profile acme-prod",
  ],
  ["region", "identity", "ok", "topic and queue in eu-central-1, account 123456789012"],
  ["topic", "topic", "ok", "it exists, 4 confirmed subscriptions"],
  ["topic_kind", "topic", "ok", "standard"],
  ["topic_policy", "topic", "ok", "nothing in it keeps a role of account 123456789012 from publishing"],
  ["queue", "queue", "ok", "watchbell-ada-bridge-1f00c3aa exists, 0 messages waiting"],
  ["queue_policy", "queue", "ok", "the topic may deliver, by the queue's policy"],
  ["receive", "queue", "ok", "messages may be received and deleted"],
  ["subscription", "subscription", "ok", "arn:aws:sns:eu-central-1:123456789012:ssm-notify:0f1e2d3c"],
  ["filter", "subscription", "ok", "none: everything comes"],
  [
    "permissions",
    "permissions",
    "skipped",
    "cannot look: AWS denied iam:SimulatePrincipalPolicy",
    `ask your administrator for: {"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"${ROLE}"}`,
  ],
  ["heard", "delivery", "ok", "last message 20 s ago"],
  ["test_message", "delivery", "skipped", ASKED],
];
const DENIED: Told[] = [
  ...WELL.slice(0, 7),
  ["topic", "topic", "ok", "it exists, 4 confirmed subscriptions"],
  [
    "queue",
    "queue",
    "failed",
    "the queue watchbell-ada-bridge-1f00c3aa does not exist",
    "make it again: settings, Repair; or watchbellctl subscribe",
  ],
  ["queue_policy", "queue", "skipped", 'depends on "queue", which is not ok'],
  ["receive", "queue", "skipped", 'depends on "queue", which is not ok'],
  [
    "subscription",
    "subscription",
    "failed",
    "AWS denied sns:GetSubscriptionAttributes on arn:aws:sns:eu-central-1:123456789012:ssm-notify:0f1e2d3c",
    'ask your administrator for: {"Effect":"Allow","Action":"sns:GetSubscriptionAttributes","Resource":"arn:aws:sns:eu-central-1:123456789012:ssm-notify"}',
  ],
  [
    "heard",
    "delivery",
    "failed",
    "the topic is silent: last message 9 d ago",
    `is NotificationConfig set on your commands and tasks? For a command:\n${NOTIFY}`,
  ],
  ["test_message", "delivery", "skipped", ASKED],
];
const everyOne = (told: Told[]): Told[] =>
  told.map(([name, stage]) => [
    name,
    stage,
    "failed",
    `${name.replaceAll("_", " ")} is not as it should be`,
    `mend ${name.replaceAll("_", " ")}, then run the doctor again`,
  ]);

export function doctor(world: World): Pick<CareHost, "runDoctor" | "cancelDoctor" | "onDoctorTold"> {
  const { answer } = world;
  const hears = new Set<(check: DoctorCheck) => void>();
  let cancelled = false;
  let run = 0;

  function found(topic: string | null): DoctorCheck[] {
    const failing = world.examined === "failing" || world.examined === "all";
    const all = world.examined === "all";
    const kind = world.examined ?? (world.scene === "blind" ? "failing" : "ok");
    const topics = topic === null ? world.standing().subscriptions.map((line) => line.topic_arn) : [topic];
    const check =
      (topicArn: string | null) =>
      ([name, stage, state, said, fix]: Told): DoctorCheck => ({
        name,
        stage,
        topic_arn: topicArn,
        state,
        found:
          state === "skipped" ? "" : kind === "hostile" ? `\u202e${said} <b>${"long-".repeat(40)}</b>` : said,
        reason: state === "skipped" ? said : null,
        fix: fix ?? null,
      });
    const told = all ? everyOne(WELL) : failing || kind === "failing" ? DENIED : WELL;
    return [
      ...(all ? everyOne(MACHINE) : MACHINE).map(check(null)),
      ...topics.flatMap((one) => told.map(check(one))),
      check(null)(ALERT),
    ];
  }
  const refuse = (message: string, hint: string): never => {
    throw new Refusal({ code: "usage", message, hint });
  };
  function report(checks: DoctorCheck[]): DoctorReport {
    const lines = checks.map((check) => `  ${check.state} ${check.name} ${check.reason ?? check.found}`);
    return { at: new Date().toISOString(), checks, text: ["Watchbell 0.1.0", ...lines].join("\n") };
  }

  return {
    runDoctor: async (topic, publish) => {
      const mine = ++run;
      cancelled = false;
      if (topic !== null && !/^arn:[^:]+:sns:[^:]+:\d{12}:[\w.-]+$/.test(topic))
        refuse(`"${topic}" is not the ARN of an SNS topic`, "Copy the ARN from the console");
      const checks = found(topic).map((check) =>
        publish && check.name === "test_message"
          ? { ...check, state: "ok", reason: null, found: "published, delivered and stored within 1.4 s" }
          : check,
      );
      for (const check of checks) {
        await answer(() => undefined);
        if (cancelled || mine !== run) return refuse("the examination was called off", "run it again");
        for (const hear of hears) hear(check);
      }
      return answer(() => report(checks));
    },
    cancelDoctor: async () => void (cancelled = true),
    onDoctorTold: async (hear) => {
      hears.add(hear);
      return () => hears.delete(hear);
    },
  };
}
