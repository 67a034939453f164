// Light or dark: the desktop's wish, unless the person chose. The choice is remembered here too,
// so that the first paint after the window is made anew has the right colours.
import type { Settings } from "./ipc/host";

const KEY = "watchbell.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen: Settings["theme"] = "system";

function draw(): void {
  const isDark = chosen === "dark" || (chosen === "system" && dark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

export function applyTheme(theme: Settings["theme"]): void {
  chosen = theme;
  localStorage.setItem(KEY, theme);
  draw();
}

/** Called once before the first paint. */
export function startTheme(): void {
  const remembered = localStorage.getItem(KEY);
  if (remembered === "light" || remembered === "dark") chosen = remembered;
  dark.addEventListener("change", draw);
  draw();
}
