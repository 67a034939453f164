// The rules: the views under axe, order and edits by keys, mistakes at their place, what is not saved, import and export.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, row, rule, room, type View } from "./helpers";

const unsaved = (page: Page) => page.getByText(/\d changes? not saved/);

const VIEWS: View[] = [
  ["rules", "scene=patch", (page) => room(page, "Rules")],
  [
    "a rule unfolded",
    "scene=patch",
    async (page) => {
      await room(page, "Rules");
      await rule(page, 2).click();
    },
  ],
  [
    "rules with mistakes",
    "scene=patch",
    async (page) => {
      await room(page, "Rules");
      await rule(page, 2).click();
      await page.getByLabel("Document").fill("/^AWS-(Run/");
      await page.getByLabel("Status").fill("faild");
      await page.getByRole("button", { name: /2 mistakes/ }).waitFor();
    },
  ],
  [
    "no rules, and an empty history",
    "scene=empty",
    async (page) => {
      await room(page, "Rules");
      await page.getByRole("button", { name: "Try", exact: true }).click();
    },
  ],
  [
    "hostile rules",
    "scene=hostile",
    async (page) => {
      await room(page, "Rules");
      await rule(page, 2).click();
    },
  ],
  ["rules that cannot be read", "scene=error", (page) => room(page, "Rules")],
  [
    "export of rules",
    "scene=patch",
    async (page) => {
      await room(page, "Rules");
      await page.getByRole("button", { name: "Export" }).click();
    },
  ],
  [
    "import that is refused",
    "scene=patch",
    async (page) => {
      await room(page, "Rules");
      await page.getByRole("button", { name: "Import" }).click();
      await page.getByLabel("Text of the file").fill("{\n §\n}");
      await page.getByRole("button", { name: "Replace the rules" }).click();
    },
  ],
];

everyView(VIEWS);

test("rules are ordered by keys alone, and the keys stay with the rule", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await row(page).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  const names = page.locator("[data-rule] .name");
  const up = page.getByRole("button", { name: "Move Agent updates up" });
  const down = page.getByRole("button", { name: "Move Agent updates down" });
  await up.focus();
  await page.keyboard.press("Enter");
  await expect(names.first()).toHaveText("Agent updates");
  await expect(
    up,
    "the button is kept, at the end of its way too",
  ).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(names.first()).toHaveText("Agent updates");
  await down.focus();
  for (let at = 0; at < 4; at++) await page.keyboard.press("Space");
  await expect(names.last()).toHaveText("Agent updates");
  await expect(down).toBeFocused();
  await expect(
    page.locator("[aria-live=polite].offscreen"),
    "the new place is told",
  ).toContainText("Agent updates is rule 5 of 5");
  await rule(page, 4).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(names.nth(3)).toHaveText("Agent updates");
  await expect(rule(page, 3)).toBeFocused();
  await expect(page.getByText("1 change not saved").first()).toBeVisible();
});

test("a mistake is marked in the field, stops the saving and is found by a press", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Rules");
  await rule(page, 2).click();
  const document = page.getByLabel("Document");
  await document.fill("/^AWS-(Run/");
  await expect(page.locator("mark")).toHaveText("(");
  await expect(document).toHaveAttribute("aria-invalid", "true");
  await expect(document).toHaveAccessibleDescription(
    /This \( is not closed\. Add a \)/,
  );
  await rule(page, 2).click();
  await page.getByRole("button", { name: "Save", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(document, "saving leads to the mistake").toBeFocused();
  expect(
    await document.evaluate((field: HTMLInputElement) =>
      field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0),
    ),
    "its place is selected",
  ).toBe("(");
  await expect(page.getByText("1 change not saved").first()).toBeVisible();
  await document.fill("/^AWS-(Run)/");
  await expect(page.locator("mark")).toHaveCount(0);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(unsaved(page)).toHaveCount(0);
});

test("what is not saved outlives the room and the window, and can be discarded", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Rules");
  await page.getByRole("button", { name: "Add a rule" }).click();
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("Nightly builds");
  await expect(page.getByLabel("Name")).toHaveValue("Nightly builds");
  await room(page, "Feed");
  await expect(page.getByRole("button", { name: /^Rules/ })).toContainText("1");
  await room(page, "Rules");
  await expect(page.getByText("Nightly builds").first()).toBeVisible();
  await page.reload();
  await room(page, "Rules");
  await expect(page.getByText("Nightly builds").first()).toBeVisible();
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByText("Nightly builds")).toHaveCount(0);
  await expect(
    page.getByRole("button", { name: "Add a rule" }),
    "the keys are not lost with the bar",
  ).toBeFocused();
});

test("a deleted rule leaves the keys in the list and can be put back", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Rules");
  await rule(page, 1).click();
  await page.getByRole("button", { name: "Delete this rule" }).click();
  await expect(page.locator("[data-rule]")).toHaveCount(4);
  await expect(rule(page, 1)).toBeFocused();
  await page.getByRole("button", { name: "Put back Agent updates" }).click();
  await expect(page.locator("[data-rule]")).toHaveCount(5);
  await expect(rule(page, 1)).toBeFocused();
  await expect(unsaved(page)).toHaveCount(0);
});

test("an import shows the place of what is wrong, and replaces without saving", async ({
  page,
}) => {
  await page.goto("/?scene=patch");
  await room(page, "Rules");
  await page.getByRole("button", { name: "Import" }).click();
  const text = page.getByLabel("Text of the file");
  await expect(text).toBeFocused();
  await text.fill("{\n §\n}");
  await page.getByRole("button", { name: "Replace the rules" }).click();
  await expect(page.getByRole("alert")).toContainText("Line 2, column 3");
  await expect(page.locator("[data-rule]"), "nothing was taken").toHaveCount(5);
  await page.getByLabel("File of rules").setInputFiles({
    name: "rules.json",
    mimeType: "application/json",
    buffer: Buffer.from(
      '{"watchbell_rules": 1, "rules": [{"name": "Only one", "when": {"node": "i-*"}, "then": "mute"}]}',
    ),
  });
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.locator("[data-rule]")).toHaveCount(1);
  await expect(page.getByText("6 changes not saved").first()).toBeVisible();
});

test("rules that are slow to come show that they are coming", async ({
  page,
}) => {
  const tell = (name: string) =>
    page.evaluate((one) => void dispatchEvent(new Event(one)), name);
  await page.goto("/?scene=patch&held");
  await room(page, "Rules");
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await tell("watchbell-answer");
  await expect(page.locator("[data-rule]")).toHaveCount(5);
  await tell("watchbell-hold");
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await tell("watchbell-answer");
  await expect(
    page.getByText("263 alerts, as now", { exact: true }),
  ).toBeVisible();
});
