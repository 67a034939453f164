// The administrator's documents: the views under axe, filled in while one types, refused names at their fields, the account compared.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, everyViewFits, room, type View } from "./helpers";

const iam = async (page: Page) => {
  await room(page, "IAM");
  await page.getByRole("heading", { name: "IAM", level: 1 }).waitFor();
};
const filled = async (page: Page) => {
  await iam(page);
  await page.getByRole("heading", { name: /documents/ }).waitFor();
};
const unfold = (page: Page) =>
  page.getByText("Encryption, queue and further rights").click();
const compared = async (page: Page) => {
  await filled(page);
  await page.getByRole("button", { name: "Compare with the account" }).click();
  await page.getByRole("button", { name: "Copy the result" }).waitFor();
};
const LONG = `role-${"with-a-long-name-".repeat(3)}end`;

const VIEWS: View[] = [
  ["the documents", "scene=patch", filled],
  [
    "everything unfolded and long names",
    "scene=patch",
    async (page) => {
      await filled(page);
      await unfold(page);
      await page.getByLabel("SNS role").fill(LONG);
      await page.getByLabel("Maintenance window role").fill(LONG);
      await page.getByText(`Let ${LONG} pass`).first().waitFor();
    },
  ],
  [
    "Terraform",
    "scene=patch",
    async (page) => {
      await filled(page);
      await page.getByRole("radio", { name: "Terraform" }).click();
    },
  ],
  ["without a topic", "scene=unsubscribed", iam],
  [
    "refused names",
    "scene=patch",
    async (page) => {
      await filled(page);
      await page.getByLabel("SNS role").fill("AWSServiceRoleForAmazonSSM");
      await page
        .getByLabel("Maintenance window role")
        .fill("arn:aws:iam::123456789012:user/ann");
      await page.locator("#iam-window-role-wrong").waitFor();
    },
  ],
  ["something is missing in the account", "scene=patch", compared],
  ["nothing may be looked at", "scene=patch&account=denied", compared],
  ["a hostile topic", "scene=hostile", filled],
];
everyView(VIEWS);
everyViewFits(VIEWS);

test("by keys: the documents come while one types, and the language is chosen with arrows", async ({
  page,
}) => {
  await page.goto("/?scene=unsubscribed");
  await page.getByRole("button", { name: "Settings" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(
    page.getByRole("heading", { name: "No topic yet" }),
  ).toBeVisible();
  await page.getByLabel("Topic", { exact: true }).focus();
  await page.keyboard.type("arn:aws:sns:eu-central-1:123456789012:patches");
  await expect(
    page.getByRole("heading", { name: "Let the role ssm-sns-publish publish" }),
  ).toBeVisible();
  for (const task of [2, 3, 4])
    await expect(page.getByText(`Task ${task}`, { exact: true })).toBeVisible();
  await expect(page.getByText("Task 5", { exact: true })).toHaveCount(0);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("patching");
  await expect(page.getByText("Task 5", { exact: true })).toBeVisible();
  await page.getByRole("radio", { name: "JSON" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("code").first()).toContainText("# terraform:");
});

for (const [field, text, says] of [
  ["Topic", "arn:aws:sns:eu-central-1:123456789012:t.fifo", "FIFO"],
  ["SNS role", "AWSServiceRoleForAmazonSSM", "service-linked"],
  ["SNS role", "arn:aws:iam::123456789012:user/ann", "ARN of a user"],
  ["Maintenance window role", "AWSServiceRoleForAmazonSSM", "service-linked"],
] as const) {
  test(`${text} is refused as ${field}, at the field`, async ({ page }) => {
    await page.goto("/?scene=patch");
    await filled(page);
    const at = page.getByLabel(field, { exact: true });
    await at.fill(text);
    await expect(at).toHaveAttribute("aria-invalid", "true");
    const id = await at.getAttribute("aria-describedby");
    await expect(page.locator(`#${id}`)).toContainText(says);
    await expect(
      page.getByRole("heading", { name: /\d documents/ }),
      "no documents for a question that is wrong",
    ).toHaveCount(0);
  });
}

test("the key of a queue is asked for with that queue alone", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await filled(page);
  await unfold(page);
  const key = page.getByLabel("KMS key of the queue");
  await expect(key).toHaveCount(0);
  await page
    .getByLabel("Queue that you make")
    .fill("arn:aws:sqs:eu-west-1:123456789012:on-call");
  await expect(key).toBeVisible();
  await expect(page.getByLabel("Account of the person")).toHaveCount(0);
});

test("a mistake in what is folded is shown", async ({ page }) => {
  await page.goto("/?scene=patch");
  await filled(page);
  await unfold(page);
  await page.getByLabel("Account of the person").fill("210987654321");
  await page.getByRole("switch", { name: "Read commands" }).click();
  await expect(page.locator("#iam-read-wrong")).toContainText(
    "in the topic's account",
  );
});

test("the account is compared line by line, and what is missing can be copied", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await compared(page);
  await expect(page.locator(".verdict")).toHaveText(
    "1 missing or denied, 1 could not be looked at",
  );
  await expect(page.locator(".offscreen[role=status]").last()).toContainText(
    "1 missing or denied",
  );
  await expect(page.locator("li.missing")).toContainText("iam:PassRole on");
  await expect(
    page.getByRole("button", { name: "Copy what PassRole needs" }),
  ).toBeVisible();
  await expect(
    page.locator("li.cannot_look"),
    "a key that was not named is no note beside a verdict, but a line of it",
  ).toContainText("rights on it were not compared");
  await page.getByLabel("SNS role").fill("another");
  await expect(
    page.locator(".verdict"),
    "what was compared were other documents",
  ).toHaveCount(0);
});

test("what was typed is still there after a look at another room", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await filled(page);
  await page.getByLabel("Person", { exact: true }).fill("ann");
  await room(page, "Doctor");
  await room(page, "IAM");
  await expect(page.getByLabel("Person", { exact: true })).toHaveValue("ann");
});
