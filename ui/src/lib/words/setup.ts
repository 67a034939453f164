// The words of setting up: what a profile is, what a step does, what a subscription hears.
import type { Applied, LeftoverRow, ProfileRow, Receipt, SignIn, StepRow } from "../ipc/host";
import { shown } from "./ids";
import { amount } from "./rules";
import type { Mark } from "./status";

export const HEARS_LESS = "Failures and time-outs only: progress, successes and totals are unknown.";
export const HEARS_ALL = "Every status change: the history is whole.";
export const FILTER_DELAY = "SNS may take up to 15 minutes to act on the change.";

const KINDS: Record<string, string> = {
  key: "access key in the credentials file",
  sso: "IAM Identity Center",
  login: "console session of aws login",
  environment: "credentials of the environment",
  process: "credentials from a program",
  web_identity: "role with a token file",
};

/** "role through acme-base", "IAM Identity Center", or why the profile is of no use. */
export function profileWords(profile: Pick<ProfileRow, "kind" | "source" | "trouble">): string {
  if (profile.trouble) return profile.trouble;
  if (profile.kind === "role") return `role through ${profile.source ?? "another profile"}`;
  return KINDS[profile.kind] ?? profile.kind;
}

/** What is waited for where a program gives the credentials, which may ask for a touch or a password; else nothing. */
export function programWords(signIn: SignIn | null, profiles: readonly ProfileRow[]): string | undefined {
  if (signIn?.kind !== "profile") return undefined;
  const chosen = profiles.find((one) => one.name === signIn.name);
  const origin = chosen?.kind === "role" ? profiles.find((one) => one.name === chosen.source) : chosen;
  if (origin?.kind !== "process") return undefined;
  return `Waiting for the credential_process of ${shown(origin.name)}, which may want a touch or a password`;
}

/** "profile acme-prod", "access key AKIA…". */
export function signInWords(signIn: SignIn): string {
  if (signIn.kind === "access_key") return `access key ${signIn.id}, its secret in the keychain`;
  if (signIn.kind === "identity_center") {
    return `${signIn.role_name} in ${signIn.account_id}, through IAM Identity Center`;
  }
  return signIn.name === null ? "credentials of the environment" : `profile ${signIn.name}`;
}

const STEPS: Record<string, string> = {
  identity: "Signed in",
  topic: "Topic",
  queue: "Queue",
  policy: "Access policy",
  tags: "Tags",
  subscription: "Subscription",
  verify: "Read back",
};

export function stepName(name: string): string {
  return STEPS[name] ?? name;
}

/** The steps of a run before the first is heard of, in their order. */
export const RUN_STEPS = ["identity", "topic", "queue", "policy", "tags", "subscription", "verify"] as const;

const STATES: Record<string, string> = {
  waiting: "not yet",
  planned: "to do",
  done: "done",
  unchanged: "as it should be",
  failed: "failed",
  undone: "taken back",
};

export function stepState(step: Pick<StepRow, "name" | "state">): string {
  if (step.state === "running") return "under way";
  // Nothing is ever written for these two.
  if (step.state === "unchanged" && step.name === "identity") return "done";
  if (step.state === "unchanged" && step.name === "topic") return "found";
  return STATES[step.state] ?? step.state;
}

export function stepMark(state: string): Mark {
  if (state === "done" || state === "unchanged") return "success";
  if (state === "failed") return "failed";
  if (state === "undone") return "cancelled";
  return state === "running" ? "in_progress" : "pending";
}

/** What was heard of each step, laid over those that are to come; the first silent one is under way while `running`. */
export function liveSteps(heard: readonly StepRow[], running: boolean): StepRow[] {
  const rows = RUN_STEPS.map(
    (name) => heard.findLast((step) => step.name === name) ?? { name, state: "waiting", detail: "" },
  );
  if (!running || heard.some((step) => step.state === "failed")) return rows;
  const next = rows.findIndex((step) => step.state === "waiting");
  return rows.map((step, at) => (at === next ? { ...step, state: "running" } : step));
}

/** Who else gets a test message, before it is sent. */
export function listenersWords(count: number | null, topic: string): string {
  if (count === null)
    return `How many others are subscribed to ${topic} could not be read: each of them gets it.`;
  if (count === 0) return `Nobody else is subscribed to ${topic}.`;
  return `${amount(count, "other subscription")} of ${topic} ${count === 1 ? "gets" : "get"} it, too. Other Watchbells never ring for it; people who subscribed by mail get a mail.`;
}

/** What a screen reader is told when a run ends. */
export function endWords(applied: Applied): string {
  if (!applied.problem) return "Subscribed";
  const back = applied.steps.some((step) => step.state === "undone");
  return back ? "It failed, and what was made was taken back" : "It failed";
}

/** The receipt as text for a ticket. */
export function receiptText(receipt: Receipt): string {
  const part = (title: string, lines: string[]) =>
    lines.length ? [title, ...lines.map((line) => `  ${line}`)] : [];
  return [
    `Watchbell receipt, ${receipt.at}`,
    ...part("Removed:", receipt.removed),
    ...part("Kept:", receipt.kept),
    ...part("Left the keychain:", receipt.forgotten),
    ...part(
      "Not removed:",
      receipt.left.flatMap(({ what, problem }) => [`${what}: ${problem.message}`, `  ${problem.hint}`]),
    ),
    ...part("What is still in AWS is removed with:", receipt.by_hand),
  ].join("\n");
}

/** What a receipt is headed by. */
export function receiptTitle(receipt: Receipt): string {
  if (receipt.left.length > 0) return "Not everything could be removed";
  return receipt.by_hand.length > 0 ? "Forgotten here" : "Removed";
}

/** What removing it means, before the second press. */
export function removalWords(queue: Pick<LeftoverRow, "here" | "fresh" | "host">): string {
  const gone = "The queue, its subscription and its messages are removed.";
  if (queue.fresh) {
    return `It was read within the last two days: a Watchbell on ${queue.host ?? "another machine"} is most likely hearing by it at this moment, and will hear nothing more. ${gone}`;
  }
  return queue.here ? gone : `If Watchbell still runs there, it can no longer hear. ${gone}`;
}

/** Where a queue left over was made, and whether somebody may still read it. */
export function leftoverWords(queue: Pick<LeftoverRow, "host" | "here">): string {
  const host = queue.host ?? "a machine without a name";
  return queue.here ? `Made on ${host}, this machine` : `Made on ${host}`;
}

const looksLikeArn = /^\s*arn:/i;
/** Whether a text in the search field is an ARN rather than a part of a name. */
export function isArn(text: string): boolean {
  return looksLikeArn.test(text);
}

/** The regions of AWS that anybody may use, for the list below the field; any other can be typed. */
export const REGIONS = [
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "ca-central-1",
  "sa-east-1",
  "eu-central-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "eu-north-1",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
] as const;
