// Banners, settings, quarantine and the list of keys: their views under axe.
import { expect } from "../../ui/node_modules/@playwright/test";
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
