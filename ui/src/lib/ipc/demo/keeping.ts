// The subscriptions that there are in the fixtures: paused, filtered, left; and a queue left over.
import type { SetupHost } from "../host";
import { ACCOUNT, QUEUE, TOPIC, type World } from "./world";

type Keeping = Pick<
  SetupHost,
  | "subscriptions"
  | "pauseSubscription"
  | "changeFilter"
  | "leaveSubscription"
  | "forgetSubscription"
  | "leftovers"
  | "removeLeftover"
>;

export function keeping(world: World): Keeping {
  const { answer } = world;
  let filter = "all";
  let paused = false;
  let left: string[] = [];
  let leftovers = [
    {
      queue_url: `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/watchbell-ann-old-laptop-1a2b3c4d`,
      region: "eu-central-1",
      host: "old-laptop",
      topic_arn: TOPIC,
      created: "2026-01-12T09:00:00Z",
      last_seen: "2026-02-20T17:30:00Z",
      here: false,
      fresh: false,
      found_by: { kind: "subscription" as const, topic_arn: TOPIC },
    },
    {
      queue_url: `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/watchbell-ann-desktop-1a2b3c4d`,
      region: "eu-central-1",
      host: "desktop",
      topic_arn: TOPIC,
      created: "2026-02-01T09:00:00Z",
      last_seen: "2026-03-01T06:00:00Z",
      here: false,
      fresh: true,
      found_by: { kind: "subscription" as const, topic_arn: TOPIC },
    },
  ];

  return {
    subscriptions: () =>
      answer(() =>
        world.standing().subscriptions.map((line) => ({
          topic_arn: line.topic_arn,
          filter,
          adopted: false,
          paused,
          leaving: left.includes(line.topic_arn),
          sign_in:
            world.scene === "signs_out"
              ? { kind: "profile" as const, name: "acme-prod" }
              : { kind: "access_key" as const, id: "AKIAIOSFODNN7EXAMPLE" },
          role: {
            arn: "arn:aws:iam::123456789012:role/watchbell",
            external_id: "acme-2026",
            mfa_serial: world.scene === "signed_out" ? `arn:aws:iam::${ACCOUNT}:mfa/ann` : "",
          },
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
    leaveSubscription: (topicArn) =>
      answer(() => {
        // The queue stays, so it is listed as one that is being left.
        left = [...left, topicArn];
        const lines = world.standing().subscriptions.map((line) =>
          line.topic_arn === topicArn
            ? {
                ...line,
                state: "paused",
                reason: "leaving it was begun and is not finished",
                hint: "press Leave once more to finish it",
              }
            : line,
        );
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
          forgotten: [],
          by_hand: [],
        };
      }),
    forgetSubscription: (topicArn) =>
      answer(() => {
        const lines = world.standing().subscriptions.filter((line) => line.topic_arn !== topicArn);
        world.change({ ...world.standing(), subscriptions: lines });
        return {
          at: "2026-03-01T09:01:00Z",
          removed: [],
          kept: [
            `the queue ${QUEUE} and its subscription, as far as they still exist: they were only forgotten here`,
          ],
          left: [],
          forgotten: ["the secret of the access key AKIAIOSFODNN7EXAMPLE"],
          by_hand: [
            `aws sns unsubscribe --region eu-central-1 --subscription-arn ${topicArn}:0f1e2d3c`,
            `aws sqs delete-queue --region eu-central-1 --queue-url ${QUEUE}`,
          ],
        };
      }),
    leftovers: () => answer(() => ({ queues: leftovers, problems: [] })),
    removeLeftover: (queue) =>
      answer(() => {
        leftovers = leftovers.filter((one) => one.queue_url !== queue.queue_url);
        return {
          at: "2026-03-01T09:00:00Z",
          removed: [`the queue ${queue.queue_url}`],
          kept: [],
          left: [],
          forgotten: [],
          by_hand: [],
        };
      }),
  };
}
