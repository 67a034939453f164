// Every view, in both themes: no accessibility violation, keys that work, hostile names shown as text, room at 200 %.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { everyView, room, type View } from "./helpers";

const row = (page: Page, at = 0) => page.getByRole("option").nth(at);

const unfold = (page: Page) =>
  page
    .getByRole("listitem")
    .getByRole("button", { expanded: false })
    .first()
    .click();
const unsaved = (page: Page) => page.getByText(/\d changes? not saved/);
const rule = (page: Page, at: number) =>
  page.locator("[data-rule] .head").nth(at);

/** Makes the first rule quiet, that two of the failing commands of the patch world fit. */
const quietPatches = async (page: Page) => {
  await rule(page, 0).click();
  await page.getByRole("radio", { name: /^Quiet/ }).click();
  await rule(page, 0).click();
};

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
  ["signed out", "scene=signed_out"],
  [
    "signed out, a wrong code",
    "scene=signed_out",
    async (page) => {
      await page.getByRole("button", { name: "Sign in…" }).click();
      await page.getByRole("textbox", { name: /Code of/ }).fill("12345");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page
        .getByText(/six digits$|has six digits/)
        .first()
        .waitFor();
    },
  ],
  [
    "signed in again",
    "scene=signed_out",
    async (page) => {
      await page.getByRole("button", { name: "Sign in…" }).click();
      await page.getByRole("textbox", { name: /Code of/ }).fill("123456");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText("Signed in. Listening goes on by itself.").waitFor();
    },
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
    "quarantine",
    "scene=hostile",
    async (page) => {
      await page.getByRole("button", { name: "Quarantine" }).click();
      await unfold(page);
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
  [
    "keys",
    "scene=patch",
    (page) => page.getByRole("button", { name: "Keys" }).click(),
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
  await page.goto("/?scene=error");
  await expect(page.getByText("The history could not be read")).toBeVisible();
  await page.evaluate(() =>
    window.dispatchEvent(new Event("watchbell-mended")),
  );
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(row(page)).toBeVisible();
});

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

test("rules that are slow to come show that they are coming", async ({
  page,
}) => {
  await page.goto("/?scene=patch&delay=700");
  await room(page, "Rules");
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await expect(page.locator("[data-rule]")).toHaveCount(5);
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await expect(
    page.getByText("263 alerts, as now", { exact: true }),
  ).toBeVisible();
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
