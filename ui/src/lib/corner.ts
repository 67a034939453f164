// What stands at the top right of every room. The window decides what it is; a room's head only leaves a place for it.
import { createContext, type Snippet } from "svelte";

export const [corner, setCorner] = createContext<Snippet>();
