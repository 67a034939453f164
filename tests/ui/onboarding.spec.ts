// Setting up, changing and leaving a subscription: every step in both themes, by keys alone, in a small window and at 200 %.
import {
  expect,
  test,
  type Page,
} from "../../ui/node_modules/@playwright/test";
import { violations } from "./helpers";

const heading = (page: Page, name: string | RegExp) =>
  page.getByRole("heading", { level: 2, name });
const press = (page: Page, name: string) =>
  page.getByRole("button", { name, exact: true }).click();
const settings = (page: Page) =>
  page.getByRole("button", { name: "Settings" }).first().click();

async function toTopic(page: Page) {
  await press(page, "Continue");
  await expect(heading(page, /Which topic/)).toBeVisible();
  await page.getByText("alarms-prod").waitFor();
}
async function toPlan(page: Page) {
  await toTopic(page);
  await page.getByRole("radio", { name: "ssm-notify" }).check();
  await press(page, "Continue");
  await expect(heading(page, /What Watchbell will do/)).toBeVisible();
}
async function toCheck(page: Page) {
  await toPlan(page);
  await press(page, "Set up");
  await expect(heading(page, /Subscribed to ssm-notify/)).toBeVisible();
}
async function toKey(page: Page) {
  await page.getByRole("radio", { name: "Access key" }).click();
  await page.getByLabel("Access key id").fill("ASIAIOSFODNN7EXAMPLE");
}
async function toDenied(page: Page) {
  await toPlan(page);
  await press(page, "Set up");
  await page.getByText("Let an administrator make the queue").waitFor();
}

type View = [name: string, query: string, go: (page: Page) => Promise<void>];
const VIEWS: View[] = [
  [
    "sign in",
    "scene=first",
    (page) => page.getByRole("radio", { name: /^acme-prod/ }).waitFor(),
  ],
  ["sign in with a key", "scene=first", toKey],
  [
    "sign in without any profile",
    "scene=first&account=nothing",
    (page) => page.getByLabel("Access key id").waitFor(),
  ],
  ["topic", "scene=first", toTopic],
  [
    "a pasted ARN that is refused",
    "scene=first",
    async (page) => {
      await toTopic(page);
      await page
        .getByLabel("Search, or paste")
        .fill("arn:aws:sqs:eu-central-1:123456789012:queue");
      await page.keyboard.press("Enter");
      await page.getByText('of the service "sqs"').waitFor();
    },
  ],
  [
    "plan with everything unfolded",
    "scene=first",
    async (page) => {
      await toPlan(page);
      for (const summary of await page.locator("summary").all())
        await summary.click();
    },
  ],
  [
    "a run that another page began",
    "scene=first&draft=plan&account=running",
    (page) => page.getByText("under way").waitFor(),
  ],
  ["denied", "scene=first&account=denied", toDenied],
  ["check", "scene=first", toCheck],
  [
    "check, about to publish",
    "scene=first",
    async (page) => {
      await toCheck(page);
      await press(page, "Send a test message");
      await page.getByText("3 other subscriptions").waitFor();
    },
  ],
  [
    "preferences",
    "scene=first",
    async (page) => {
      await toCheck(page);
      await press(page, "Continue");
      await heading(page, /How you want/).waitFor();
    },
  ],
  [
    "subscriptions with leftovers",
    "scene=patch",
    async (page) => {
      await settings(page);
      await press(page, "Look for queues left over");
      await page.getByText("Made on old-laptop").waitFor();
    },
  ],
  [
    "leaving",
    "scene=patch",
    async (page) => {
      await settings(page);
      await press(page, "Leave");
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "a receipt",
    "scene=patch",
    async (page) => {
      await settings(page);
      await press(page, "Leave");
      await page.getByRole("dialog").getByRole("button").last().click();
      await page.getByText("Not everything could be removed").waitFor();
    },
  ],
  [
    "repairing",
    "scene=blind",
    async (page) => {
      await settings(page);
      await press(page, "Repair");
      await page.getByRole("dialog").getByText("What changes").waitFor();
    },
  ],
];

for (const theme of ["light", "dark"] as const) {
  for (const [name, query, go] of VIEWS) {
    test(`${name} has no violation, ${theme}`, async ({ page }) => {
      await page.goto(`/?${query}&theme=${theme}`);
      await go(page);
      expect(await violations(page)).toEqual([]);
    });
  }
}

for (const [name, query, go] of VIEWS) {
  for (const [size, width, height] of [
    ["the smallest window", 720, 480],
    ["200 % of it", 360, 240],
  ] as const) {
    test(`${name} fits into ${size}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await page.goto(`/?${query}`);
      await go(page);
      const over = await page.evaluate(
        () =>
          document.documentElement.scrollWidth -
          document.documentElement.clientWidth,
      );
      expect(over, "nothing lies beside the window").toBeLessThanOrEqual(0);
      const cut = await page.evaluate(() =>
        [
          ...document.querySelectorAll(
            ".room .scroll, .room footer, dialog[open]",
          ),
        ]
          .filter((box) => box.scrollWidth > box.clientWidth + 1)
          .map((box) => `${box.className} ${box.scrollWidth}`),
      );
      expect(cut, "no box has to be scrolled sideways").toEqual([]);
    });
  }
}

test("a new person gets to a test alert in six interactions, and the window leads there", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    "Set up Watchbell",
  );
  let acts = 0;
  const act = async (what: Promise<unknown>) => {
    acts += 1;
    await what;
  };
  await act(press(page, "Continue"));
  await act(page.getByRole("radio", { name: "ssm-notify" }).check());
  await act(press(page, "Continue"));
  await act(press(page, "Set up"));
  await act(press(page, "Show a test alert"));
  await page.getByText("Shown. If you saw nothing").waitFor();
  expect(acts).toBeLessThanOrEqual(6);
  await press(page, "Continue");
  await press(page, "Done");
  await expect(page.getByText("Nothing heard yet")).toBeVisible();
});

test("every step is reached by keys, and its heading takes the focus", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await page.getByRole("radio", { name: /^acme-prod/ }).focus();
  await page.keyboard.press("Enter");
  await expect(heading(page, /Which topic/)).toBeFocused();
  await page.getByText("alarms-prod").waitFor();
  await page.getByLabel("Search, or paste").focus();
  await page.keyboard.type("ssm");
  await expect(page.getByText("alarms-prod")).toHaveCount(0);
  // Past the region and the button that lists anew.
  for (let tab = 0; tab < 3; tab++) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(heading(page, /What Watchbell will do/)).toBeFocused();
  await expect(page.locator(".offscreen[role=status]").last()).toContainText(
    "Step 3 of 6: Plan",
  );
});

test("every step goes back to what was chosen", async ({ page }) => {
  await page.goto("/?scene=first");
  await toPlan(page);
  await press(page, "Back");
  await expect(page.getByRole("radio", { name: "ssm-notify" })).toBeChecked();
  await press(page, "Back");
  await expect(page.getByRole("radio", { name: /^acme-prod/ })).toBeChecked();
  await page.getByRole("radio", { name: /^acme-patch/ }).check();
  await toTopic(page);
});

for (const [text, says] of [
  ["arn:aws:sns:eu-central-1: 123456789012:t", "is not 12 digits"],
  ["arn:aws:sqs:eu-central-1:123456789012:t", 'of the service "sqs"'],
  ["arn:aws-cn:sns:cn-north-1:123456789012:t", "partition aws-cn"],
  ["arn:aws:sns:eu-central-1:123456789012:t.fifo", "FIFO"],
] as const) {
  test(`a pasted ARN is refused at its field: ${says}`, async ({ page }) => {
    await page.goto("/?scene=first");
    await toTopic(page);
    const field = page.getByLabel("Search, or paste");
    await field.fill(text);
    await page.keyboard.press("Enter");
    await expect(page.locator("#topic-wrong")).toContainText(says);
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(heading(page, /Which topic/)).toBeVisible();
  });
}

test("a pasted ARN of another account goes on, and says whose it is", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await toTopic(page);
  await page
    .getByLabel("Search, or paste")
    .fill("  arn:aws:sns:us-west-2:210987654321:theirs ");
  await page.keyboard.press("Tab");
  await expect(page.getByText("belongs to account 210987654321")).toBeVisible();
  await press(page, "Continue");
  await expect(heading(page, /What Watchbell will do/)).toBeVisible();
});

test("a typed secret is gone from the page once it was sent, whatever came of it", async ({
  page,
}) => {
  await page.goto("/?scene=first&account=nothing");
  await page.getByLabel("Access key id").fill("AKIAIOSFODNN7EXAMPLE");
  await page.getByLabel("Secret access key").fill("wrong");
  await page.keyboard.press("Enter");
  await expect(
    page.getByText("secret for this access key is wrong"),
  ).toBeVisible();
  await expect(page.getByLabel("Secret access key")).toHaveValue("");
  await page.getByLabel("Secret access key").fill("wJalrXUtnFEMI");
  await page.keyboard.press("Enter");
  await expect(heading(page, /Which topic/)).toBeVisible();
  const kept = await page.evaluate(
    () =>
      document.documentElement.outerHTML + JSON.stringify({ ...localStorage }),
  );
  expect(kept).not.toContain("wJalrXUtnFEMI");
});

test("after a crash it goes on at the plan", async ({ page }) => {
  await page.goto("/?scene=first&draft=plan");
  await expect(heading(page, /What Watchbell will do/)).toBeVisible();
});

test("where making is refused an administrator's queue is the way on", async ({
  page,
}) => {
  await page.goto("/?scene=first&account=denied");
  await toDenied(page);
  await expect(
    page.getByText("AWS denied sqs:CreateQueue").first(),
  ).toBeVisible();
  await expect(
    page.getByRole("button", { name: "Copy all for the admin" }),
  ).toBeVisible();
  await page
    .getByLabel("URL of the queue")
    .fill("https://sqs.eu-central-1.amazonaws.com/123456789012/made");
  await press(page, "Look at this queue");
  await expect(page.getByText("The queue has a redrive policy")).toBeVisible();
  await press(page, "Use this queue");
  await expect(heading(page, /Subscribed/)).toBeVisible();
});

test("a queue that was given is looked at and used without a refusal first", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await toPlan(page);
  await page.getByText("I was given a queue").click();
  await page
    .getByLabel("URL of the queue")
    .fill("https://sqs.eu-central-1.amazonaws.com/123456789012/made");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The queue has a redrive policy")).toBeVisible();
  await expect(
    page.getByText("I was given a queue"),
    "the plan is that of the queue",
  ).toHaveCount(0);
  await press(page, "Make my own queue instead");
  await expect(page.getByText("I was given a queue")).toBeVisible();
  await press(page, "Set up");
  await expect(heading(page, /Subscribed/)).toBeVisible();
});

test("a page made anew shows the run that is under way, and can call it off", async ({
  page,
}) => {
  await page.goto("/?scene=first&draft=plan&account=running");
  await expect(heading(page, "Setting up")).toBeVisible();
  await expect(page.getByText("under way")).toBeVisible();
  await press(page, "Cancel");
  await expect(heading(page, "It could not be set up")).toBeVisible();
  await expect(
    page.getByText("what was made so far was taken back"),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Taking back" })).toHaveCount(
    0,
  );
  await press(page, "Back");
  await expect(heading(page, /What Watchbell will do/)).toBeVisible();
});

test("there is a way out, and the way back in", async ({ page }) => {
  await page.goto("/?scene=first");
  await press(page, "Look around with a simulated run");
  await expect(page.getByRole("option").first()).toBeVisible();
  await settings(page);
  await press(page, "Add a topic");
  await expect(heading(page, /Whose rights/)).toBeVisible();
});

test("nothing is published before the others were counted and agreed to", async ({
  page,
}) => {
  await page.goto("/?scene=first");
  await toCheck(page);
  await press(page, "Send a test message");
  await expect(page.getByText("3 other subscriptions")).toBeVisible();
  await press(page, "Do not send");
  await expect(page.getByText("It came back")).toHaveCount(0);
  await press(page, "Send a test message");
  await press(page, "Send it");
  await expect(
    page.getByText("It came back: the whole way works"),
  ).toBeVisible();
});
