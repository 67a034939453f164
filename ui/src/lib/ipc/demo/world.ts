// The made-up account of the set-up, and what its parts share.
import { Refusal, type Standing, type TopicRow } from "../host";
import type { Scene } from "./fixtures";

export const ACCOUNT = "123456789012";
export const TOPIC = `arn:aws:sns:eu-central-1:${ACCOUNT}:ssm-notify`;
export const QUEUE = "watchbell-ann-laptop-1a2b3c4d";

export interface World {
  scene: Scene;
  account: string | null;
  draft: string | null;
  answer: <T>(value: () => T) => Promise<T>;
  standing: () => Standing;
  change: (standing: Standing) => void;
}

export function refuse(message: string, hint: string, code = "usage"): never {
  throw new Refusal({ code, message, hint });
}

export function topicRow(world: World, name: string): TopicRow {
  const subscribed = world.standing().subscriptions.some((line) => line.name === name);
  return {
    arn: `arn:aws:sns:eu-central-1:${ACCOUNT}:${name}`,
    name,
    region: "eu-central-1",
    account: ACCOUNT,
    subscribed,
    filter: subscribed ? "all" : null,
  };
}
