// What the alert policy decided, in words. Outcomes as `watchbellctl show` has them.

const OUTCOMES: Record<string, string> = {
  rang: "Rang",
  updated: "Updated its alert silently",
  joined: "Joined another alert",
  overflow: "Joined the alert for many commands",
  digest: "Went into the digest",
  // Quiet hours hold back as a snooze does, and a rule may ask for quiet: the reason says which it was.
  snoozed: "Held until the snooze or the quiet hours end",
  quiet: "Kept quiet",
  muted: "Muted",
  acknowledged: "Acknowledged",
  dismissed: "Alert dismissed",
  corrected: "Corrected its alert",
};

const SILENT = ["snoozed", "quiet", "muted"];

/** What the list of decisions answers: nothing that was decided may have rung at all. */
export function question(decisions: readonly { outcome: string }[]): string {
  const silent = decisions.length > 0 && decisions.every((one) => SILENT.includes(one.outcome));
  return silent ? "Why it did not ring" : "Why it rang";
}

export function outcomeWords(outcome: string): string {
  return OUTCOMES[outcome] ?? outcome.replaceAll("_", " ");
}
