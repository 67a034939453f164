// The made-up worlds, and what is true of a whole world: what waits in quarantine, when nobody listened, how it stands.
// The same on every run: no randomness, and the clock is an argument.
import type { CommandRow, Counts, GapRow, QuarantineRow, Standing } from "../host";

export type Scene =
  | "patch"
  | "empty"
  | "unsubscribed"
  | "first"
  | "storm"
  | "blind"
  | "signed_out"
  | "key_refused"
  | "signs_out"
  | "error"
  | "hostile"
  | "many";

export const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
/** No node heard of. */
export const NONE: Counts = {
  pending: 0,
  in_progress: 0,
  success: 0,
  failed: 0,
  timed_out: 0,
  cancelled: 0,
  not_run: 0,
  other: 0,
};
export const MINUTE = 60_000;
/** The run that is open in these worlds. */
export const SUNDAY = "123456789012/eu-central-1/mw-0ed7251d3fcf6e0c2/b60fb56e-776c-4e5c-84ee-123456789012";
export const iso = (ms: number) => new Date(ms).toISOString();
/** A lunch break in the patch world; a holiday longer than the queue's memory in the one of many. */
export function gapsOf(scene: Scene, now: number): GapRow[] {
  const gap = (to: number, minutes: number, reason: string, may_have_lost: boolean): GapRow => ({
    topic_arn: TOPIC,
    from: iso(to - minutes * MINUTE),
    to: iso(to),
    reason,
    may_have_lost,
  });
  if (scene === "patch") return [gap(now - 70 * MINUTE, 45, "sleep", false)];
  if (scene === "many") return [gap(now - 6 * MINUTE, 15 * 24 * 60, "quit", true)];
  return [];
}

export function quarantineOf(scene: Scene, now: number): QuarantineRow[] {
  if (scene === "empty" || scene === "unsubscribed" || scene === "first") return [];
  const rows = [
    { reason: "Not JSON: expected a value at line 1, column 1", body: "hello, is this on?" },
    {
      reason: "Another topic than the one subscribed",
      body: `{\n  "Type": "Notification",\n  "TopicArn": "arn:aws:sns:eu-central-1:123456789012:other"\n}`,
    },
  ];
  if (scene === "hostile") {
    rows.unshift({
      reason: "<b>bold</b> reason \u202e reversed",
      body: `<script>document.title='run'</script>\u0000\u001b[31m\n<img src=x onerror="document.title='run'">`,
    });
    rows.push({ reason: "Not JSON", body: "x".repeat(100_000) });
  }
  return rows.map((one, at) => ({
    ...one,
    id: at + 1,
    received_at: iso(now - (at + 1) * 4 * MINUTE),
    topic_arn: TOPIC,
  }));
}

export function standingOf(scene: Scene, commands: readonly CommandRow[], now: number): Standing {
  const unacknowledged = commands.filter(
    (one) =>
      (one.state === "failed" || one.state === "timed_out") &&
      !one.acknowledged &&
      !one.simulated &&
      !one.muted,
  ).length;
  const key = scene === "key_refused";
  const out = scene === "signed_out" || key;
  const blind = scene === "blind" || out;
  const line = {
    topic_arn: TOPIC,
    name: scene === "hostile" ? `<i>ssm-notify</i> ${"long-".repeat(30)}` : "ssm-notify",
    queue_url: "https://sqs.eu-central-1.amazonaws.com/123456789012/watchbell-ada-bridge-1f00c3aa",
    state: out ? "signed_out" : blind ? "denied" : "ok",
    last_completed_poll: iso(now - (blind ? 26 * MINUTE : 4000)),
    last_message: iso(now - (blind ? 31 * MINUTE : 20_000)),
    backlog: blind ? null : 0,
    in_flight: blind ? null : 0,
    last_batch_waited_seconds: blind ? null : 3,
    signs_out: scene === "signs_out" ? iso(now + 25 * MINUTE - 1000) : null,
    reason: key
      ? "AWS does not know the access key that sqs:ReceiveMessage was signed with"
      : out
        ? "signed out of AWS: a new code of the MFA device arn:aws:iam::123456789012:mfa/ann is needed"
        : blind
          ? "SQS refused ReceiveMessage: the role acme-ops may not call sqs:ReceiveMessage on this queue."
          : null,
    hint: key
      ? "the key was deleted, made inactive or mistyped: give a valid one"
      : out
        ? "press Sign in…, and type the code that the device shows"
        : blind
          ? "Ask the admin to allow sqs:ReceiveMessage on watchbell-ada-bridge-1f00c3aa, then nothing else is needed."
          : null,
    report: `Topic: ${TOPIC}`,
  };
  const full = {
    code: "storage",
    message: "The history cannot be written: the disk is full. Receiving stopped, so nothing is lost.",
    hint: "Free some space on the disk that holds the data folder. Watchbell tries again every 10 s.",
  };
  return {
    health: blind ? "blind" : unacknowledged > 0 ? "failing" : "ok",
    headline: "",
    engine: scene === "error" ? "stopped" : "running",
    unacknowledged,
    quarantined: quarantineOf(scene, now).length,
    snoozed_until: null,
    quiet_until: null,
    open_windows: 0,
    last_window: null,
    subscriptions: scene === "unsubscribed" || scene === "first" ? [] : [line],
    problems: scene === "error" ? [full] : [],
    revision: 1,
    tray_host: scene !== "error",
    tray_library: true,
    version: "0.1.0",
    data_dir: "/home/ada/.local/share/watchbell",
  };
}
