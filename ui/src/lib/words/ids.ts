// Names and ids, made short enough to read and safe enough to show.

/** Shortens in the middle: the head says what it is, the tail tells it from its neighbours. */
export function shortId(id: string, head = 8, tail = 4): string {
  const letters = [...id];
  if (letters.length <= head + tail + 1) return id;
  return `${letters.slice(0, head).join("")}…${letters.slice(-tail).join("")}`;
}

/** A name that is too long for a line, cut at its end. */
export function brief(name: string, most = 32): string {
  const letters = [...name];
  return letters.length <= most
    ? name
    : `${letters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}

/** "ssm-notify" of "arn:aws:sns:eu-central-1:123456789012:ssm-notify". */
export function topicName(arn: string): string {
  return arn.split(":").at(-1) || arn;
}

/**
 * A name for the screen. Control characters become visible pictures, and bidirectional overrides go,
 * so that no name can hide or reorder the words around it. Nothing else is changed.
 */
export function shown(text: string): string {
  let out = "";
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x20) out += String.fromCodePoint(0x2400 + code);
    else if (code === 0x7f) out += "\u2421";
    else if ((code >= 0x80 && code <= 0x9f) || isBidiControl(code)) out += "\ufffd";
    else out += letter;
  }
  return out;
}

/**
 * A reason or a hint that begins a line. The program writes them to stand behind a colon; names as
 * `sqs:ReceiveMessage` and `watchbellctl` are left as they are.
 */
export function sentence(text: string): string {
  const first = text.split(" ", 1)[0] ?? "";
  if (first === "watchbellctl" || !/^[a-z]+[,:;.]?$/.test(first)) return text;
  return text[0]!.toUpperCase() + text.slice(1);
}

/** As {@link shown}, but line ends and tabs stay: for whole bodies. */
export function shownBody(text: string): string {
  return text
    .split(/(\r\n|\n|\t)/)
    .map((part, at) => (at % 2 === 1 ? part.replace("\r", "") : shown(part)))
    .join("");
}

function isBidiControl(code: number): boolean {
  return (
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x200e ||
    code === 0x200f
  );
}
