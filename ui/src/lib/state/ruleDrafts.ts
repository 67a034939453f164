// The rules of the page as plain data: what was changed, the rule one begins with, and the text in which drafts are kept.
import type { RuleForm, RuleMistake } from "../ipc/host";

/** A rule on the page. Its key stays the same while it moves and changes. */
export interface Draft {
  key: number;
  form: RuleForm;
}

/** A mistake, and the text of the field as it was when it was found. */
export interface Mistake extends Omit<RuleMistake, "rule"> {
  key: number;
  text: string;
}

/** Whether two values are the same all through. */
export const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** How many rules were added, taken out, changed or moved. */
export function changesIn(rows: readonly Draft[], saved: readonly Draft[]): number {
  const places: number[] = [];
  let count = 0;
  for (const row of rows) {
    const at = saved.findIndex((held) => held.key === row.key);
    if (at >= 0) places.push(at);
    if (!same(saved[at]?.form, row.form)) count += 1;
  }
  return count + (saved.length - places.length) + moved(places);
}

/** A quiet rule for every failure, under a name that none of these has. */
export function freshRule(forms: readonly RuleForm[]): RuleForm {
  let name = "New rule";
  for (let at = 2; forms.some((form) => form.name === name); at++) name = `New rule ${at}`;
  return {
    name,
    enabled: true,
    document: null,
    node: null,
    status: null,
    topic: null,
    window: null,
    then: "quiet",
  };
}

interface Kept {
  base: RuleForm[];
  rows: { origin: string | null; form: RuleForm }[];
}

/** Drafts as text: each with the name of the rule in force that it comes from. */
export function keptText(drafts: readonly Draft[], saved: readonly Draft[]): string {
  const rows = drafts.map(({ key, form }) => {
    const held = saved.find((one) => one.key === key);
    return { origin: held?.form.name ?? null, form };
  });
  return JSON.stringify({ base: saved.map((row) => row.form), rows });
}

/** What was kept, if this version still understands it. */
export function readKept(text: string | null): Kept | null {
  try {
    const kept = JSON.parse(text ?? "null") as Kept | null;
    const whole = kept?.rows.every(
      ({ form }) => typeof form.name === "string" && typeof form.then === "string",
    );
    return whole ? kept : null;
  } catch {
    return null;
  }
}

/** The text of one field of a rule. */
export function textOf(form: RuleForm, field: string): string {
  return (form as unknown as Record<string, string | null>)[field] ?? "";
}

/** How many of these must move so that the rest is in order: all but the longest rising run among them. */
function moved(places: readonly number[]): number {
  const tails: number[] = [];
  for (const place of places) {
    const at = tails.findIndex((tail) => tail >= place);
    tails[at < 0 ? tails.length : at] = place;
  }
  return places.length - tails.length;
}
