// The subscriptions that there are in the fixtures: paused, filtered, left; and a queue left over.
import type { SetupHost } from "../host";
import { ACCOUNT, QUEUE, TOPIC, type World } from "./world";

type Keeping = Pick<
  SetupHost,
  | "subscriptions"
  | "pauseSubscription"
  | "changeFilter"
  | "leaveSubscription"
  | "leftovers"
  | "removeLeftover"
>;

export function keeping(world: World): Keeping {
  const { answer } = world;
  let filter = "all";
  let paused = false;
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

  return {
    subscriptions: () =>
      answer(() =>
        world.standing().subscriptions.map((line) => ({
          topic_arn: line.topic_arn,
          filter,
          adopted: false,
          paused,
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
  };
}
