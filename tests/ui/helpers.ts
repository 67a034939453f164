// What the specs of the pages share: axe over a view, the views in both themes, at 200 % and in the smallest window, the ways in.
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

export async function violations(page: Page): Promise<string[]> {
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

/** Goes into a room by its name at the side. */
export const room = (page: Page, name: string) =>
  page.getByRole("button", { name }).first().click();

/** Goes to the maintenance windows. */
export const windows = async (page: Page) => {
  await room(page, "Windows");
  await page.getByRole("heading", { name: "Windows", level: 1 }).waitFor();
};

/** A run on the timeline, by its name. */
export const bar = (page: Page, name: string | RegExp) =>
  page
    .getByRole("list", { name: /Runs on the timeline/ })
    .getByRole("button", { name });

/** A command of the feed, by its place from 0. */
export const row = (page: Page, at = 0) => page.getByRole("option").nth(at);

/** The head of a rule, by its place from 0. */
export const rule = (page: Page, at: number) =>
  page.locator("[data-rule] .head").nth(at);

/** Unfolds the first item of a list that can be unfolded. */
export const unfold = (page: Page) =>
  page
    .getByRole("listitem")
    .getByRole("button", { expanded: false })
    .first()
    .click();

/** What a view is called, the world behind it, and the way to it. */
export type View = [
  name: string,
  query: string,
  go?: (page: Page) => Promise<void>,
];

/** Each view in both themes: no accessibility violation, nothing cut off at 200 %, no script that failed. */
export function everyView(views: readonly View[]): void {
  for (const theme of ["light", "dark"]) {
    for (const [name, query, go] of views) {
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
}

/** Each view in the smallest window: nothing in it has to be scrolled sideways. */
export function everyViewFits(views: readonly View[]): void {
  for (const [name, query, go] of views) {
    test(`${name} fits into the smallest window`, async ({ page }) => {
      await page.setViewportSize({ width: 720, height: 480 });
      await page.goto(`/?${query}`);
      await go?.(page);
      const cut = await page.evaluate(() =>
        [
          document.documentElement,
          ...document.querySelectorAll(
            ".room, .scroll, .room footer, .room fieldset",
          ),
        ]
          .filter((box) => box.scrollWidth > box.clientWidth + 1)
          .map((box) => `${box.className} ${box.scrollWidth}`),
      );
      expect(cut, "no box has to be scrolled sideways").toEqual([]);
    });
  }
}
