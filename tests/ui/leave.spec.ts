// Pausing and leaving, what cannot be removed, and queues left over: every view in both themes, by keys alone, in a small window and at 200 %.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, everyViewFits, type View } from "./helpers";

const press = (page: Page, name: string) =>
  page.getByRole("button", { name, exact: true }).first().click();
const settings = (page: Page) =>
  page.getByRole("button", { name: "Settings" }).first().click();

async function leave(page: Page) {
  await settings(page);
  await press(page, "Leave");
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await page.getByText("Not everything could be removed").waitFor();
}
async function forget(page: Page) {
  await leave(page);
  await press(page, "Forget it here");
  await press(page, "Yes, forget it here");
  await page.getByRole("heading", { name: "Forgotten here" }).waitFor();
}
const lonely = async (page: Page) => {
  await forget(page);
  await press(page, "Close");
  await page.getByLabel("Region").first().waitFor();
};

const VIEWS: View[] = [
  [
    "before it is forgotten",
    "scene=patch",
    async (page) => {
      await leave(page);
      await press(page, "Forget it here");
      await page.getByText("Nothing is removed in AWS").waitFor();
    },
  ],
  ["forgotten here", "scene=patch", forget],
  ["where to look without a subscription", "scene=patch", lonely],
];
everyView(VIEWS);
everyViewFits(VIEWS);

test("what could not be left can be forgotten here, with what is still to be done", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await leave(page);
  await expect(
    page.getByText("leaving it was begun and is not finished", {
      exact: false,
    }),
  ).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Resume" }),
    "a queue that may be gone is not read again",
  ).toHaveCount(0);
  await press(page, "Forget it here");
  await expect(page.getByText("Nothing is removed in AWS")).toBeVisible();
  await press(page, "Yes, forget it here");
  await expect(
    page.getByText("aws sqs delete-queue", { exact: false }),
  ).toBeVisible();
  await expect(
    page.getByText("Forgot the secret of the access key"),
  ).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Forget it here" }),
    "there is nothing more to forget",
  ).toHaveCount(0);
});

test("a queue that was read lately is removed only against stronger words", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await settings(page);
  await press(page, "Look for queues left over");
  const desktop = page.getByRole("listitem").filter({
    hasText: "Made on desktop",
  });
  await desktop.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("alert")).toContainText("most likely hearing");
});

test("a new machine looks for what others left, with a profile and a region", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await lonely(page);
  await page.getByLabel("Region").first().fill("eu-central-1");
  await press(page, "Look for queues left over");
  await expect(page.getByText("Made on old-laptop")).toBeVisible();
});

test("a subscription is paused, filtered and left", async ({ page }) => {
  await page.goto("/?scene=patch");
  await settings(page);
  await press(page, "Pause");
  await expect(
    page.getByText("waits in the queue, for at most 14 days"),
  ).toBeVisible();
  await press(page, "Resume");
  await page.getByRole("radio", { name: "Failures only" }).click();
  await expect(page.getByText("up to 15 minutes")).toBeVisible();
  await press(page, "Leave");
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await expect(page.getByText("AWS denied sqs:DeleteQueue")).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Copy the receipt" }),
  ).toBeVisible();
});

test("a queue left over goes only after a second press", async ({ page }) => {
  await page.goto("/?scene=patch");
  await settings(page);
  await press(page, "Look for queues left over");
  await page
    .getByRole("button", { name: "Remove", exact: true })
    .first()
    .click();
  await expect(page.getByText("If Watchbell still runs there")).toBeVisible();
  await press(page, "Yes, remove it");
  await expect(page.getByText("Made on old-laptop")).toHaveCount(0);
});
