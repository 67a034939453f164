// Snooze and quiet hours: the menu, the line in every room, the hours in the settings and what is wrong with them.
import { expect, test } from "../../ui/node_modules/@playwright/test";
import { everyView, row, room, type View } from "./helpers";

const VIEWS: View[] = [
  [
    "quiet hours with mistakes",
    "scene=patch",
    async (page) => {
      await room(page, "Settings");
      const second = page.getByRole("group", { name: "Quiet time 2" });
      await second.getByRole("button", { name: "Sat", exact: true }).click();
      await second.getByRole("button", { name: "Sun", exact: true }).click();
      await page.getByLabel("From").first().fill("7:75");
      await page.getByLabel("From").first().blur();
      await page.getByRole("switch", { name: /many nodes/ }).click();
      await page.getByText("Choose at least one weekday").waitFor();
    },
  ],
  ["no quiet hours", "scene=empty", (page) => room(page, "Settings")],
  [
    "snooze menu",
    "scene=patch",
    async (page) => {
      await page.getByRole("button", { name: "Snooze" }).click();
      await page.getByRole("menu").waitFor();
    },
  ],
  ["snoozed", "scene=patch&snoozed=90"],
  ["quiet hours", "scene=patch&quiet=90"],
  [
    "snoozed and deaf",
    "scene=blind&snoozed=2000",
    (page) => room(page, "Rules"),
  ],
];

everyView(VIEWS);

test("quiet hours are told in every room, and nothing offers to end them", async ({
  page,
}) => {
  await page.goto("/?scene=patch&quiet=90");
  for (const room of ["Rules", "Settings", "Feed"]) {
    await page.locator("nav").getByRole("button", { name: room }).click();
    await expect(page.getByText("Quiet hours until")).toBeVisible();
  }
  await expect(page.getByRole("button", { name: "Wake now" })).toHaveCount(0);
  await page.goto("/?scene=patch&quiet=90&snoozed=30");
  await expect(page.getByText("Snoozed until").first()).toBeVisible();
  await expect(page.getByText("Quiet hours until")).toHaveCount(0);
});

test("snooze is chosen, told in every room and ended by keys alone", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await row(page).waitFor();
  await page.keyboard.press("z");
  await expect(page.getByRole("menuitem", { name: "30 min" })).toBeFocused();
  await page.keyboard.press("Escape");
  const trigger = page.getByRole("button", { name: /^Snooze/ });
  await expect(trigger, "Escape gives the keys back").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(
    page.getByRole("menuitem", { name: "30 min" }),
    "the menu takes them when it is open",
  ).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "4 h" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^Snoozed until/).first()).toBeVisible();
  await expect(trigger).toBeFocused();
  for (const key of ["r", "q", "s", "f"]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(
      page.getByRole("main").getByText(/^Snoozed until/),
    ).toBeVisible();
  }
  await page.getByRole("button", { name: "Wake now" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^Snoozed until/)).toHaveCount(0);
  await expect(trigger).toBeFocused();
});

test("quiet hours say what is wrong where it is, and are kept once it is right", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Settings");
  const first = page.getByRole("listitem").filter({ hasText: "until" }).first();
  await expect(first).toContainText(
    "Monday to Friday from 22:00 until 07:00 the next day",
  );
  const from = first.getByLabel("From", { exact: true });
  const until = first.getByLabel("Until", { exact: true });
  await from.fill("2130");
  await from.press("Tab");
  await expect(first).toContainText("from 21:30");
  await until.fill("noon");
  await until.press("Tab");
  await expect(first).toContainText("noon is no time of day");
  await until.fill("23");
  await until.press("Tab");
  await expect(first).toContainText("from 21:30 until 23:00");
  await expect(first).not.toContainText("the next day");
});

test("fields of numbers share an edge, and quiet hours name their time zone", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Settings");
  const left = async (name: RegExp) =>
    (await page.getByRole("spinbutton", { name }).boundingBox())?.x;
  expect(await left(/^Minutes until/)).toBe(await left(/^Days until/));
  await expect(page.getByRole("region", { name: "Quiet hours" })).toContainText(
    "time zone, Europe/Berlin.",
  );
});
