// The rules tried on the history: what a try tells, that its numbers add up, and the way to its commands.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, rule, room, type View } from "./helpers";

/** Makes the first rule quiet, that two of the failing commands of the patch world fit. */
const quietPatches = async (page: Page) => {
  await rule(page, 0).click();
  await page.getByRole("radio", { name: /^Quiet/ }).click();
  await rule(page, 0).click();
};

const VIEWS: View[] = [
  [
    "rules tried",
    "scene=patch",
    async (page) => {
      await room(page, "Rules");
      await quietPatches(page);
      await page.getByRole("button", { name: "Try", exact: true }).click();
      await page
        .getByText("132 alerts instead of 263", { exact: true })
        .waitFor();
    },
  ],
  [
    "a try that is out of date, and a rule to put back",
    "scene=patch",
    async (page) => {
      await room(page, "Rules");
      await page.getByRole("button", { name: "Try", exact: true }).click();
      await rule(page, 0).click();
      await page.getByRole("button", { name: "Delete this rule" }).click();
      await page.getByText("Try again.").waitFor();
    },
  ],
];

everyView(VIEWS);

test("a try names the commands and leads to them", async ({ page }) => {
  await page.goto("/?scene=patch");
  await room(page, "Rules");
  await quietPatches(page);
  await page.getByRole("radio", { name: "30" }).click();
  await page.getByRole("button", { name: "Try", exact: true }).click();
  const tester = page.getByRole("complementary", { name: "Tester" });
  await tester
    .getByRole("button", { name: /AWS-RunPatchBaseline/ })
    .first()
    .click();
  await expect(
    page
      .getByRole("region", { name: "Command" })
      .getByRole("heading", { level: 2 }),
  ).toHaveText("AWS-RunPatchBaseline");
});

test("a try's numbers add up, and only commands that a changed rule fits are named", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Rules");
  const tester = page.getByRole("complementary", { name: "Tester" });
  await expect(tester).toContainText("Acknowledgements and snoozes");
  await quietPatches(page);
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await expect(tester).toContainText("132 alerts instead of 263");
  const [asked, ...columns] = [
    Number(
      /(\d+) commands that failed/.exec(await tester.innerText())?.[1] ?? NaN,
    ),
    ...(await Promise.all(
      [1, 2].map(async (column) => {
        const cells = await tester
          .locator(`tbody td:nth-of-type(${column})`)
          .allInnerTexts();
        return cells.reduce((sum, text) => sum + Number(text), 0);
      }),
    )),
  ];
  expect(columns, "each command has one fate").toEqual([asked, asked]);
  await expect(tester).toContainText("168 commands would be treated");
  const named = tester.getByRole("listitem");
  await expect(named).toHaveCount(2);
  for (const at of [0, 1]) {
    await expect(named.nth(at)).toContainText("AWS-RunPatchBaseline");
    await expect(named.nth(at)).toContainText('by rule "Production patches"');
  }
});

test.describe("in a low window", () => {
  test.use({ viewport: { width: 720, height: 480 } });

  test("a rule says that it asks for a window, and a try comes into sight and is told", async ({
    page,
  }) => {
    await page.goto("/?scene=patch");
    await room(page, "Rules");
    const words = page.locator("[data-rule] .words", {
      hasText: "inside a maintenance window",
    });
    expect(
      await words.evaluate(
        (of) =>
          of.scrollHeight <= of.clientHeight &&
          of.scrollWidth <= of.clientWidth,
      ),
      "nothing of the words is cut",
    ).toBe(true);
    await page.getByRole("button", { name: "Try", exact: true }).click();
    await expect(
      page.getByText("263 alerts, as now", { exact: true }),
    ).toBeInViewport({
      ratio: 1,
    });
    await expect(
      page.locator("[aria-live=polite].offscreen", {
        hasText: "263 alerts, as now. No command would be treated differently",
      }),
    ).toBeAttached();
  });

  test("the field that is typed in stays above the bar, with its mistake", async ({
    page,
  }) => {
    await page.goto("/?scene=patch");
    await room(page, "Rules");
    await rule(page, 2).click();
    const topic = page.getByLabel("Topic");
    await topic.focus();
    await page.keyboard.press("End");
    // At the lower edge, where the bar comes up.
    await topic.evaluate((field) => field.scrollIntoView({ block: "end" }));
    await page.keyboard.insertText("a(");
    const mistake = page.getByText(/^A plain pattern knows only/);
    await expect(
      page.getByRole("button", { name: "Save", exact: true }),
    ).toBeVisible();
    await expect(topic).toBeInViewport({ ratio: 1 });
    await expect(mistake).toBeInViewport({ ratio: 1 });
    await expect(topic).toBeFocused();
  });
});
