// Which room the window shows, and which command is open in the feed.

export type Room = "feed" | "rules" | "quarantine" | "settings";

export class Route {
  room = $state<Room>("feed");
  commandId = $state<string | null>(null);

  open(commandId: string): void {
    this.room = "feed";
    this.commandId = commandId;
  }

  close(): void {
    this.commandId = null;
  }

  go(room: Room): void {
    this.room = room;
  }
}
