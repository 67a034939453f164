// The room of the maintenance windows: its views under axe, the timeline by keys, a run and its commands.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { bar, everyView, violations, windows, type View } from "./helpers";

const OPEN =
  "123456789012/eu-central-1/mw-0ed7251d3fcf6e0c2/b60fb56e-776c-4e5c-84ee-123456789012";

const timeline = (page: Page) =>
  page.getByRole("list", { name: /Runs on the timeline/ });

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
