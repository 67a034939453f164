// Banners, settings, quarantine and the list of keys: their views under axe.
import { expect, test } from "../../ui/node_modules/@playwright/test";
import { everyView, unfold, type View } from "./helpers";

const VIEWS: View[] = [
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
    "signed out, and the tray asks for the way back in",
    "scene=signed_out&signin=arn:aws:sns:eu-central-1:123456789012:ssm-notify",
    (page) =>
      expect(page.getByRole("textbox", { name: /Code of/ })).toBeFocused(),
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
  [
    "signed out, and there is no browser: a code and its page",
    "scene=signed_out&account=code",
    async (page) => {
      await page.getByRole("button", { name: "Sign in…" }).click();
      await page.getByText("KQXF-WVRB", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Cancel the sign-in" }).waitFor();
    },
  ],
  [
    "signed out, and the page in the browser is waited for",
    "scene=signed_out&account=browser",
    async (page) => {
      await page.getByRole("button", { name: "Sign in…" }).click();
      await page.getByRole("button", { name: "Use a code instead" }).waitFor();
      await page.getByText("No page opened").click();
    },
  ],
  [
    "signed out of a profile",
    "scene=signed_out&account=elsewhere",
    async (page) => {
      await page.getByRole("button", { name: "Sign in…" }).click();
      await page.getByRole("button", { name: "Copy the command" }).waitFor();
    },
  ],
  [
    "the access key is refused",
    "scene=key_refused",
    async (page) => {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("button", { name: "New key…" }).nth(1).waitFor();
    },
  ],
  [
    "a new key",
    "scene=key_refused",
    async (page) => {
      await page.getByRole("button", { name: "New key…" }).click();
      await page
        .getByRole("heading", { name: "A new key for ssm-notify" })
        .waitFor();
      await expect(
        page.getByRole("textbox", { name: "Access key id" }),
      ).toHaveValue(/^AKIA/);
    },
  ],
  [
    "signs out soon",
    "scene=signs_out",
    async (page) => {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByText("ssm-notify signs out in 25 minutes").waitFor();
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
  [
    "keys",
    "scene=patch",
    (page) => page.getByRole("button", { name: "Keys" }).click(),
  ],
];

everyView(VIEWS);

test("a sign-in is called off, and a code is asked for in place of the browser", async ({
  page,
}) => {
  await page.goto("/?scene=signed_out&account=browser");
  await page.getByRole("button", { name: "Sign in…" }).click();
  await page.getByRole("button", { name: "Use a code instead" }).click();
  await page.getByText("KQXF-WVRB", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Cancel the sign-in" }).click();
  await expect(page.getByRole("button", { name: "Sign in…" })).toBeEnabled();
});

test("a new key keeps the topic, and what it lets through", async ({
  page,
}) => {
  await page.goto("/?scene=key_refused");
  await page.getByRole("button", { name: "New key…" }).click();
  await page.getByLabel("Secret access key").fill("secret");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("ssm-notify is subscribed here already").waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("What Watchbell will do").waitFor();
});
