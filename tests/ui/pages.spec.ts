// Every view, in both themes: no accessibility violation, keys that work, hostile names shown as text, room at 200 %.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";

const axeSource = readFileSync(
  resolve(__dirname, "../../ui/node_modules/axe-core/axe.min.js"),
  "utf8",
);

interface AxeResult {
  violations: {
    id: string;
    nodes: { html: string; failureSummary?: string }[];
  }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
  );
  return result.violations.flatMap((one) =>
    one.nodes.map(
      (node) =>
        `${one.id}: ${node.html.slice(0, 200)}\n${node.failureSummary ?? ""}`,
    ),
  );
}

const row = (page: Page, at = 0) => page.getByRole("option").nth(at);

type View = [name: string, query: string, go?: (page: Page) => Promise<void>];
const VIEWS: View[] = [
  ["feed", "scene=patch"],
  ["feed of a storm", "scene=storm"],
  ["feed with no subscription", "scene=unsubscribed"],
  ["feed that heard nothing", "scene=empty"],
  [
    "feed with nothing found",
    "scene=patch",
    (page) => page.getByLabel("Search commands").fill("nothing-like-it"),
  ],
  [
    "search that cannot be read",
    "scene=patch",
    (page) => page.getByLabel("Search commands").fill("colour:red"),
  ],
  ["deaf", "scene=blind"],
  ["error", "scene=error"],
  ["hostile names", "scene=hostile"],
  ["command", "scene=patch", (page) => row(page).click()],
  [
    "events of a command",
    "scene=patch",
    async (page) => {
      await row(page).click();
      await page.getByRole("tab", { name: "Events" }).click();
    },
  ],
  [
    "decisions of a command",
    "scene=patch",
    async (page) => {
      await row(page, 1).click();
      await page.getByRole("tab", { name: "Why it rang" }).click();
    },
  ],
  [
    "quarantine",
    "scene=hostile",
    async (page) => {
      await page.getByRole("button", { name: "Quarantine" }).click();
      await page.getByRole("button", { expanded: false }).first().click();
    },
  ],
  [
    "empty quarantine",
    "scene=empty",
    (page) => page.getByRole("button", { name: "Quarantine" }).click(),
  ],
  [
    "settings",
    "scene=patch",
    (page) => page.getByRole("button", { name: "Settings" }).click(),
  ],
  [
    "settings while deaf",
    "scene=blind",
    (page) => page.getByRole("button", { name: "Settings" }).click(),
  ],
  [
    "keys",
    "scene=patch",
    (page) => page.getByRole("button", { name: "Keys" }).click(),
  ],
];

for (const theme of ["light", "dark"]) {
  for (const [name, query, go] of VIEWS) {
    test(`${name}, ${theme}: axe finds nothing and nothing overflows`, async ({
      page,
    }) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`/?${query}&theme=${theme}`);
      await page.getByRole("button", { name: "Settings" }).waitFor();
      await go?.(page);
      await page.waitForTimeout(350);
      await page.screenshot({ path: test.info().outputPath("view.png") });
      expect(
        await page.locator("html").getAttribute("data-theme"),
        "the chosen theme is drawn",
      ).toBe(theme);
      expect(
        await violations(page),
        "a view has no accessibility violation",
      ).toEqual([]);
      // 1080 px at 200 % are 540 CSS px; 720 px at 200 % are 360.
      for (const size of [
        { width: 540, height: 360 },
        { width: 360, height: 240 },
      ]) {
        await page.setViewportSize(size);
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        expect(
          wide,
          "at 200 % nothing is cut off to the side",
        ).toBeLessThanOrEqual(0);
      }
      await page.screenshot({ path: test.info().outputPath("zoomed.png") });
      expect(errors, "no script failed").toEqual([]);
    });
  }
}

test("the feed is worked by keys alone", async ({ page }) => {
  await page.goto("/?scene=patch");
  await row(page).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = await row(page).getAttribute("id");
  await expect(page.getByRole("listbox")).toHaveAttribute(
    "aria-activedescendant",
    first ?? "",
  );
  await page.keyboard.press("Enter");
  await expect(
    page
      .getByRole("region", { name: "Command" })
      .getByRole("heading", { level: 2 }),
  ).toHaveText("AWS-RunPatchBaseline");
  await page.keyboard.press("a");
  await expect(
    page.getByRole("button", { name: /^Feed/ }),
    "an acknowledged failure leaves the count",
  ).toContainText("1");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: "Command" })).toHaveCount(0);
  await page.keyboard.press("/");
  await expect(page.getByLabel("Search commands")).toBeFocused();
  await page.keyboard.type("status:success");
  await expect(page.getByRole("option")).toHaveCount(3);
});

test("a search that cannot be read names the place and keeps the rows", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await row(page).waitFor();
  await page.getByLabel("Search commands").fill("ssm colour:red");
  await expect(page.locator("#search-problem")).toContainText(
    'Unknown field "colour" at character 5',
  );
  await expect(page.getByRole("option"), "the rows of before stay").toHaveCount(
    11,
  );
});

test("names that are HTML are shown as text and run nothing", async ({
  page,
}) => {
  await page.goto("/?scene=hostile");
  await expect(
    page.getByText('<img src=x onerror="document.title=').first(),
  ).toBeVisible();
  await row(page).click();
  await expect(page.getByText("<b>node</b>")).toBeVisible();
  await page.getByRole("button", { name: "Quarantine" }).click();
  await page.getByRole("button", { expanded: false }).first().click();
  await expect(
    page.getByText("<script>document.title='run'</script>"),
  ).toBeVisible();
  expect(await page.title(), "no script of a message ran").toBe("Watchbell");
  expect(
    await page.locator("main img, main b, main script").count(),
    "no element came out of a name",
  ).toBe(0);
});

test("10,000 commands scroll to the last with few elements", async ({
  page,
}) => {
  await page.goto("/?scene=many");
  await row(page).waitFor();
  const list = page.getByRole("listbox");
  let height = 0;
  for (let turn = 0; turn < 400; turn++) {
    const next = await list.evaluate((box) => {
      box.scrollTop = box.scrollHeight;
      return box.scrollHeight;
    });
    if (next === height && next > 390_000) break;
    height = next;
    await page.waitForTimeout(10);
  }
  expect(height, "every command is in the list").toBeGreaterThan(400_000);
  expect(
    await page.getByRole("option").count(),
    "only what is on screen exists",
  ).toBeLessThan(60);
});

test("an error says what failed and recovers by a press", async ({ page }) => {
  await page.goto("/?scene=error&heals");
  await expect(page.getByText("The history could not be read")).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(row(page)).toBeVisible();
});
