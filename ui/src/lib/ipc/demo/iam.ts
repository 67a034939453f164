// The administrator's documents of the fixtures: a sketch of the program's own, enough of them to draw every state, and no more.
// `?account=denied` may read nothing of IAM.
import type { CareHost, IamDocument, IamForm } from "../host";

const ROLE = "arn:aws:iam::123456789012:role/ssm-sns-publish";

interface World {
  account: string | null;
  answer: <T>(value: () => T) => Promise<T>;
}

export function iam({ account, answer }: World): Pick<CareHost, "fillIam" | "checkIam"> {
  return {
    fillIam: (form) =>
      answer(() => {
        if (form.topic_arn.trim() === "") return { mistakes: [], documents: [], texts: [] };
        const mistakes = mistakesIn(form);
        if (mistakes.length > 0) return { mistakes, documents: [], texts: [] };
        const documents = documentsOf(form);
        const texts = ["json", "terraform", "cloudformation", "cli"].map((format) => ({
          format,
          text: documents.map((one) => `# ${format}: ${one.title}\n${one.policy}\n`).join("\n"),
        }));
        return { mistakes: [], documents, texts };
      }),
    checkIam: (form) =>
      answer(() => {
        const line = (sid: string, state: string, more = {}) => ({
          sid,
          state,
          actions: [],
          resources: [],
          reason: null,
          fix: null,
          ...more,
        });
        if (account === "denied") {
          const denied = {
            reason: `AWS denied iam:GetRole on ${ROLE}`,
            fix: `ask your administrator for: {"Effect":"Allow","Action":"iam:GetRole","Resource":"${ROLE}"}`,
          };
          const lines = [line("Publish", "cannot_look", denied)];
          return { documents: documentsOf(form).map((one) => ({ title: heading(one), lines })) };
        }
        const missing = {
          actions: ["iam:PassRole"],
          resources: [ROLE],
          fix: `add: {"Sid":"PassRole","Effect":"Allow","Action":"iam:PassRole","Resource":"${ROLE}"}`,
        };
        const left = { reason: "the key's policy leaves it to IAM" };
        const documents = documentsOf(form).map((one) => ({
          title: heading(one),
          lines: [
            one.task === 4 ? line("PassRole", "missing", missing) : line("Publish", "present"),
            ...(one.task === 4 ? [] : [line("LetSnsRoleUseTopicKey", "present", left)]),
          ],
        }));
        const unnamed = {
          reason:
            "the topic is encrypted with the key alias/own, which was not named, so the rights on it were not compared",
          fix: "name it: --kms-key with its ARN, or its field in the window",
        };
        const beside = [line("TopicExists", "present"), line("TopicKey", "cannot_look", unnamed)];
        return { documents: [...documents, { title: "The topic and the encryption", lines: beside }] };
      }),
  };
}

function heading({ task, title }: IamDocument): string {
  return task === null ? title : `Task ${String(task)}: ${title}`;
}

function mistakesIn(form: IamForm) {
  const mistakes = [];
  if (/\.fifo$/.test(form.topic_arn.trim()))
    mistakes.push({
      field: "topic_arn",
      message: "the topic is a FIFO topic; Systems Manager cannot publish to it",
      hint: "Make a standard topic for the notifications and use its ARN",
    });
  for (const field of ["sns_role", "window_role"] as const) {
    if (/AWSServiceRoleFor|aws-service-role/.test(form[field]))
      mistakes.push({
        field,
        message: `${form[field]} is a service-linked role: its permissions cannot be changed`,
        hint: "Use a custom role: Task 3 of the guide makes one.",
      });
    else if (/:user\//.test(form[field]))
      mistakes.push({
        field,
        message: `"${form[field]}" is the ARN of a user, where a role's is needed`,
        hint: "Give the name, or the ARN as the IAM console shows it: arn:aws:iam::123456789012:role/my-role",
      });
  }
  if (form.read_commands && form.queue_account !== "" && form.queue_account !== "123456789012")
    mistakes.push({
      field: "read_commands",
      message: "commands can be read in the topic's account 123456789012 only",
      hint: "Leave the rights to read commands out, or give the person a role there.",
    });
  return mistakes;
}

function documentsOf(form: IamForm): IamDocument[] {
  const topic = form.topic_arn.trim().split(":").at(-1) ?? "";
  const role = form.sns_role.trim() || "ssm-sns-publish";
  const who = form.person.trim()
    ? `the user ${form.person.trim()}`
    : "the users, groups or roles of account 123456789012 that need it";
  const policy = (Sid: string, Action: string) =>
    JSON.stringify(
      {
        Version: "2012-10-17",
        Statement: [{ Sid, Effect: "Allow", Action, Resource: form.topic_arn.trim() }],
      },
      null,
      2,
    );
  const one = (
    task: number | null,
    title: string,
    place: string,
    action: string,
    purpose: string,
  ): IamDocument => ({
    title,
    task,
    purpose,
    place,
    policy: policy(action.split(":")[1] ?? "", action),
    notes: task === 3 ? ["The role has to be made before something can be put into it."] : [],
  });
  return [
    one(
      2,
      `Let the role ${role} publish to ${topic}`,
      `the role ${role}`,
      "sns:Publish",
      "Systems Manager publishes as this role.",
    ),
    one(
      3,
      `Let Systems Manager assume the role ${role}`,
      `the role ${role}`,
      "sts:AssumeRole",
      "Without the trust nothing is ever published.",
    ),
    one(
      4,
      `Let whoever sends commands pass the role ${role}`,
      who,
      "iam:PassRole",
      "A command names the role, and who sends it must be allowed to pass it on.",
    ),
    ...(form.window_role.trim()
      ? [
          one(
            5,
            `Let ${form.window_role.trim()} pass the role ${role}`,
            `the role ${form.window_role.trim()}`,
            "iam:PassRole",
            "A maintenance window's task names the role, too.",
          ),
        ]
      : []),
    one(
      null,
      `Let whoever uses Watchbell hear ${topic} at the desktop`,
      who,
      "sqs:ReceiveMessage",
      "The least that Watchbell needs.",
    ),
  ];
}
