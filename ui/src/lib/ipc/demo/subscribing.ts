// Choosing a topic, the plan, the run and the test of the fixtures' set-up. `?account=denied` refuses to make queues, and
// `?account=running` has a run under way that another page began.
import type { Applied, CallRow, Plan, SetupHost, StepRow } from "../host";
import { standingOf } from "./fixtures";
import { ACCOUNT, QUEUE, refuse, TOPIC, topicRow, type World } from "./world";

type Subscribing = Pick<
  SetupHost,
  | "topics"
  | "checkTopic"
  | "createTopic"
  | "planSubscription"
  | "applySubscription"
  | "cancelSetup"
  | "setupRun"
  | "setupOutcome"
  | "adminStatement"
  | "testListeners"
  | "sendTest"
  | "planRepair"
  | "repairSubscription"
  | "onSetupStep"
>;

const QUEUE_ARN = `arn:aws:sqs:eu-central-1:${ACCOUNT}:${QUEUE}`;
const reads = (action: string, resource: string, what: string): CallRow => ({
  action,
  resource,
  what,
  writes: false,
});
const writes = (action: string, resource: string, what: string): CallRow => ({
  action,
  resource,
  what,
  writes: true,
});
const OWN: CallRow[] = [
  reads("sts:GetCallerIdentity", "*", "see whose account the queue is in"),
  reads("sns:GetTopicAttributes", TOPIC, "see that the topic exists"),
  writes("sqs:CreateQueue", QUEUE_ARN, `make ${QUEUE} in eu-central-1, with its tags`),
  writes("sqs:SetQueueAttributes", QUEUE_ARN, "let ssm-notify deliver, nobody else (Policy)"),
  writes("sns:Subscribe", TOPIC, "feed the queue from ssm-notify, filter all"),
];
const ADOPTED: CallRow[] = [
  reads("sqs:GetQueueAttributes", QUEUE_ARN, "see whether it has a redrive policy or a second reader"),
  reads("sqs:DeleteMessage", QUEUE_ARN, "see that they may be deleted; none is"),
  reads("sns:ListSubscriptionsByTopic", TOPIC, "see whether the topic sends to the queue"),
];

const plan = (adopted: boolean): Plan => ({
  topic_arn: TOPIC,
  queue_name: QUEUE,
  queue_arn: QUEUE_ARN,
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
  calls: adopted ? ADOPTED : OWN,
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
    `Whoever may read queues in account ${ACCOUNT} can see this one and its messages, and in its tags your name, this machine's and who AWS says you are.`,
    "Nobody else gets a right from this, and nothing is sent to the topic.",
  ],
  risks: adopted
    ? ["the queue has a redrive policy: what Watchbell cannot store in time goes to the dead-letter queue"]
    : [],
});

const done = (): StepRow[] =>
  plan(false).steps.map((step) => ({ ...step, state: step.state === "planned" ? "done" : step.state }));

export function subscribing(world: World): Subscribing {
  const { account, answer } = world;
  const hears = new Set<(steps: StepRow[]) => void>();
  const tell = async () => {
    const steps = done();
    for (const at of steps.keys()) for (const hear of hears) await answer(() => hear(steps.slice(0, at + 1)));
  };
  let calledOff: (how: Applied) => void = () => undefined;
  // The words are those of the program (`watchbell_core::arn`).
  const topicAt = (text: string) => {
    const arn = text.trim();
    const parts = arn.split(":");
    const copy = "Copy the ARN from the console: arn:aws:sns:us-east-1:123456789012:my-topic";
    if (parts[0] !== "arn") refuse(`"${arn}" is not an ARN: it does not begin with "arn:"`, copy);
    if (parts.length < 6)
      refuse(`"${arn}" is cut short: an ARN has six parts, arn:partition:service:region:account:name`, copy);
    if (parts[2] !== "sns")
      refuse(
        `this is an ARN of the service "${parts[2]}", where a topic's (service "sns") is needed`,
        "Use the ARN of the SNS topic that is named in the command's or task's NotificationConfig.",
      );
    if (!/^\d{12}$/.test(parts[4] ?? ""))
      refuse(`the topic ARN's account "${parts[4]}" is not 12 digits`, copy);
    if (parts[5]?.endsWith(".fifo"))
      refuse(
        `${parts[5]} is a FIFO topic. Run Command notifies standard topics only, and those feed standard queues only`,
        "Make a standard topic for the notifications and use its ARN.",
      );
    if (parts[1] !== "aws")
      refuse(
        `the topic is in the partition ${parts[1]}, and you are signed in to aws`,
        "sign in with an identity of the topic's partition: partitions do not know each other",
      );
    return {
      ...topicRow(world, parts[5] ?? ""),
      arn,
      region: parts[3] ?? "",
      account: parts[4] ?? "",
    };
  };
  const subscribed = () => {
    const fresh = standingOf("empty", [], Date.now());
    world.change({ ...world.standing(), subscriptions: fresh.subscriptions });
  };

  return {
    topics: (_, region, search) =>
      answer(() => {
        if (region !== "eu-central-1") return { topics: [], found: 0, fifo: 0, more: false };
        const all = ["ssm-notify", "alarms-prod", "billing", "deployments", "patching-reports"].map((name) =>
          topicRow(world, name),
        );
        const topics = all.filter((topic) => topic.name.includes(search.toLowerCase()));
        return { topics, found: topics.length, fifo: 2, more: false };
      }),
    checkTopic: (text) => answer(() => topicAt(text)),
    createTopic: (_, region, name) => answer(() => ({ ...topicRow(world, name), region })),
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
      await tell();
      subscribed();
      return { steps: done(), risks: [], problem: null, refused: false };
    },
    cancelSetup: async () =>
      calledOff({
        steps: [...done().slice(0, 2), { name: "queue", state: "undone", detail: `make ${QUEUE}` }],
        risks: [],
        problem: {
          code: "no",
          message: "interrupted: what was made so far was taken back",
          hint: "begin again when you want to go on",
        },
        refused: false,
      }),
    setupRun: () =>
      answer(() => (account === "running" ? { topic_arn: TOPIC, steps: done().slice(0, 3) } : null)),
    setupOutcome: () => new Promise((ended) => (calledOff = ended)),
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
    planRepair: () => answer(() => plan(false)),
    repairSubscription: async () => {
      await tell();
      return { steps: done(), risks: [], problem: null, refused: false };
    },
    onSetupStep: async (hear) => {
      hears.add(hear);
      return () => hears.delete(hear);
    },
  };
}
