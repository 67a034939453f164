// What the alert policy decided, in words. Outcomes: DESIGN §5 `show`.

const OUTCOMES: Record<string, string> = {
  rang: "Rang",
  updated: "Updated its alert silently",
  joined: "Joined another alert",
  overflow: "Joined the alert for many commands",
  digest: "Went into the digest",
  snoozed: "Kept quiet: snoozed",
  quiet: "Kept quiet: quiet hours",
  muted: "Kept quiet: muted",
  acknowledged: "Acknowledged",
  dismissed: "Alert dismissed",
  corrected: "Corrected its alert",
};

export function outcomeWords(outcome: string): string {
  return OUTCOMES[outcome] ?? outcome.replaceAll("_", " ");
}
