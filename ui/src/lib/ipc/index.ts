// Chooses the host once: the app's own when this runs inside it, fixtures in a plain browser of a developer or a test.
// A release holds no fixtures: the condition is known at build time and the import falls away.
import type { Host } from "./host";
import { tauriHost } from "./tauri";

export async function chooseHost(): Promise<Host> {
  if ("__TAURI_INTERNALS__" in globalThis) return tauriHost;
  if (import.meta.env.DEV || import.meta.env.VITE_FIXTURES) {
    const { demoHost } = await import("./demo/host");
    return demoHost(new URLSearchParams(location.search));
  }
  throw new Error("This page is Watchbell's window and works only inside Watchbell.");
}

export * from "./host";
