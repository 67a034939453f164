// What the window may ask of the program behind it. The UI knows this interface and nothing of Tauri,
// so the same pages run in a plain browser under test.
import type {
  CommandCard,
  CommandPage,
  EventPage,
  GapRow,
  InvocationPage,
  Problem,
  QuarantinePage,
  Settings,
  Standing,
} from "./bindings";

export type {
  CommandCard,
  CommandPage,
  CommandRow,
  Counts,
  DecisionRow,
  EventPage,
  EventRow,
  GapRow,
  InvocationPage,
  InvocationRow,
  Problem,
  QuarantinePage,
  QuarantineRow,
  Settings,
  Standing,
  SubscriptionLine,
} from "./bindings";

/** One page of a keyset-paged list; `next` is the cursor of the page after it, absent at the end. */
export interface Page<T> {
  rows: T[];
  next: string | null;
}

export interface FeedQuery {
  /** Joined states to show; empty means every state. */
  status: string[];
  /** The search line as typed, or null. */
  search: string | null;
  after: string | null;
  limit: number;
}

/** Every method rejects with {@link Refusal} and with nothing else. */
export interface Host {
  standing(): Promise<Standing>;
  feed(query: FeedQuery): Promise<CommandPage>;
  command(id: string): Promise<CommandCard | null>;
  invocations(
    id: string,
    bucket: string | null,
    after: string | null,
    limit: number,
  ): Promise<InvocationPage>;
  events(id: string, after: string | null, limit: number): Promise<EventPage>;
  quarantine(after: string | null, limit: number): Promise<QuarantinePage>;
  /** When nobody listened, the gap that ended last first. */
  gaps(): Promise<GapRow[]>;
  /** Acknowledges one command, or all of them with null. */
  acknowledge(id: string | null): Promise<void>;
  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<void>;
  testAlert(): Promise<void>;
  /** Runs a simulated patch run on this machine only; nothing is published. */
  simulate(): Promise<void>;
  /** Says that the window has painted; answers with the command an alert asked to open. */
  ready(): Promise<{ open_command: string | null }>;
  openDataFolder(): Promise<void>;
  quit(): Promise<void>;
  onStanding(hear: (standing: Standing) => void): Promise<() => void>;
  onOpenCommand(hear: (commandId: string) => void): Promise<() => void>;
}

/** A request that was answered with a problem: what failed, and what to do next. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.name = "Refusal";
    this.problem = problem;
  }
}

/** The problem in anything that was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Refusal) return thrown.problem;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: "storage",
    message: `The window could not reach Watchbell: ${message}`,
    hint: "Try again. If it stays so, quit Watchbell and start it again.",
  };
}
