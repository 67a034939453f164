// A role on top, and the code of an MFA device, before there is a subscription: every view in both themes, by keys alone, at 200 %.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, type View } from "./helpers";

const ROLE = "arn:aws:iam::123456789012:role/watchbell";
const DEVICE = "arn:aws:iam::123456789012:mfa/ann";

const heading = (page: Page, name: RegExp) =>
  page.getByRole("heading", { level: 2, name });
const code = (page: Page) => page.getByLabel(/^Code of/);

async function unfold(page: Page) {
  await page.getByText("Assume a role").click();
  await expect(page.getByLabel("Role ARN")).toBeVisible();
}
async function toCode(page: Page) {
  await page.getByRole("radio", { name: /^acme-patch/ }).check();
  await page.keyboard.press("Enter");
  await expect(code(page)).toBeFocused();
}

const VIEWS: View[] = [
  ["a role", "scene=first", unfold],
  [
    "a role with three mistakes",
    "scene=first",
    async (page) => {
      await unfold(page);
      await page.getByLabel("Role ARN").fill("watchbell");
      await page.getByLabel("MFA device").fill("123456");
      await page.getByText("looks like a code").waitFor();
    },
  ],
  ["a role after a crash", "scene=first&draft=sign_in&account=role"],
  ["a code", "scene=first&account=mfa", toCode],
  [
    "a code that was not taken",
    "scene=first&account=mfa",
    async (page) => {
      await toCode(page);
      await page.keyboard.type("000000");
      await page.keyboard.press("Enter");
      await page.getByText("did not take the code").waitFor();
    },
  ],
];
everyView(VIEWS);

test("a profile behind a device is signed in with by keys alone, and a wrong code is typed again", async ({
  page,
}) => {
  await page.goto("/?scene=first&account=mfa");
  await page.getByRole("radio", { name: /^acme-prod/ }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(code(page)).toBeFocused();
  await expect(page.getByText(`Code of ${DEVICE}`)).toBeVisible();
  for (const [typed, says] of [
    ["12345", "has six digits"],
    ["000000", "did not take the code"],
  ] as const) {
    await page.keyboard.type(typed);
    await page.keyboard.press("Enter");
    await expect(page.locator("[role=alert]").getByText(says)).toBeVisible();
    await expect(code(page)).toHaveValue("");
    await expect(code(page)).toBeFocused();
  }
  await page.keyboard.type("424242");
  await page.keyboard.press("Enter");
  await expect(heading(page, /Which topic/)).toBeFocused();
  const kept = await page.evaluate(
    () =>
      document.documentElement.outerHTML + JSON.stringify({ ...localStorage }),
  );
  expect(kept, "no code is left in the page").not.toContain("424242");
});

test("from the code one goes back, and chooses otherwise", async ({ page }) => {
  await page.goto("/?scene=first&account=mfa");
  await toCode(page);
  await page.getByRole("button", { name: "Back" }).click();
  await expect(heading(page, /Whose rights/)).toBeVisible();
  await page.getByRole("radio", { name: /^acme-prod/ }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(heading(page, /Which topic/)).toBeVisible();
});

test("a role is checked while it is typed, and asks for its device's code with a key, too", async ({
  page,
}) => {
  await page.goto("/?scene=first&account=nothing");
  await unfold(page);
  await page.getByLabel("Role ARN").fill("watchbell");
  await expect(page.locator("#role-wrong")).toContainText("a role's ARN");
  await page.getByLabel("Role ARN").fill(ROLE);
  await expect(page.locator("#role-wrong")).toHaveCount(0);
  await page.getByLabel("External id").fill("acme");
  await page.getByLabel("MFA device").fill(DEVICE);
  await page.getByLabel("Access key id").fill("AKIAIOSFODNN7EXAMPLE");
  await page.getByLabel("Secret access key").fill("wJalrXUtnFEMI");
  await page.keyboard.press("Enter");
  await expect(page.getByText(`Code of ${DEVICE}`)).toBeVisible();
  await expect(page.getByText(ROLE)).toBeVisible();
  await expect(code(page)).toBeFocused();
  await page.keyboard.type("424242");
  await page.keyboard.press("Enter");
  await expect(heading(page, /Which topic/)).toBeVisible();
  await page.getByRole("button", { name: "Back" }).click();
  await expect(page.getByLabel("Role ARN")).toHaveValue(ROLE);
  await expect(page.getByLabel("External id")).toHaveValue("acme");
});

test("terms without a role are refused in words and not passed over", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await unfold(page);
  await page.getByLabel("External id").fill("acme");
  await expect(page.locator("#role-wrong")).toContainText("belong to a role");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(
    page.locator("[role=alert]").getByText("belong to a role"),
  ).toHaveCount(2);
  await expect(heading(page, /Whose rights/)).toBeVisible();
});

test("after a crash the role is there again, unfolded", async ({ page }) => {
  await page.goto("/?scene=first&draft=sign_in&account=role");
  await expect(page.getByLabel("Role ARN")).toHaveValue(ROLE);
  await expect(page.getByLabel("External id")).toHaveValue("acme");
  await expect(page.getByLabel("MFA device")).toHaveValue(DEVICE);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(code(page)).toBeFocused();
});

test("after a crash before a role was chosen, IAM Identity Center is there again", async ({
  page,
}) => {
  await page.goto("/?scene=first&draft=sign_in&account=portal");
  await expect(
    page.getByRole("radio", { name: "IAM Identity Center" }),
  ).toBeChecked();
  await expect(page.getByLabel("Start URL")).toHaveValue(
    "https://d-1234567890.awsapps.com/start",
  );
  await expect(page.getByLabel("Region of IAM Identity Center")).toHaveValue(
    "eu-central-1",
  );
});

test("a device stands in the way after a crash further on, too", async ({
  page,
}) => {
  await page.goto("/?scene=first&draft=plan&account=role");
  await expect(code(page)).toBeFocused();
});
