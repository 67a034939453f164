// The room of the maintenance windows: its views under axe, the timeline by keys, the form with its mistakes, the report.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, room, violations, type View } from "./helpers";

const OPEN =
  "123456789012/eu-central-1/mw-0ed7251d3fcf6e0c2/b60fb56e-776c-4e5c-84ee-123456789012";
const timeline = (page: Page) =>
  page.getByRole("list", { name: /Runs on the timeline/ });
const bar = (page: Page, name: string | RegExp) =>
  timeline(page).getByRole("button", { name });
const windows = async (page: Page) => {
  await room(page, "Windows");
  await page.getByRole("heading", { name: "Windows", level: 1 }).waitFor();
};
const form = async (page: Page) => {
  await windows(page);
  await page.getByRole("button", { name: "Type a window in" }).first().click();
};
const next = (page: Page) =>
  page.getByRole("region", { name: "Next runs" }).getByRole("listitem");

const VIEWS: View[] = [
  ["windows", "scene=patch", windows],
  [
    "windows of four weeks",
    "scene=patch",
    async (page) => {
      await windows(page);
      await page.getByRole("radio", { name: "4 weeks" }).click();
    },
  ],
  ["windows while SSM is not asked", "scene=blind", windows],
  ["no windows", "scene=empty", windows],
  ["very many windows", "scene=many", windows],
  ["hostile windows", "scene=hostile", windows],
  ["windows that cannot be read", "scene=error", windows],
  [
    "a time without windows",
    "scene=patch",
    async (page) => {
      await windows(page);
      for (let step = 0; step < 3; step += 1)
        await page.getByRole("button", { name: "Later" }).click();
    },
  ],
  ["a run", `scene=patch&run=${OPEN}`],
  ["a run that is over", "scene=patch&run=past/1"],
  ["a run with a hostile name", "scene=hostile&run=hostile/1"],
  ["a run that is not known", "scene=patch&run=nothing"],
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
  [
    "snooze menu in a window",
    "scene=hostile",
    async (page) => {
      await page.getByRole("button", { name: "Snooze" }).click();
      await page.getByRole("menu").waitFor();
    },
  ],
  [
    "a command of a window",
    "scene=patch",
    async (page) => {
      await page.getByRole("option").nth(1).click();
      await page.getByText("told by the time alone").waitFor();
    },
  ],
];
everyView(VIEWS);

test("the timeline is worked by keys alone", async ({ page }) => {
  await page.goto("/?scene=patch");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  const open = bar(page, /^Sunday patch, running/);
  await open.waitFor();
  await page.getByRole("radio", { name: "3 days" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(
    page.getByRole("radio", { name: "Week", exact: true }),
    "the span is chosen by keys",
  ).toBeChecked();
  await bar(page, /^Certificates, upcoming/).waitFor();
  await expect(
    timeline(page).locator("[tabindex='0']"),
    "Tab comes to one run, that is open",
  ).toHaveAttribute("data-run", OPEN);
  await open.focus();
  await page.keyboard.press("ArrowRight");
  await expect(bar(page, /^Database failover test/)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(bar(page, /^Agent updates/)).toBeFocused();
  await page.keyboard.press("Home");
  await expect(bar(page, /^mw-09b3c1de55a7f2c41/)).toBeFocused();
  await page.keyboard.press("End");
  await expect(bar(page, /^Certificates, upcoming/)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(
    page.getByRole("heading", { name: "Certificates", level: 1 }),
  ).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(
    bar(page, /^Certificates, upcoming/),
    "the keys are given back to the run",
  ).toBeFocused();
});

test("each run says in words what the timeline shows", async ({ page }) => {
  await page.goto("/?scene=patch");
  await windows(page);
  await expect(bar(page, /^Sunday patch, running/)).toHaveAccessibleName(
    /running; .+ \d\d:\d\d to .+; cutoff \d\d:\d\d; 212 of 240 done, 7 failed, 5 timed out$/,
  );
});

test("runs that overlap lie in lanes and hide nothing of each other", async ({
  page,
}) => {
  for (const scene of ["patch", "hostile", "many"]) {
    await page.goto(`/?scene=${scene}`);
    await windows(page);
    await timeline(page).getByRole("button").first().waitFor();
    const boxes = await timeline(page)
      .getByRole("button")
      .evaluateAll((bars) =>
        bars.map((one) => {
          const box = one.getBoundingClientRect();
          return { left: box.left, right: box.right, top: box.top };
        }),
      );
    boxes.forEach((one, at) =>
      boxes.slice(at + 1).forEach((other) => {
        const apart =
          one.top !== other.top ||
          one.right <= other.left + 0.5 ||
          other.right <= one.left + 0.5;
        expect(apart, `no bar lies on another in ${scene}`).toBe(true);
      }),
    );
  }
});

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
    page.getByText("Mend what is marked to see them."),
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

test("a run and its commands lead to each other", async ({ page }) => {
  await page.goto("/?scene=patch");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("m");
  const run = page.getByRole("region", { name: "Run of a maintenance window" });
  const heading = run.getByRole("heading", { level: 1 });
  await expect(heading, "reading begins at its name").toBeFocused();
  for (const part of [run, heading])
    await expect(part, "no frame is drawn as if it were chosen").toHaveCSS(
      "outline-style",
      "none",
    );
  await page.keyboard.press("Tab");
  await expect(
    page.locator("#run-page :focus"),
    "what can be pressed shows that it has the keys",
  ).toHaveCSS("outline-style", "solid");
  await expect(
    run.getByText("1 command is told by the time alone"),
  ).toBeVisible();
  await run
    .getByRole("button", { name: /AWS-RunShellScript.*by time/ })
    .click();
  const command = page.getByRole("region", { name: "Command" });
  await expect(command.getByText("told by the time alone")).toBeVisible();
  await command.getByRole("button", { name: "Sunday patch" }).click();
  await expect(run).toBeVisible();
  await page
    .getByRole("button", { name: /^Windows/ })
    .first()
    .click();
  await expect(
    page.getByRole("radio", { name: "Week", exact: true }),
  ).toBeVisible();
});

test("Escape closes what lies on top, and only that", async ({ page }) => {
  await page.goto(`/?scene=patch&run=${OPEN}`);
  const run = page.getByRole("region", { name: "Run of a maintenance window" });
  await run.getByRole("heading", { name: "Sunday patch" }).waitFor();
  await page.keyboard.press("z");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(run, "the menu was closed, not the page").toBeVisible();
  await page.keyboard.press("Escape");
  await expect(run).toHaveCount(0);
});

test("snooze until the window ends is offered while one is open, with its name and end", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("z");
  await page
    .getByRole("menuitem", { name: /^Until Sunday patch ends, .*\d\d:\d\d$/ })
    .click();
  await expect(page.getByText(/^Snoozed until/).first()).toBeVisible();
  await page.goto("/?scene=empty");
  await page.getByText("Nothing heard yet").first().waitFor();
  await page.keyboard.press("z");
  await page.getByRole("menuitem", { name: "4 h" }).waitFor();
  await expect(page.getByRole("menuitem", { name: /ends/ })).toHaveCount(0);
});

test("hostile names of windows are text and run nothing", async ({ page }) => {
  await page.goto("/?scene=hostile");
  await windows(page);
  await expect(
    page.getByText('<img src=x onerror="document.title').first(),
  ).toBeVisible();
  await bar(page, /^<img/).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(
    "<b>Sunday</b>",
  );
  expect(await page.title(), "a name ran a script").not.toBe("run");
});

test("at 720 by 480 every run can be reached", async ({ page }) => {
  await page.setViewportSize({ width: 720, height: 480 });
  await page.goto("/?scene=patch");
  await windows(page);
  await page.getByRole("radio", { name: "Week", exact: true }).click();
  await bar(page, /^Certificates, upcoming/).click();
  await expect(page.getByText("None before it opens.")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("the windows open on so few days that a cutoff can be seen", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await windows(page);
  await expect(page.getByRole("radio", { name: "3 days" })).toBeChecked();
  const open = bar(page, /^Sunday patch, running/);
  const closed = async () =>
    (await open.locator(".closed").boundingBox())?.width ?? 0;
  expect(await closed(), "the hatching is wide enough").toBeGreaterThan(8);
  await page.getByRole("radio", { name: "Day", exact: true }).click();
  await expect.poll(closed, "a day shows more").toBeGreaterThan(24);
});

test("a source that is refused says so in sentences, and what to copy", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await windows(page);
  const sources = page.getByRole("region", { name: "Known from" });
  await expect(sources).toContainText("user/jane.");
  await expect(
    sources.getByRole("paragraph").filter({ hasText: /^Ask your/ }),
  ).toBeVisible();
  await expect(sources.getByText("Copy for the administrator")).toBeVisible();
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
  await expect(run.getByText("No command of it was heard of.")).toHaveCount(0);
  await run
    .getByRole("button", { name: /AWS-RunPatchBaseline.*9 failed/ })
    .first()
    .click();
  await expect(page.getByRole("region", { name: "Command" })).toContainText(
    "AWS-RunPatchBaseline",
  );
});
