// Snooze, watch, rules and quiet hours of the made-up worlds. The checks are a sketch of the program's own: enough of
// them to draw every state, and no more.
import {
  Refusal,
  type CommandRow,
  type Host,
  type QuietHours,
  type RuleForm,
  type RuleMistake,
  type Tried,
} from "../host";
import { nodesOf } from "./commands";
import type { Scene } from "./fixtures";

type Judging = Pick<
  Host,
  | "snooze"
  | "unsnooze"
  | "watch"
  | "rules"
  | "checkRules"
  | "saveRules"
  | "tryRules"
  | "exportRules"
  | "importRules"
  | "quietHours"
  | "checkQuietHours"
  | "saveQuietHours"
>;

interface World {
  scene: Scene;
  answer: <T>(value: () => T) => Promise<T>;
  commands: () => readonly CommandRow[];
  watched: Set<string>;
  snoozeUntil: (until: string | null) => void;
}

const rule = (name: string, then: string, more: Partial<RuleForm> = {}): RuleForm => ({
  name,
  enabled: true,
  document: null,
  node: null,
  status: null,
  topic: null,
  window: null,
  then,
  ...more,
});

function rulesOf(scene: Scene): RuleForm[] {
  if (scene === "empty" || scene === "unsubscribed" || scene === "first") return [];
  if (scene === "hostile")
    return [
      rule(`<img src=x onerror="document.title='run'">`, "mute", { document: "<b>*</b>" }),
      rule("תיקון שרתים בלילה تحديث الخوادم", "quiet", { topic: "ssm-*", window: "inside" }),
      rule("A rule whose name goes on ".repeat(4).trim(), "loud", {
        document: `/^(${"AWS-RunPatchBaseline|".repeat(20)}AWS-RunShellScript)$/`,
        node: "i-0c4e*",
        status: "failing",
        topic: "arn:aws:sns:eu-central-1:123456789012:ssm-notify",
        window: "outside",
      }),
    ];
  return [
    rule("Production patches", "loud", { document: "AWS-RunPatch*", topic: "ssm-notify" }),
    rule("Agent updates", "mute", { document: "AWS-UpdateSSMAgent" }),
    rule("Shell scripts in a window", "quiet", {
      document: "/^AWS-Run(Shell|PowerShell)Script$/",
      window: "inside",
    }),
    rule("Canary nodes", "quiet", { node: "i-0c4e*", enabled: false }),
    rule("Nightly reports", "mute", { document: "Acme-NightlyReport" }),
  ];
}

const STATUSES = [
  "failed",
  "timed_out",
  "cancelled",
  "not_run",
  "success",
  "in_progress",
  "pending",
  "failing",
];
const FIELDS = ["document", "node", "status", "topic"] as const;

function mistakesIn(rules: readonly RuleForm[]): RuleMistake[] {
  const found: RuleMistake[] = [];
  rules.forEach((form, at) => {
    const say = (field: string, from: number, to: number, message: string, hint: string) =>
      found.push({ rule: at, field, from, to, message, hint });
    if (form.name.trim() === "") say("name", 0, form.name.length, "The rule has no name.", "Give it one.");
    if (rules.findIndex((other) => other.name === form.name) < at && form.name.trim() !== "")
      say("name", 0, form.name.length, "Another rule has this name.", "Choose another one.");
    for (const field of FIELDS) {
      const text = form[field];
      if (text === null || text === "") continue;
      const brace = text.search(/[{[(]/);
      if (text.startsWith("/")) {
        if (!text.endsWith("/") || text.length === 1)
          say(
            field,
            text.length - 1,
            text.length,
            "This regular expression is not closed.",
            "Add a / at its end.",
          );
        else if (text.split("(").length > text.split(")").length)
          say(
            field,
            text.lastIndexOf("("),
            text.lastIndexOf("(") + 1,
            "This ( is not closed.",
            "Add a ) or write \\( for the character itself.",
          );
      } else if (brace >= 0)
        say(
          field,
          brace,
          brace + 1,
          `A plain pattern knows only * and ?; no name holds a ${text[brace]}.`,
          "Put a regular expression between slashes: /…/.",
        );
      else if (field === "status" && !/[*?]/.test(text) && !STATUSES.includes(text))
        say(
          field,
          0,
          text.length,
          `${text} is no status.`,
          "Statuses are failed, timed_out, cancelled, not_run, success, in_progress and pending; failing means failed or timed_out.",
        );
    }
  });
  return found;
}

function fits(pattern: string | null, texts: readonly string[]): boolean {
  if (!pattern) return true;
  const source = pattern.startsWith("/")
    ? pattern.slice(1, -1)
    : `^${pattern
        .replace(/[\\^$.+()|{}[\]/]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`;
  return texts.some((text) => new RegExp(source, "i").test(text));
}

/** The first rule that fits a failing command. */
function ruleFor(rules: readonly RuleForm[], row: CommandRow): RuleForm | null {
  const failed = nodesOf(row).filter((node) => node.status === "failed" || node.status === "timed_out");
  const fit = rules.find(
    (one) =>
      one.enabled &&
      fits(one.document, [row.document ?? ""]) &&
      fits(one.status, [row.state, "failing"]) &&
      fits(one.topic, [row.topic_arn ?? "", row.topic_arn?.split(":").at(-1) ?? ""]) &&
      (!one.node ||
        fits(
          one.node,
          failed.map((node) => node.node_id),
        )) &&
      (!one.window || (one.window === "inside") === (row.window !== null)),
  );
  return fit ?? null;
}

const OUTCOMES: Record<string, string> = { loud: "rang", quiet: "quiet", mute: "muted" };
/** How often a day each command of the world failed in the history that a try judges. */
const TIMES_A_DAY = 12;
/** Of so many loud commands one is told together with others; so many make one alert. */
const TOGETHER = 4;
const IN_ONE = 8;

function tallied(rows: readonly CommandRow[], rules: readonly RuleForm[], times: number) {
  const of = (then: string) =>
    times * rows.filter((row) => (ruleFor(rules, row)?.then ?? "loud") === then).length;
  const together = Math.floor(of("loud") / TOGETHER);
  const rang = of("loud") - together;
  return {
    alerts: rang + Math.ceil(together / IN_ONE),
    rang,
    together,
    quiet: of("quiet"),
    muted: of("mute"),
  };
}

/** The commands of the world that failed, judged by the rules in force and by those on the page. */
function tryOn(
  commands: readonly CommandRow[],
  inForce: readonly RuleForm[],
  rules: readonly RuleForm[],
  days: number,
): Tried {
  const failing = commands.filter((row) => row.state === "failed" || row.state === "timed_out");
  const times = TIMES_A_DAY * days;
  const changed = failing.flatMap((row) => {
    const [one, other] = [ruleFor(inForce, row), ruleFor(rules, row)];
    const [before, after] = [OUTCOMES[one?.then ?? "loud"], OUTCOMES[other?.then ?? "loud"]];
    if (!before || !after || before === after) return [];
    const by = other ? `by rule "${other.name}"` : "no rule fits it";
    const reason =
      after === "quiet"
        ? `Kept quiet ${by}: tray and history only.`
        : after === "muted"
          ? `Muted ${by}.`
          : `First failure of this command; ${other ? `loud ${by}` : by}.`;
    return [{ command_id: row.command_id, name: row.document ?? "A command", before, after, reason }];
  });
  return {
    days,
    events: times * failing.reduce((sum, row) => sum + Math.max(1, row.nodes_heard), 0),
    commands: times * failing.length,
    before: tallied(failing, inForce, times),
    after: tallied(failing, rules, times),
    changed: changed.slice(0, 9),
    more_changed: changed.length * times - Math.min(9, changed.length),
  };
}

function read(text: string): RuleForm[] {
  const unreadable = (message: string, hint = "Correct the file at that place, or export it anew.") =>
    new Refusal({ code: "usage", message, hint });
  let sheet: { watchbell_rules?: number; rules?: (Partial<RuleForm> & { when?: Partial<RuleForm> })[] };
  try {
    sheet = JSON.parse(text);
  } catch {
    const lines = text.split("\n");
    const line = Math.max(1, lines.findIndex((one) => /[^\s,{}[\]":\w*.-]/.test(one)) + 1);
    throw unreadable(`Line ${line}, column 3: the file ends within an object.`);
  }
  if (sheet.watchbell_rules !== 1)
    throw unreadable(
      `This is no file of Watchbell rules: "watchbell_rules": 1 is missing.`,
      "Choose a file that was exported by Watchbell.",
    );
  return (sheet.rules ?? []).map((one) =>
    rule(one.name ?? "", one.then ?? "loud", { ...one.when, enabled: one.enabled ?? true }),
  );
}

function written(rules: readonly RuleForm[]): string {
  const sheet = rules.map(({ name, enabled, then, ...when }) => ({
    name,
    enabled,
    when: Object.fromEntries(Object.entries(when).filter(([, text]) => text !== null)),
    then,
  }));
  return `${JSON.stringify({ watchbell_rules: 1, rules: sheet }, null, 2)}\n`;
}

export function judging({ scene, answer, commands, watched, snoozeUntil }: World): Judging {
  let rules = rulesOf(scene);
  let quiet: QuietHours = {
    spans:
      scene === "empty" || scene === "unsubscribed" || scene === "first"
        ? []
        : [
            { days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00:00", to: "07:00:00" },
            { days: ["sat", "sun"], from: "00:00:00", to: "00:00:00" },
          ],
    blind: true,
    watched: true,
    documents: scene === "hostile" ? ["<b>*</b>", "A-document-whose-name-goes-on-".repeat(5)] : [],
    failing_nodes: null,
  };
  const mistakeIn = (hours: QuietHours) => {
    const span = hours.spans.findIndex((one) => one.days.length === 0);
    return span < 0 ? null : { span, message: "Choose at least one weekday for this span." };
  };
  return {
    snooze: async (minutes) => snoozeUntil(new Date(Date.now() + minutes * 60_000).toISOString()),
    unsnooze: async () => snoozeUntil(null),
    watch: async (id, on) => void (on ? watched.add(id) : watched.delete(id)),
    rules: () => answer(() => rules),
    checkRules: async (asked) => mistakesIn(asked),
    saveRules: (asked) => answer(() => void (rules = asked)),
    tryRules: (asked, days) => answer(() => tryOn(commands(), rules, asked, days)),
    exportRules: async (asked) => written(asked),
    importRules: async (text) => read(text),
    quietHours: () => answer(() => quiet),
    checkQuietHours: async (asked) => ({ mistake: mistakeIn(asked), until: null }),
    saveQuietHours: (asked) => answer(() => void (quiet = asked)),
  };
}
