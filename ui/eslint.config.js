// The rules that keep the rooms apart: only lib/ipc knows Tauri, and no feature knows another feature.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const features = [
  "feed",
  "command",
  "quarantine",
  "rules",
  "settings",
  "standing",
  "windows",
  "onboarding",
  "doctor",
  "iam",
];
const tauri = { group: ["@tauri-apps/*"], message: "Only src/lib/ipc may import Tauri." };

export default ts.config(
  { ignores: ["dist/", "dist-fixtures/", "node_modules/", "src/lib/ipc/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.name='setInterval']",
          message: "Only lib/state/clock ticks; nothing polls.",
        },
      ],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig, extraFileExtensions: [".svelte"] } },
    rules: {
      "svelte/no-at-html-tags": "error",
      "svelte/no-target-blank": "error",
      "svelte/button-has-type": "error",
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/lib/ipc/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [tauri] }] },
  },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            tauri,
            {
              group: features
                .filter((other) => other !== feature)
                .flatMap((other) => [`**/${other}/*.svelte`, `**/features/${other}/**`]),
              message: "No feature imports another feature; share through lib.",
            },
          ],
        },
      ],
    },
  })),
  {
    files: ["src/lib/**"],
    ignores: ["src/lib/ipc/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [tauri, { group: ["**/features/**"], message: "lib knows no feature." }] },
      ],
    },
  },
);
