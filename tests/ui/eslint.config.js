// The pages' own rules hold for their tests too.
export { default } from "../../ui/eslint.config.js";
