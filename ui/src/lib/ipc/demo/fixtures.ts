// Made-up worlds, the same on every run: no randomness, and the clock is an argument.
import type { CommandRow, Counts, EventRow, GapRow, InvocationRow, QuarantineRow, Standing } from "../host";

export type Scene =
  | "patch"
  | "empty"
  | "unsubscribed"
  | "first"
  | "storm"
  | "blind"
  | "signed_out"
  | "error"
  | "hostile"
  | "many";

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
const NONE: Counts = {
  pending: 0,
  in_progress: 0,
  success: 0,
  failed: 0,
  timed_out: 0,
  cancelled: 0,
  not_run: 0,
  other: 0,
};
const MINUTE = 60_000;
/** The run that is open in these worlds. */
export const SUNDAY = "123456789012/eu-central-1/mw-0ed7251d3fcf6e0c2/b60fb56e-776c-4e5c-84ee-123456789012";
const iso = (ms: number) => new Date(ms).toISOString();
const hex = (seed: number, length: number) =>
  Array.from(
    { length },
    (_, at) =>
      ((Math.imul(seed + 7, 2654435761) + Math.imul(at + 3, 40503 * (seed + 11))) >>> (at % 13)) & 15,
  )
    .map((digit) => digit.toString(16))
    .join("");

export function row(
  seed: number,
  at: number,
  document: string | null,
  state: string,
  counts: Partial<Counts>,
  more: Partial<CommandRow> = {},
): CommandRow {
  const all = { ...NONE, ...counts };
  const heard = Object.values(all).reduce((sum, one) => sum + one, 0);
  return {
    command_id: `${hex(seed, 8)}-${hex(seed + 1, 4)}-4${hex(seed + 2, 3)}-a${hex(seed + 3, 3)}-${hex(seed + 4, 12)}`,
    document,
    state,
    status: null,
    levels: ["invocation"],
    requested_at: iso(at - 9 * MINUTE),
    updated_at: iso(at),
    topic_arn: TOPIC,
    target_count: heard,
    nodes_heard: heard,
    counts: all,
    acknowledged: false,
    simulated: false,
    muted: false,
    window: null,
    ...more,
  };
}

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

export function commandsOf(scene: Scene, now: number): CommandRow[] {
  if (scene === "empty" || scene === "unsubscribed" || scene === "first") return [];
  if (scene === "many") {
    return Array.from({ length: 10_000 }, (_, at) =>
      at % 17 === 3
        ? row(
            at,
            now - at * 7 * MINUTE,
            "AWS-RunPatchBaseline",
            "failed",
            { success: 190, failed: (at % 9) + 1 },
            { acknowledged: at > 60 },
          )
        : row(at, now - at * 7 * MINUTE, at % 3 ? "AWS-RunShellScript" : "AWS-UpdateSSMAgent", "success", {
            success: 40,
          }),
    );
  }
  if (scene === "storm") {
    return Array.from({ length: 120 }, (_, at) =>
      row(
        at,
        now - at * 1500,
        ["AWS-RunPatchBaseline", "AWS-RunShellScript", "Acme-RotateCertificates"][at % 3] ?? null,
        at % 4 === 3 ? "timed_out" : "failed",
        {
          failed: at % 4 === 3 ? 0 : 30 + at,
          timed_out: at % 5,
          success: 12,
          in_progress: 40,
        },
      ),
    );
  }
  const day = 24 * 60 * MINUTE;
  const rows = [
    row(
      1,
      now - 2 * MINUTE,
      "AWS-RunPatchBaseline",
      "failed",
      { success: 186, failed: 7, timed_out: 5, not_run: 2 },
      { window: { run: SUNDAY, name: "Sunday patch", guess: false } },
    ),
    row(
      2,
      now - 20_000,
      "AWS-RunShellScript",
      "in_progress",
      { success: 12, in_progress: 28 },
      { window: { run: SUNDAY, name: "Sunday patch", guess: true } },
    ),
    row(
      3,
      now - 41 * MINUTE,
      "Acme-RotateCertificates",
      "failed",
      {},
      { status: "failed", levels: ["command"], target_count: null },
    ),
    row(4, now - 62 * MINUTE, "AWS-UpdateSSMAgent", "success", { success: 200 }),
    row(11, now - 70 * MINUTE, "Acme-NightlyReport", "failed", { success: 3, failed: 1 }, { muted: true }),
    row(
      5,
      now - 95 * MINUTE,
      "AWS-RunPatchBaseline",
      "timed_out",
      { success: 141, timed_out: 7 },
      { target_count: null, acknowledged: true },
    ),
    row(6, now - day, "AWS-GatherSoftwareInventory", "success", { success: 148 }, { target_count: null }),
    row(7, now - day - 50 * MINUTE, "AWS-RunShellScript", "cancelled", { success: 9, cancelled: 31 }),
    row(
      8,
      now - day - 80 * MINUTE,
      "AWS-ConfigureAWSPackage",
      "failed",
      { failed: 1, not_run: 449 },
      { acknowledged: true },
    ),
    row(9, now - 3 * day, "AWS-RunPatchBaseline", "success", { success: 500 }, { simulated: true }),
    row(10, now - 3 * day - 30 * MINUTE, "AWS-RunRemoteScript", "Undecided", { other: 3, success: 37 }),
  ];
  if (scene !== "hostile") return rows;
  return [
    row(
      21,
      now - MINUTE,
      `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`,
      "failed",
      { failed: 1, success: 2 },
    ),
    row(22, now - 2 * MINUTE, "\u202egnp.exe \u0000\u001b[31m AWS-Run", "failed", { failed: 3 }),
    row(23, now - 3 * MINUTE, "תיקון-שרתים-לילה تحديث-الخوادم", "success", { success: 12 }),
    row(24, now - 4 * MINUTE, "A-document-whose-name-goes-on-".repeat(9), "timed_out", {
      timed_out: 123456,
      success: 987654,
    }),
    row(25, now - 5 * MINUTE, null, "success", { success: 1 }),
    ...rows,
  ];
}

export function nodesOf(command: CommandRow | undefined): InvocationRow[] {
  if (!command) return [];
  const rows: InvocationRow[] = [];
  const add = (count: number, status: string, details: (string | null)[]) => {
    for (let at = 0; at < count && rows.length < 5000; at++) {
      const hostile = command.document?.startsWith("<img") ? "<b>node</b>" : `i-${hex(rows.length + 31, 17)}`;
      rows.push({
        node_id: rows.length === 0 ? hostile : `i-${hex(rows.length + 31, 17)}`,
        status,
        detail: details[at % details.length] ?? null,
        event_time: iso(Date.parse(command.updated_at) - rows.length * 900),
      });
    }
  };
  const { counts } = command;
  add(counts.failed, "failed", ["Failed", "Undeliverable"]);
  add(counts.timed_out, "timed_out", ["ExecutionTimedOut", "DeliveryTimedOut"]);
  add(counts.not_run, "failed", ["Terminated"]);
  add(counts.cancelled, "cancelled", [null]);
  add(counts.other, "Undecided", [null]);
  add(counts.in_progress, "in_progress", [null]);
  add(counts.pending, "pending", [null]);
  add(counts.success, "success", [null]);
  return rows;
}

export function eventsOf(command: CommandRow | undefined): EventRow[] {
  return nodesOf(command).map((node, at) => ({
    event_time: node.event_time,
    received_at: iso(Date.parse(node.event_time) + (at % 7 === 6 ? 13 * MINUTE : 400)),
    level: "invocation",
    node_id: node.node_id,
    status: node.status,
    detail: node.detail,
    message_id: `${hex(at, 8)}-demo`,
  }));
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
  const out = scene === "signed_out";
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
    reason: out
      ? "signed out of AWS: a new code of the MFA device arn:aws:iam::123456789012:mfa/ann is needed"
      : blind
        ? "SQS refused ReceiveMessage: the role acme-ops may not call sqs:ReceiveMessage on this queue."
        : null,
    hint: out
      ? "press Sign in…, and type the code that the device shows"
      : blind
        ? "Ask the admin to allow sqs:ReceiveMessage on watchbell-ada-bridge-1f00c3aa, then nothing else is needed."
        : null,
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
