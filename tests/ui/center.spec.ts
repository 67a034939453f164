// Signing in through IAM Identity Center in the set-up: in both themes, by keys alone, in the smallest window, called off and refused.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, everyViewFits, type View } from "./helpers";

const press = (page: Page, name: string) =>
  page.getByRole("button", { name, exact: true }).click();
const START = "https://d-1234567890.awsapps.com/start";

async function center(page: Page) {
  await page
    .getByRole("radio", { name: "IAM Identity Center" })
    .first()
    .click();
  await page.getByLabel("Start URL").waitFor();
}
async function filled(page: Page) {
  await center(page);
  await page.getByLabel("Start URL").fill(START);
  await page.getByLabel("Region of IAM").fill("eu-central-1");
}
async function inBrowser(page: Page) {
  await filled(page);
  await press(page, "Sign in in the browser");
  await page.getByText("No page opened").click();
}
async function withCode(page: Page) {
  await filled(page);
  await press(page, "Use a code instead");
  await page.getByText("KQXF-WVRB", { exact: true }).waitFor();
}
async function accounts(page: Page) {
  await filled(page);
  await press(page, "Sign in in the browser");
  await page.getByRole("radio", { name: /^acme-prod/ }).waitFor();
}
async function roles(page: Page) {
  await accounts(page);
  await page.getByRole("radio", { name: /^acme-prod/ }).check();
  await page.getByRole("radio", { name: "PatchingOperator" }).check();
}
async function refused(page: Page) {
  await filled(page);
  await press(page, "Sign in in the browser");
  await page.getByText("allow Watchbell there").waitFor();
}

const VIEWS: View[] = [
  ["where it is", "scene=first", center],
  ["waiting for the browser", "scene=first&account=waiting", inBrowser],
  ["waiting for the code", "scene=first&account=waiting", withCode],
  ["more accounts than are listed", "scene=first&account=many", accounts],
  ["account and role", "scene=first", roles],
  ["refused on the page", "scene=first&account=refused", refused],
];
everyView(VIEWS);

everyViewFits(VIEWS);

test("by keys from the start URL to the topics, and back to what was chosen", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await center(page);
  await page.getByLabel("Start URL").focus();
  await page.keyboard.type(START);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Search for the account")).toBeFocused();
  await expect(page.locator(".offscreen[role=status]").last()).toContainText(
    "3 accounts",
  );
  await page.keyboard.type("acme-p");
  await expect(page.getByRole("radio", { name: /^acme-staging/ })).toHaveCount(
    0,
  );
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(
    page.getByRole("button", { name: "Continue" }),
    "no role yet",
  ).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("radio", { name: "PatchingOperator" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(
    page.getByRole("heading", { level: 2, name: /Which topic/ }),
  ).toBeFocused();
  await press(page, "Back");
  await expect(
    page.getByRole("radio", { name: "PatchingOperator" }),
  ).toBeChecked();
});

test("an account with one role needs no second choice; another account takes the choice back", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await accounts(page);
  const on = page.getByRole("button", { name: "Continue" });
  await page.getByRole("radio", { name: /^acme-staging/ }).check();
  await expect(
    page.getByRole("radio", { name: "ReadOnlyAccess" }),
  ).toBeChecked();
  await expect(on).toHaveAttribute("aria-disabled", "false");
  await page.getByRole("radio", { name: /^acme-prod/ }).check();
  await page.getByRole("radio", { name: "PatchingOperator" }).waitFor();
  await expect(on).toHaveAttribute("aria-disabled", "true");
});

test("a sign-in is called off, and the focus comes back to the fields", async ({
  page,
}) => {
  await page.goto("/?scene=first&account=waiting");
  await withCode(page);
  await expect(
    page.getByRole("heading", { name: "Waiting for the code" }),
  ).toBeFocused();
  await expect(page.locator(".offscreen[role=status]").last()).toContainText(
    "KQXF-WVRB",
  );
  await press(page, "Cancel the sign-in");
  await expect(page.getByLabel("Start URL")).toBeFocused();
  await expect(page.getByLabel("Start URL")).toHaveValue(START);
  await expect(
    page.getByText("called off"),
    "said, and not shown as a failure",
  ).toHaveCount(1);
  await inBrowser(page);
  await page.getByRole("radio", { name: "Access key" }).click();
  await center(page);
  await expect(
    page.getByRole("button", { name: "Sign in in the browser" }),
    "whoever goes to another way has left this one",
  ).toBeVisible();
});

test("a start URL that is none is refused with the way to a right one", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await filled(page);
  await page.getByLabel("Start URL").fill("acme");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The start URL is not one")).toBeVisible();
  await expect(page.getByText("d-1234567890.awsapps.com/start:")).toBeVisible();
});

test("after a crash the place and the role are still there, and one goes on with them", async ({
  page,
}) => {
  await page.goto("/?scene=first&draft=sign_in&account=center");
  await expect(
    page.getByRole("radio", { name: "IAM Identity Center" }).first(),
  ).toBeChecked();
  await expect(page.getByLabel("Start URL")).toHaveValue(START);
  await expect(page.getByText(/^Chosen: PatchingOperator in/)).toBeVisible();
  await page.getByLabel("Region of IAM").fill("us-west-2");
  await expect(
    page.getByRole("button", { name: "Sign in in the browser" }),
    "another place is another sign-in",
  ).toBeVisible();
  await page.getByLabel("Region of IAM").fill("eu-central-1");
  await press(page, "Continue");
  await expect(
    page.getByRole("heading", { level: 2, name: /Which topic/ }),
  ).toBeVisible();
});

test("the focus stays with whoever types elsewhere when the sign-in is done", async ({
  page,
}) => {
  await page.goto("/?scene=first&account=waiting");
  await withCode(page);
  await page.getByText("Assume a role").click();
  const role = page.getByLabel("Role ARN");
  await role.fill("arn:aws:iam::123456789012:role/w");
  await page.evaluate(() =>
    [...document.querySelectorAll("button")]
      .find((one) => one.textContent?.includes("Cancel the sign-in"))
      ?.click(),
  );
  await expect(page.getByLabel("Start URL")).toBeVisible();
  await expect(role).toBeFocused();
});

test("in the smallest window the roles come into sight, and are announced", async ({
  page,
}) => {
  await page.setViewportSize({ width: 720, height: 480 });
  await page.goto("/?scene=first&account=many");
  await accounts(page);
  await page.getByRole("radio", { name: /^acme-prod/ }).check();
  await expect(
    page.getByRole("radio", { name: "ReadOnlyAccess" }),
  ).toBeInViewport();
  await expect(page.locator(".offscreen[role=status]").last()).toContainText(
    "2 roles in acme-prod",
  );
});
