import { mount } from "svelte";
import App from "./App.svelte";
import { chooseHost } from "./lib/ipc";
import { startTheme } from "./lib/theme";
import "./styles/tokens.css";
import "./styles/base.css";

startTheme();
const target = document.getElementById("app");
if (target) {
  chooseHost().then(
    (host) => mount(App, { target, props: { host } }),
    (thrown: unknown) => {
      target.textContent = thrown instanceof Error ? thrown.message : String(thrown);
    },
  );
}
