// Drives the pages, with fixtures behind them, in Debian's Chromium. The port is free for this run and on loopback only.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { defineConfig } from "../../ui/node_modules/@playwright/test";

const here = __dirname;
const ui = resolve(here, "../../ui");

// Workers read this file too: the port must be the same in each of them.
process.env.WATCHBELL_UI_PORT ??= freePort();
const port = Number(process.env.WATCHBELL_UI_PORT);

// Asked of a child, because this file is read synchronously.
function freePort(): string {
  const ask =
    "const s = require('net').createServer(); s.listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })";
  return execFileSync(process.execPath, ["-e", ask], {
    encoding: "utf8",
  }).trim();
}

export default defineConfig({
  testDir: here,
  outputDir: resolve(ui, "test-results"),
  workers: 2,
  retries: 0,
  timeout: 30_000,
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1080, height: 720 },
    timezoneId: "Europe/Berlin",
    launchOptions: {
      executablePath: process.env.WATCHBELL_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-background-networking"],
    },
  },
  webServer: {
    command: `npx vite build --mode fixtures --outDir dist-fixtures --logLevel warn && npx vite preview --outDir dist-fixtures --host 127.0.0.1 --port ${port} --strictPort`,
    cwd: ui,
    port,
    timeout: 120_000,
  },
});
