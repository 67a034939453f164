// The set-up of the fixtures: a made-up account with profiles, topics and a queue. `?draft=STEP` begins as after a crash,
// `?account=denied` refuses to make queues, `?account=nothing` has no profile. At IAM Identity Center `?account=waiting`
// signs in never, `?account=refused` is refused there, `?account=many` has more accounts than are
// listed, `?account=center` chose there before the crash.
import {
  Refusal,
  type Draft,
  type Plan,
  type SetupHost,
  type SignInAsked,
  type Standing,
  type StepRow,
} from "../host";
import { standingOf, type Scene } from "./fixtures";

const ACCOUNT = "123456789012";
const TOPIC = `arn:aws:sns:eu-central-1:${ACCOUNT}:ssm-notify`;
const QUEUE = "watchbell-ann-laptop-1a2b3c4d";

interface World {
  scene: Scene;
  account: string | null;
  draft: string | null;
  answer: <T>(value: () => T) => Promise<T>;
  standing: () => Standing;
  change: (standing: Standing) => void;
}

function accounts(count: number) {
  const named = [
    { id: ACCOUNT, name: "acme-prod", email: "aws-prod@acme.example" },
    { id: "210987654321", name: "acme-staging", email: "aws-staging@acme.example" },
    { id: "345678901234", name: "sandbox-of-the-platform-team-with-a-very-long-name", email: null },
  ];
  const more = Array.from({ length: Math.max(0, count - 3) }, (_, at) => ({
    id: String(400000000000 + at),
    name: `team-${at}`,
    email: null,
  }));
  return [...named, ...more];
}

export function setup(world: World): SetupHost {
  const { scene, account, answer } = world;
  const hears = new Set<(step: StepRow) => void>();
  const asks = new Set<(asked: SignInAsked) => void>();
  let callOff = () => {};
  let filter = "all";
  let paused = false;
  let draft: Draft | null =
    world.draft === null
      ? null
      : {
          step: world.draft,
          sign_in:
            account === "center"
              ? {
                  kind: "identity_center",
                  start_url: "https://d-1234567890.awsapps.com/start",
                  region: "eu-central-1",
                  account_id: ACCOUNT,
                  role_name: "PatchingOperator",
                }
              : { kind: "profile", name: "acme-prod" },
          role_arn: null,
          region: "eu-central-1",
          topic_arn: TOPIC,
          filter: "all",
          queue_url: null,
        };
  let leftovers = [
    {
      queue_url: `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/watchbell-ann-old-laptop-1a2b3c4d`,
      region: "eu-central-1",
      host: "old-laptop",
      topic_arn: TOPIC,
      created: "2026-01-12T09:00:00Z",
      last_seen: "2026-02-20T17:30:00Z",
      here: false,
      found_by: TOPIC,
    },
  ];

  const refuse = (message: string, hint: string, code = "usage") => {
    throw new Refusal({ code, message, hint });
  };
  const row = (name: string) => ({
    arn: `arn:aws:sns:eu-central-1:${ACCOUNT}:${name}`,
    name,
    region: "eu-central-1",
    account: ACCOUNT,
    subscribed: world.standing().subscriptions.some((line) => line.name === name),
  });
  const topicAt = (text: string) => {
    const parts = text.trim().split(":");
    if (/\s/.test(text.trim()) || parts.length !== 6)
      refuse(
        `"${text.trim()}" is not an ARN of six parts, arn:partition:service:region:account:name`,
        "Copy the ARN from the console",
      );
    if (parts[2] !== "sns")
      refuse(
        `this is an ARN of ${parts[2]}, not of SNS`,
        "Use the ARN of the SNS topic that is named in the NotificationConfig",
      );
    if (parts[1] !== "aws")
      refuse(
        `the topic is in the partition ${parts[1]}, and you are signed in to aws`,
        "sign in with an identity of the topic's partition",
      );
    if (parts[5]?.endsWith(".fifo"))
      refuse(
        `the topic ${parts[5]} is a FIFO topic; Systems Manager cannot publish to it`,
        "Make a standard topic for the notifications and use its ARN",
      );
    return { ...row(parts[5] ?? ""), arn: text.trim(), region: parts[3] ?? "", account: parts[4] ?? "" };
  };
  const plan = (adopted: boolean): Plan => ({
    topic_arn: TOPIC,
    queue_name: QUEUE,
    queue_arn: `arn:aws:sqs:eu-central-1:${ACCOUNT}:${QUEUE}`,
    adopted,
    steps: adopted
      ? [{ name: "queue", state: "unchanged", detail: `may read and delete from ${QUEUE}` }]
      : [
          { name: "identity", state: "unchanged", detail: `account ${ACCOUNT}` },
          { name: "topic", state: "unchanged", detail: "ssm-notify" },
          { name: "queue", state: "planned", detail: `make ${QUEUE} in eu-central-1` },
          { name: "policy", state: "planned", detail: "let ssm-notify deliver, nobody else (Policy)" },
          { name: "tags", state: "planned", detail: "say whose queue it is, and for what" },
          { name: "subscription", state: "planned", detail: "feed the queue from ssm-notify, filter all" },
          { name: "verify", state: "planned", detail: "read back policy and subscription" },
        ],
    calls: [
      { action: "sns:GetTopicAttributes", resource: TOPIC, what: "see that the topic exists", writes: false },
      {
        action: "sqs:CreateQueue",
        resource: `arn:aws:sqs:eu-central-1:${ACCOUNT}:${QUEUE}`,
        what: `make ${QUEUE} in eu-central-1, with its tags`,
        writes: true,
      },
      {
        action: "sqs:SetQueueAttributes",
        resource: `arn:aws:sqs:eu-central-1:${ACCOUNT}:${QUEUE}`,
        what: "let ssm-notify deliver, nobody else (Policy)",
        writes: true,
      },
      {
        action: "sns:Subscribe",
        resource: TOPIC,
        what: "feed the queue from ssm-notify, filter all",
        writes: true,
      },
    ],
    policy: adopted
      ? null
      : JSON.stringify(
          {
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" },
            ],
          },
          null,
          2,
        ),
    filter: null,
    grants: [
      "Only the topic ssm-notify may send to the queue; it sends every status change.",
      `Watchbell reads and deletes messages of ${QUEUE} with your own rights.`,
      `Whoever may read queues in account ${ACCOUNT} can see this one, its messages, and your name and this machine's in its tags.`,
      "Nobody else gets a right from this, and nothing is sent to the topic.",
    ],
    risks: adopted
      ? ["the queue has a redrive policy: what Watchbell cannot store in time goes to the dead-letter queue"]
      : [],
  });
  const done = (): StepRow[] =>
    plan(false).steps.map((step) => ({ ...step, state: step.state === "planned" ? "done" : step.state }));
  const subscribed = () => {
    const fresh = standingOf("empty", [], Date.now());
    world.change({ ...world.standing(), subscriptions: fresh.subscriptions });
  };

  return {
    setupWanted: () => answer(() => scene === "first"),
    setupDraft: () => answer(() => draft),
    saveSetupDraft: (told) => answer(() => void (draft = told)),
    endSetup: () => answer(() => void (draft = null)),
    signInCandidates: () =>
      answer(() => ({
        profiles:
          account === "nothing"
            ? []
            : [
                { name: "acme-prod", region: "eu-central-1", kind: "sso", source: null, trouble: null },
                {
                  name: "acme-patch",
                  region: "eu-central-1",
                  kind: "role",
                  source: "acme-prod",
                  trouble: null,
                },
                {
                  name: "old",
                  region: null,
                  kind: "unusable",
                  source: null,
                  trouble: "its source_profile goes in a circle through old",
                },
              ],
        problems:
          account === "nothing"
            ? [
                {
                  code: "usage",
                  message: "the AWS config cannot be read: error parsing ~/.aws/config on line 3",
                  hint: "correct that line",
                },
              ]
            : [],
        environment: false,
        region: "us-east-1",
      })),
    signIn: () =>
      answer(() => ({ account: ACCOUNT, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/patching/ann` })),
    signInWithKey: ({ id, secret }) =>
      answer(() => {
        if (!/^A[A-Z0-9]{15,}$/.test(id))
          refuse("the access key id is not one", "it has 16 or more capital letters and digits");
        if (secret === "wrong")
          refuse(
            "the secret for this access key is wrong: AWS refused the signature of sts:GetCallerIdentity",
            "type the right secret; if it is right, check this machine's clock",
            "aws_refused",
          );
        return { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann` };
      }),
    topics: (_, region, search) =>
      answer(() => {
        if (region !== "eu-central-1") return { topics: [], found: 0, fifo: 0, more: false };
        const all = ["ssm-notify", "alarms-prod", "billing", "deployments", "patching-reports"].map(row);
        const topics = all.filter((topic) => topic.name.includes(search.toLowerCase()));
        return { topics, found: topics.length, fifo: 2, more: false };
      }),
    checkTopic: (text) => answer(() => topicAt(text)),
    createTopic: (_, region, name) => answer(() => ({ ...row(name), region })),
    planSubscription: (wanted) => answer(() => plan(wanted.queue_url !== null)),
    applySubscription: async (wanted) => {
      if (account === "denied" && wanted.queue_url === null) {
        return answer(() => ({
          steps: [
            { name: "identity", state: "unchanged", detail: `account ${ACCOUNT}` },
            { name: "topic", state: "unchanged", detail: "ssm-notify" },
            { name: "queue", state: "failed", detail: `AWS denied sqs:CreateQueue on ${QUEUE}` },
          ],
          risks: [],
          problem: {
            code: "aws_refused",
            message: `AWS denied sqs:CreateQueue on arn:aws:sqs:eu-central-1:${ACCOUNT}:${QUEUE}`,
            hint: `ask your administrator for: {"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"arn:aws:sqs:eu-central-1:${ACCOUNT}:${QUEUE}"}`,
          },
          refused: true,
        }));
      }
      for (const step of done()) for (const hear of hears) await answer(() => hear(step));
      subscribed();
      return { steps: done(), risks: [], problem: null, refused: false };
    },
    cancelSetup: async () => undefined,
    adminStatement: () =>
      answer(() => [
        {
          title: "Make the queue, without a redrive policy",
          text: `aws sqs create-queue --queue-name ${QUEUE}`,
        },
        {
          title: "Let whoever uses Watchbell hear ssm-notify at the desktop",
          text: '{ "Action": ["sqs:DeleteMessage", "sqs:ReceiveMessage"] }',
        },
        { title: "Subscribe it to the topic", text: `aws sns subscribe --topic-arn ${TOPIC} --protocol sqs` },
      ]),
    testListeners: () => answer(() => 3),
    sendTest: () => answer(() => ({ command_id: "0c4e81d2-f03a-4779-a1b2-0c4e81d2f03a", heard: true })),
    signInCenter: async (startUrl, region, device) => {
      if (!/^https:\/\/[^\s/]+/.test(startUrl))
        refuse(
          "the start URL is not one",
          "it looks like https://d-1234567890.awsapps.com/start: the page on which you choose an AWS account",
        );
      for (const hear of asks)
        hear(
          device
            ? {
                url: `${startUrl}/#/device?user_code=KQXF-WVRB`,
                code: "KQXF-WVRB",
                until: "2026-03-01T09:10:00Z",
              }
            : {
                url: `https://oidc.${region}.amazonaws.com/authorize?response_type=code&client_id=c0ffee&redirect_uri=http%3A%2F%2F127.0.0.1%3A40123%2Foauth%2Fcallback&code_challenge_method=S256`,
                code: null,
                until: null,
              },
        );
      if (account === "refused")
        await answer(() =>
          refuse(
            "the sign-in was refused on the page in the browser",
            "allow Watchbell there, or ask your administrator whether applications may be allowed",
            "aws_refused",
          ),
        );
      if (account === "waiting")
        await new Promise<void>((_, reject) => {
          callOff = () =>
            reject(new Refusal({ code: "no", message: "the sign-in was called off", hint: "" }));
        });
      await answer(() => undefined);
    },
    cancelSignIn: async () => callOff(),
    centerAccounts: (_url, _region, search) =>
      answer(() => {
        const fit = accounts(account === "many" ? 340 : 3).filter((one) =>
          `${one.name} ${one.id} ${one.email ?? ""}`.toLowerCase().includes(search.toLowerCase()),
        );
        return { accounts: fit.slice(0, 50), found: fit.length };
      }),
    centerRoles: (_url, _region, id) =>
      answer(() => (id === ACCOUNT ? ["PatchingOperator", "ReadOnlyAccess"] : ["ReadOnlyAccess"])),
    onSignInAsked: async (hear) => {
      asks.add(hear);
      return () => asks.delete(hear);
    },
    signInAgain: () => answer(() => ({ kind: "code" as const, serial: "arn:aws:iam::123456789012:mfa/ann" })),
    giveCode: (_topic, code) =>
      answer(() => {
        if (!/^\d{6}$/.test(code.trim()))
          refuse("a code of an MFA device has six digits", "type the six digits that the device shows now");
        return { kind: "done" as const };
      }),
    subscriptions: () =>
      answer(() =>
        world.standing().subscriptions.map((line) => ({
          topic_arn: line.topic_arn,
          filter,
          adopted: false,
          paused,
          sign_in: { kind: "access_key" as const, id: "AKIAIOSFODNN7EXAMPLE" },
          role_arn: null,
          created_at: "2026-01-12T09:00:00Z",
        })),
      ),
    pauseSubscription: (topicArn, now) =>
      answer(() => {
        paused = now;
        const lines = world
          .standing()
          .subscriptions.map((line) =>
            line.topic_arn === topicArn
              ? { ...line, state: now ? "paused" : "connecting", reason: null, hint: null }
              : line,
          );
        world.change({ ...world.standing(), subscriptions: lines });
      }),
    changeFilter: (_, wanted) => answer(() => void (filter = wanted)),
    planRepair: () => answer(() => plan(false)),
    repairSubscription: async () => {
      for (const step of done()) for (const hear of hears) await answer(() => hear(step));
      return { steps: done(), risks: [], problem: null, refused: false };
    },
    leaveSubscription: (topicArn) =>
      answer(() => {
        const lines = world.standing().subscriptions.filter((line) => line.topic_arn !== topicArn);
        world.change({ ...world.standing(), subscriptions: lines });
        return {
          at: "2026-03-01T09:00:00Z",
          removed: [`the subscription ${topicArn}:0f1e2d3c`],
          kept: [],
          left: [
            {
              what: `the queue ${QUEUE}`,
              problem: {
                code: "aws_refused",
                message: `AWS denied sqs:DeleteQueue on ${QUEUE}`,
                hint: "ask your administrator for: sqs:DeleteQueue",
              },
            },
          ],
        };
      }),
    leftovers: () => answer(() => ({ queues: leftovers, problems: [] })),
    removeLeftover: (queue) =>
      answer(() => {
        leftovers = leftovers.filter((one) => one.queue_url !== queue.queue_url);
        return { at: "2026-03-01T09:00:00Z", removed: [`the queue ${queue.queue_url}`], kept: [], left: [] };
      }),
    onSetupStep: async (hear) => {
      hears.add(hear);
      return () => hears.delete(hear);
    },
  };
}
