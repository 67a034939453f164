// The doctor and the administrator's documents of the fixtures. The documents are a sketch of the program's own: enough of them to
// draw every state, and no more. `?doctor=failing` finds everything wrong, `?account=denied` may read nothing of IAM.
import {
  Refusal,
  type CareHost,
  type DoctorCheck,
  type DoctorReport,
  type IamDocument,
  type IamForm,
  type Standing,
} from "../host";
import type { Scene } from "./fixtures";

const ROLE = "arn:aws:iam::123456789012:role/ssm-sns-publish";
const NOTIFY = `aws ssm send-command --region eu-central-1 --document-name DOCUMENT --targets Key=tag:NAME,Values=VALUE --service-role-arn '${ROLE}' --notification-config '{"NotificationEvents":["All"],"NotificationType":"Invocation"}'`;

interface World {
  scene: Scene;
  examined: string | null;
  account: string | null;
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

export function care(world: World): CareHost {
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
    fillIam: (form) =>
      answer(() => {
        if (form.topic_arn.trim() === "") return { mistakes: [], documents: [], texts: [] };
        const mistakes = mistakesIn(form);
        if (mistakes.length > 0) return { mistakes, documents: [], texts: [] };
        const documents = documentsOf(form);
        const texts = ["json", "terraform", "cloudformation", "cli"].map((format) => ({
          format,
          text: documents.map((one) => `# ${format}: ${one.title}\n${one.policy}\n`).join("\n"),
        }));
        return { mistakes: [], documents, texts };
      }),
    checkIam: (form) =>
      answer(() => {
        const line = (sid: string, state: string, more = {}) => ({
          sid,
          state,
          actions: [],
          resources: [],
          reason: null,
          fix: null,
          ...more,
        });
        if (world.account === "denied") {
          const denied = {
            reason: `AWS denied iam:GetRole on ${ROLE}`,
            fix: `ask your administrator for: {"Effect":"Allow","Action":"iam:GetRole","Resource":"${ROLE}"}`,
          };
          return {
            documents: documentsOf(form).map(() => [line("Publish", "cannot_look", denied)]),
            notes: [],
          };
        }
        const missing = {
          actions: ["iam:PassRole"],
          resources: [ROLE],
          fix: `add: {"Sid":"PassRole","Effect":"Allow","Action":"iam:PassRole","Resource":"${ROLE}"}`,
        };
        return {
          documents: documentsOf(form).map((one) => [
            one.task === 4 ? line("PassRole", "missing", missing) : line("Publish", "present"),
          ]),
          notes: [],
        };
      }),
  };
}

function mistakesIn(form: IamForm) {
  const mistakes = [];
  if (/\.fifo$/.test(form.topic_arn.trim()))
    mistakes.push({
      field: "topic_arn",
      message: "the topic is a FIFO topic; Systems Manager cannot publish to it",
      hint: "Make a standard topic for the notifications and use its ARN",
    });
  for (const field of ["sns_role", "window_role"] as const) {
    if (/AWSServiceRoleFor|aws-service-role/.test(form[field]))
      mistakes.push({
        field,
        message: `${form[field]} is a service-linked role: its permissions cannot be changed`,
        hint: "Use a custom role: Task 3 of the guide makes one.",
      });
    else if (/:user\//.test(form[field]))
      mistakes.push({
        field,
        message: `"${form[field]}" is the ARN of a user, where a role's is needed`,
        hint: "Give the name, or the ARN as the IAM console shows it: arn:aws:iam::123456789012:role/my-role",
      });
  }
  if (form.read_commands && form.queue_account !== "" && form.queue_account !== "123456789012")
    mistakes.push({
      field: "read_commands",
      message: "commands can be read in the topic's account 123456789012 only",
      hint: "Leave the rights to read commands out, or give the person a role there.",
    });
  return mistakes;
}

function documentsOf(form: IamForm): IamDocument[] {
  const topic = form.topic_arn.trim().split(":").at(-1) ?? "";
  const role = form.sns_role.trim() || "ssm-sns-publish";
  const who = form.person.trim()
    ? `the user ${form.person.trim()}`
    : "the users, groups or roles of account 123456789012 that need it";
  const policy = (Sid: string, Action: string) =>
    JSON.stringify(
      {
        Version: "2012-10-17",
        Statement: [{ Sid, Effect: "Allow", Action, Resource: form.topic_arn.trim() }],
      },
      null,
      2,
    );
  const one = (
    task: number | null,
    title: string,
    place: string,
    action: string,
    purpose: string,
  ): IamDocument => ({
    title,
    task,
    purpose,
    place,
    policy: policy(action.split(":")[1] ?? "", action),
    notes: task === 3 ? ["The role has to be made before something can be put into it."] : [],
  });
  return [
    one(
      2,
      `Let the role ${role} publish to ${topic}`,
      `the role ${role}`,
      "sns:Publish",
      "Systems Manager publishes as this role.",
    ),
    one(
      3,
      `Let Systems Manager assume the role ${role}`,
      `the role ${role}`,
      "sts:AssumeRole",
      "Without the trust nothing is ever published.",
    ),
    one(
      4,
      `Let whoever sends commands pass the role ${role}`,
      who,
      "iam:PassRole",
      "A command names the role, and who sends it must be allowed to pass it on.",
    ),
    ...(form.window_role.trim()
      ? [
          one(
            5,
            `Let ${form.window_role.trim()} pass the role ${role}`,
            `the role ${form.window_role.trim()}`,
            "iam:PassRole",
            "A maintenance window's task names the role, too.",
          ),
        ]
      : []),
    one(
      null,
      `Let whoever uses Watchbell hear ${topic} at the desktop`,
      who,
      "sqs:ReceiveMessage",
      "The least that Watchbell needs.",
    ),
  ];
}
