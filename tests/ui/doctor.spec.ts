// The doctor's room: its views under axe, the ways in, the run by keys, what is copied, and the question before a test message.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, everyViewFits, room, type View } from "./helpers";

const doctor = async (page: Page) => {
  await room(page, "Doctor");
  await page.getByRole("heading", { name: "Doctor", level: 1 }).waitFor();
};
const examined = async (page: Page) => {
  await doctor(page);
  await page.getByRole("button", { name: "Run the doctor" }).last().click();
  await page.getByRole("button", { name: "Copy as text" }).waitFor();
};
const row = (page: Page, name: string) =>
  page.locator(`[data-check="${name}"]`).first();
const summary = (page: Page) => page.locator(".summary");
const status = (page: Page) => page.locator(".offscreen[role=status]").last();

/** What the page puts into the clipboard. */
async function listenToCopies(page: Page) {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", {
      value: {
        writeText: async (text: string) => {
          document.documentElement.dataset.copied = text;
        },
      },
    });
  });
}
const copied = (page: Page) => page.locator("html").getAttribute("data-copied");

const VIEWS: View[] = [
  ["the doctor before it ran", "scene=patch", doctor],
  ["all well", "scene=patch", examined],
  ["some things failed", "scene=patch&doctor=failing", examined],
  ["everything failed", "scene=patch&doctor=all", examined],
  ["hostile and very long words", "scene=hostile&doctor=hostile", examined],
  ["nothing subscribed", "scene=unsubscribed", examined],
  [
    "under way",
    "scene=patch&delay=150",
    async (page) => {
      await doctor(page);
      await page.getByRole("button", { name: "Run the doctor" }).click();
      await row(page, "sts").waitFor();
    },
  ],
  [
    "the question before a test message",
    "scene=patch",
    async (page) => {
      await examined(page);
      await page
        .getByRole("button", { name: "Run with a test message" })
        .click();
      await page.getByText("3 other subscriptions").waitFor();
    },
  ],
  [
    "a topic that is refused",
    "scene=patch",
    async (page) => {
      await doctor(page);
      await page.getByLabel("Topic", { exact: true }).fill("nonsense");
      await page.keyboard.press("Enter");
      await page.locator("#doctor-topic-wrong").waitFor();
    },
  ],
];
everyView(VIEWS);
everyViewFits(VIEWS);

test("by keys: into the room, the topic, the run, and it is said how it ended", async ({
  page,
}) => {
  await page.goto("/?scene=patch&doctor=failing");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await expect(
    page.getByRole("heading", { name: "Doctor", level: 1 }),
  ).toBeVisible();
  await page.getByLabel("Topic", { exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(summary(page)).toContainText(
    "3 checks failed: queue, subscription, heard",
  );
  await expect(status(page)).toContainText("3 checks failed");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Run again" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(summary(page)).toContainText("3 checks failed");
});

test("what failed has its fix, what was skipped its reason, and each can be copied", async ({
  page,
}) => {
  await listenToCopies(page);
  await page.goto("/?scene=patch&doctor=failing");
  await examined(page);
  await expect(row(page, "queue")).toContainText("does not exist");
  await expect(row(page, "queue")).toContainText("Make it again");
  await expect(row(page, "queue_policy")).toContainText(
    'Depends on "queue", which is not ok',
  );
  await row(page, "subscription")
    .getByRole("button", { name: /Copy this line/ })
    .click();
  expect(
    JSON.parse((await copied(page)) ?? ""),
    "the statement alone goes to the administrator",
  ).toMatchObject({ Action: "sns:GetSubscriptionAttributes" });
  await row(page, "subscription")
    .getByRole("button", { name: "Copy the check subscription" })
    .click();
  expect(await copied(page)).toContain("subscription failed: AWS denied");
  await page.getByRole("button", { name: "Copy as text" }).click();
  expect(await copied(page), "the ticket's text is the program's own").toMatch(
    /^Watchbell 0\.1\.0\n/,
  );
});

test("checks come one after another, and the run can be called off", async ({
  page,
}) => {
  await page.goto("/?scene=patch&delay=120");
  await doctor(page);
  await page.getByRole("button", { name: "Run the doctor" }).click();
  await expect(row(page, "sts")).toBeVisible();
  await expect(
    row(page, "test_alert"),
    "the last is still to come",
  ).toHaveCount(0);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(summary(page)).toContainText("Called off");
  await expect(page.getByRole("button", { name: "Copy as text" })).toHaveCount(
    0,
  );
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(summary(page)).toContainText("Nothing failed");
});

test("it goes on while another room is in sight", async ({ page }) => {
  await page.goto("/?scene=patch&delay=60");
  await doctor(page);
  await page.getByRole("button", { name: "Run the doctor" }).click();
  await expect(row(page, "folder").or(row(page, "data_folder"))).toBeVisible();
  await room(page, "Rules");
  await room(page, "Doctor");
  await expect(summary(page)).toContainText("Nothing failed");
});

test("the banner and the subscription's card begin a run for their topic", async ({
  page,
}) => {
  await page.goto("/?scene=blind");
  await page.getByRole("button", { name: "Run the doctor" }).click();
  await expect(page.getByLabel("Topic", { exact: true })).toHaveValue(
    /:ssm-notify$/,
  );
  await expect(page.getByRole("region", { name: "Doctor" })).toBeFocused();
  await expect(summary(page)).toContainText("3 checks failed");
  await room(page, "Settings");
  await page
    .getByRole("region", { name: "Settings" })
    .getByRole("button", { name: "Run the doctor" })
    .click();
  await expect(summary(page)).toContainText("3 checks failed");
});

test("nothing is published before the others were counted and agreed to", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await examined(page);
  await expect(row(page, "test_message")).toContainText(
    "No test message was sent",
  );
  await page.getByRole("button", { name: "Run with a test message" }).click();
  const question = page.getByRole("group", { name: /3 other subscriptions/ });
  await expect(question).toBeFocused();
  await page.getByRole("button", { name: "Do not send" }).click();
  await expect(question).toHaveCount(0);
  await expect(row(page, "test_message")).toContainText(
    "No test message was sent",
  );
  await page.getByRole("button", { name: "Run with a test message" }).click();
  await page.getByRole("button", { name: "Send and examine" }).click();
  await expect(row(page, "test_message")).toContainText(
    "Published, delivered and stored",
  );
});

test("a queue that is gone leads to where it is repaired", async ({ page }) => {
  await page.goto("/?scene=patch&doctor=failing");
  await examined(page);
  await expect(
    row(page, "heard").getByRole("button", { name: "Go to the subscription" }),
    "a silent topic is not mended there",
  ).toHaveCount(0);
  await row(page, "queue")
    .getByRole("button", { name: "Go to the subscription" })
    .click();
  await expect(
    page.getByRole("heading", { name: "Settings", level: 1 }),
  ).toBeVisible();
});

test("no name reorders the line around it or is taken for markup", async ({
  page,
}) => {
  await page.goto("/?scene=hostile&doctor=hostile");
  await examined(page);
  expect(await page.locator(".report b").count()).toBe(0);
  expect(await page.locator(".report").innerText()).not.toContain("\u202e");
});
