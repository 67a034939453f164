// One tip for the whole window, shown on hover and on focus. Lists of thousands of rows cannot each carry a tooltip.
// The tip is a visual aid for pointers: what it says must also be in reach otherwise.
import type { Attachment } from "svelte/attachments";

const DELAY_MS = 350;
let box: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function hide(): void {
  clearTimeout(timer);
  box?.remove();
  box = undefined;
}

function show(target: Element, text: string): void {
  hide();
  if (!target.isConnected) return;
  box = document.createElement("div");
  box.className = "tip";
  box.setAttribute("aria-hidden", "true");
  box.textContent = text;
  document.body.append(box);
  const at = target.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
  const below = at.bottom + 6;
  const top = below + size.height > innerHeight - 8 ? at.top - size.height - 6 : below;
  box.style.setProperty("left", `${Math.max(8, left)}px`);
  box.style.setProperty("top", `${Math.max(8, top)}px`);
}

/** Shows `text()` (lines split by \n) beside the element. */
export function tip(text: () => string | null): Attachment<HTMLElement> {
  return (element) => {
    const later = () => {
      const words = text();
      if (!words) return;
      clearTimeout(timer);
      timer = setTimeout(() => show(element, words), DELAY_MS);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape") hide();
    };
    element.addEventListener("pointerenter", later);
    element.addEventListener("pointerleave", hide);
    element.addEventListener("pointerdown", hide);
    element.addEventListener("focus", later);
    element.addEventListener("blur", hide);
    element.addEventListener("keydown", escape);
    return () => {
      hide();
      element.removeEventListener("pointerenter", later);
      element.removeEventListener("pointerleave", hide);
      element.removeEventListener("pointerdown", hide);
      element.removeEventListener("focus", later);
      element.removeEventListener("blur", hide);
      element.removeEventListener("keydown", escape);
    };
  };
}
