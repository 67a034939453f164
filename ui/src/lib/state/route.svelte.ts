// Which room the window shows, which command is open in the feed, and which run among the maintenance windows.

export type Room = "feed" | "windows" | "rules" | "quarantine" | "doctor" | "iam" | "settings" | "setup";

/** The key after `g` that goes to a room. */
export const ROOM_KEYS: Record<string, Room> = {
  f: "feed",
  w: "windows",
  r: "rules",
  q: "quarantine",
  d: "doctor",
  i: "iam",
  s: "settings",
};

export class Route {
  room = $state<Room>("feed");
  commandId = $state<string | null>(null);
  run = $state<string | null>(null);

  open(commandId: string): void {
    this.room = "feed";
    this.commandId = commandId;
  }

  close(): void {
    this.commandId = null;
  }

  openRun(run: string): void {
    this.room = "windows";
    this.run = run;
  }

  closeRun(): void {
    this.run = null;
  }

  go(room: Room): void {
    this.room = room;
  }
}
