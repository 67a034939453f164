// Maintenance windows that are typed in: the form under axe, its mistakes at their place, edited, removed, and when they run.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { bar, everyView, windows, type View } from "./helpers";

const form = async (page: Page) => {
  await windows(page);
  await page.getByRole("button", { name: "Type a window in" }).first().click();
};
const next = (page: Page) =>
  page.getByRole("region", { name: "Next runs" }).getByRole("listitem");
const VIEWS: View[] = [
  ["a window being typed", "scene=patch", form],
  [
    "a schedule with a mistake",
    "scene=patch",
    async (page) => {
      await form(page);
      await page
        .getByLabel("Schedule", { exact: true })
        .fill("cron(0 25 ? * SUN *)");
      await page.getByText("An hour is 0 to 23").waitFor();
    },
  ],
  [
    "a window to be removed",
    "scene=hostile",
    async (page) => {
      await windows(page);
      await page.getByRole("button", { name: /^Remove A window/ }).click();
    },
  ],
];
everyView(VIEWS);

test("a window is typed in, edited under another name, and removed", async ({
  page,
}) => {
  await page.goto("/?scene=empty");
  await windows(page);
  await expect(
    page.getByText("A window becomes known in three ways"),
  ).toBeVisible();
  await page.getByRole("button", { name: "Type a window in" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await expect(
    page.getByLabel("Time zone of the schedule"),
    "the person's own zone is offered",
  ).toHaveValue("Europe/Berlin");
  await page.keyboard.type("Sunday patch");
  await page
    .getByLabel("Schedule", { exact: true })
    .fill("cron(0 2 ? * SUN *)");
  await expect(next(page), "the next runs are shown while typing").toHaveCount(
    5,
  );
  await expect(next(page).first()).toContainText("cutoff");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const typed = page.getByRole("region", { name: "Typed in" });
  await expect(typed).toContainText("cron(0 2 ? * SUN *)");

  await typed.getByRole("button", { name: "Edit Sunday patch" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Sunday repair");
  await page.getByLabel("Duration", { exact: true }).fill("6");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(typed, "the new name replaces the old").toContainText(
    "Sunday repair",
  );
  await expect(typed).not.toContainText("Sunday patch");
  await expect(typed).toContainText("6 h, cutoff 1 h before the end");

  await typed.getByRole("button", { name: "Remove Sunday repair" }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(typed).toContainText("Sunday repair");
  await typed.getByRole("button", { name: "Remove Sunday repair" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(
    page.getByText("No maintenance window is known yet"),
  ).toBeVisible();
});

test("a mistake is marked at its place, and nothing wrong is saved", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await form(page);
  const schedule = page.getByLabel("Schedule", { exact: true });
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The window has no name.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Certificates");
  await schedule.fill("cron(0 25 ? * SUN *)");
  await expect(schedule).toHaveAttribute("aria-invalid", "true");
  await expect(schedule).toHaveAccessibleDescription(
    /^An hour is 0 to 23, not 25/,
  );
  await expect(page.locator("mark")).toHaveText("25");
  await expect(
    page.getByText("Correct what is marked to see them."),
  ).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(schedule, "saving goes to the mistake").toBeFocused();
  await schedule.fill("rate(7 days)");
  await expect(page.getByLabel("Start date")).toHaveAccessibleDescription(
    /^A rate counts from somewhere/,
  );
  await schedule.fill("cron(0 2 ? * SUN *)");
  await page.getByLabel("Cutoff", { exact: true }).fill("4");
  await expect(
    page.getByLabel("Cutoff", { exact: true }),
  ).toHaveAccessibleDescription(/shorter than the duration/);
  await page.getByLabel("Cutoff", { exact: true }).fill("1");
  await expect(
    page.getByText("Another typed window has this name."),
  ).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: "Type a window in" }).first().click();
  await expect(
    page.getByLabel("Name", { exact: true }),
    "a slip of Escape loses nothing",
  ).toHaveValue("Certificates");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Type a window in" }).first().click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("");
});

test("a schedule whose times are over is said to run no more", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await form(page);
  await page
    .getByLabel("Schedule", { exact: true })
    .fill("at(2020-01-01T00:00:00)");
  await expect(
    page.getByText("It will not run: its times are over."),
  ).toBeVisible();
  await page.getByLabel("Schedule", { exact: true }).fill("cron(0 2 30 2 ? *)");
  await expect(
    page.getByText("It will not run: the schedule names no day that exists."),
  ).toBeVisible();
});

test("a typed window runs when its schedule says, and a run that is over has ended", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await windows(page);
  await page.getByRole("radio", { name: "Week", exact: true }).click();
  const day = await bar(page, /^Certificates, upcoming/).getAttribute(
    "aria-label",
  );
  const [, name = "", hour] =
    /upcoming; (\w{3}) .*, (\d\d:\d\d) to/.exec(day ?? "") ?? [];
  expect(hour).toBe("22:00");
  const typed = page.getByRole("region", { name: "Typed in" });
  await expect(typed).toContainText(`cron(0 22 ? * ${name.toUpperCase()} *)`);
  await expect(typed).toContainText(new RegExp(`${name} \\d+ \\w+, 22:00`));
  await page.goto("/?scene=patch&run=past/1");
  const run = page.getByRole("region", { name: "Run of a maintenance window" });
  await expect(run).toContainText(
    "Sunday patch ended: 1 command, 200 nodes, 9 failed, 3 timed out",
  );
  await expect(run.getByText("No command of this run was heard.")).toHaveCount(
    0,
  );
  await run
    .getByRole("button", { name: /AWS-RunPatchBaseline.*9 failed/ })
    .first()
    .click();
  await expect(page.getByRole("region", { name: "Command" })).toContainText(
    "AWS-RunPatchBaseline",
  );
});
