// The feed and a command beside it: the views under axe, work by keys alone, the search, hostile names, ten thousand rows.
import { expect, test } from "../../ui/node_modules/@playwright/test";
import { everyView, row, unfold, type View } from "./helpers";

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
    "a watched command",
    "scene=patch",
    async (page) => {
      await row(page, 1).click();
      await page.getByRole("switch", { name: "Tell me when it ends" }).click();
    },
  ],
  [
    "a muted command",
    "scene=patch",
    async (page) => {
      await page.getByText("Acme-NightlyReport").click();
      await page.getByRole("tab", { name: "Why it did not ring" }).click();
    },
  ],
];

everyView(VIEWS);

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
  await unfold(page);
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
  await expect(
    row(page),
    "a list that goes on has no length yet",
  ).toHaveAttribute("aria-setsize", "-1");
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
  const last = page.getByRole("option").last();
  await expect(last).toHaveAttribute("aria-posinset", "10000");
  await expect(last, "and its place is told").toHaveAttribute(
    "aria-setsize",
    "10000",
  );
});

test("an error says what failed and recovers by a press", async ({ page }) => {
  await page.goto("/?scene=error");
  await expect(page.getByText("The history could not be read")).toBeVisible();
  await page.evaluate(() =>
    window.dispatchEvent(new Event("watchbell-mended")),
  );
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(row(page)).toBeVisible();
});

test("a command tells its end when asked to, and only while it has none", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  const wish = page.getByRole("switch", { name: "Tell me when it ends" });
  await row(page, 1).click();
  await wish.focus();
  await page.keyboard.press("Space");
  await expect(wish).toBeChecked();
  await row(page, 0).click();
  await expect(wish, "what ended cannot be waited for").toHaveCount(0);
  await row(page, 1).click();
  await expect(wish, "the wish is kept").toBeChecked();
});
