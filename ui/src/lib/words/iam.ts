// The words of the administrator's documents: their languages, and what became of a statement.
import type { IamChecked, IamLine } from "../ipc/host";
import type { Mark } from "./status";

export const FORMATS = [
  { value: "json", label: "JSON" },
  { value: "terraform", label: "Terraform" },
  { value: "cloudformation", label: "CloudFormation" },
  { value: "cli", label: "AWS CLI" },
] as const;
export type FormatKey = (typeof FORMATS)[number]["value"];

const HOW: Record<FormatKey, string> = {
  json: "One policy per section, as the IAM console takes it.",
  terraform: "One file for Terraform 1.x and the AWS provider.",
  cloudformation: "One template. It names roles, so it is deployed with CAPABILITY_NAMED_IAM.",
  cli: "Lines for bash or zsh with the aws CLI, in the order in which they have to run.",
};

export function howToUse(format: FormatKey): string {
  return HOW[format];
}

const STATES: Record<string, string> = {
  present: "there",
  missing: "missing",
  denied: "denied",
  cannot_look: "cannot look",
};

export function lineState(state: string): string {
  return STATES[state] ?? state;
}

export function lineMark(state: string): Mark {
  if (state === "present") return "success";
  if (state === "missing") return "failed";
  return state === "denied" ? "cancelled" : "other";
}

/** What is missing and on what, or why it is not known. */
export function lineWords(line: IamLine): string {
  if (line.reason) return line.reason;
  const on = line.resources.length > 0 ? `on ${line.resources.join(", ")}` : "";
  return [line.actions.join(", "), on].filter(Boolean).join(" ");
}

/** "Everything is there", "2 missing or denied, 1 could not be looked at". */
export function checkedWords(checked: IamChecked): string {
  const lines = checked.documents.flatMap((document) => document.lines);
  const count = (...states: string[]) => lines.filter((line) => states.includes(line.state)).length;
  const lacking = count("missing", "denied");
  const unseen = count("cannot_look");
  if (lacking === 0 && unseen === 0) return "Everything is there";
  const parts = [];
  if (lacking > 0) parts.push(`${lacking} missing or denied`);
  if (unseen > 0) parts.push(`${unseen} could not be looked at`);
  return parts.join(", ");
}

/** What the account has of the documents, as text. */
export function checkedText(checked: IamChecked): string {
  const documents = checked.documents.map(({ title, lines }) =>
    [
      title,
      ...lines.flatMap((line) => [
        `  ${lineState(line.state)}: ${[line.sid, lineWords(line)].filter(Boolean).join(": ")}`,
        ...(line.fix ? [`    ${line.fix}`] : []),
      ]),
    ].join("\n"),
  );
  return documents.join("\n\n");
}
