// What the window may ask of the program behind it. The UI knows this interface and nothing of Tauri,
// so the same pages run in a plain browser under test.
import type {
  AccountList,
  Again,
  AgainHow,
  Applied,
  Candidates,
  CommandCard,
  CommandPage,
  Destination,
  Draft,
  Elsewhere,
  Entered,
  EventPage,
  GapRow,
  InvocationPage,
  LeftoverRow,
  Leftovers,
  Plan,
  ProbeHeard,
  Problem,
  QuarantinePage,
  QuietCheck,
  QuietHours,
  Receipt,
  Rights,
  RoleForm,
  RoleMistake,
  RuleForm,
  RuleMistake,
  Settings,
  SignIn,
  SignInAsked,
  Standing,
  Statement,
  SetupRun,
  StepRow,
  SubscriptionRow,
  TopicList,
  TopicRow,
  Tried,
  TypedWindow,
  TypedWindowCheck,
  WindowReport,
  WindowsPage,
  Wanted,
  DoctorCheck,
  DoctorReport,
  IamChecked,
  IamFilled,
  IamForm,
} from "./bindings";

export type {
  AccountList,
  AccountRow,
  Again,
  AgainHow,
  Applied,
  CallRow,
  Caller,
  Candidates,
  CommandCard,
  CommandPage,
  CommandRow,
  Counts,
  DecisionRow,
  Destination,
  Draft,
  Elsewhere,
  Entered,
  EventPage,
  EventRow,
  GapRow,
  InvocationPage,
  InvocationRow,
  OpenWindow,
  PlannedRun,
  LeftRow,
  LeftoverRow,
  Leftovers,
  Plan,
  ProbeHeard,
  Problem,
  ProfileRow,
  QuarantinePage,
  QuarantineRow,
  QuietCheck,
  QuietHours,
  QuietMistake,
  QuietSpan,
  Receipt,
  Rights,
  RoleForm,
  RoleMistake,
  RuleForm,
  RuleMistake,
  Settings,
  SignIn,
  SignInAsked,
  Standing,
  Statement,
  SetupRun,
  StepRow,
  SubscriptionLine,
  SubscriptionRow,
  Tally,
  TopicList,
  TopicRow,
  Tried,
  TriedCommand,
  TypedWindow,
  TypedWindowCheck,
  TypedWindowMistake,
  TypedWindowRow,
  WindowEvent,
  WindowNode,
  WindowReport,
  WindowRun,
  WindowSource,
  WindowSources,
  WindowsPage,
  WindowTie,
  WindowTold,
  Wanted,
  DoctorCheck,
  DoctorReport,
  IamChecked,
  IamDocument,
  IamFilled,
  IamForm,
  IamLine,
} from "./bindings";

/** A sign-in that was asked for outside its banner, or what stood in the way of one. */
export type SignInWish = Omit<Extract<Destination, { kind: "sign_in" }>, "kind">;

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

/** A key as it was typed. It is sent once and kept nowhere on this side. */
export interface TypedKey {
  id: string;
  secret: string;
  sessionToken: string | null;
}

/** Setting a subscription up, changing one and leaving it. Every method rejects as {@link Host}'s do. */
export interface SetupHost {
  /** Whether the window is to begin with the set-up. */
  setupWanted(): Promise<boolean>;
  /** What was chosen in a set-up that was broken off. */
  setupDraft(): Promise<Draft | null>;
  saveSetupDraft(draft: Draft): Promise<void>;
  /** Calls the run off and waits for its end, forgets the draft, and a secret that nothing uses. */
  endSetup(): Promise<void>;
  signInCandidates(): Promise<Candidates>;
  /** Who one is with these rights, or the MFA device whose code is needed first. */
  signIn(rights: Rights, region: string): Promise<Entered>;
  /** The only method that takes a secret. The program puts it into the keychain. */
  signInWithKey(key: TypedKey, role: RoleForm | null, region: string): Promise<Entered>;
  /** Takes the code that an MFA device shows, for rights that are being chosen. It is used once and kept nowhere. */
  giveSignInCode(rights: Rights, region: string, code: string): Promise<Entered>;
  /** What is wrong with a role, while it is typed. No call to AWS. */
  checkRole(role: RoleForm): Promise<RoleMistake[]>;
  /** The topics that match; `anew` asks AWS again. */
  topics(rights: Rights, region: string, search: string, anew: boolean): Promise<TopicList>;
  /** Reads an ARN that was pasted. */
  checkTopic(text: string, callerArn: string | null): Promise<TopicRow>;
  createTopic(rights: Rights, region: string, name: string): Promise<TopicRow>;
  planSubscription(wanted: Wanted): Promise<Plan>;
  /** Carries it out; each step is heard by {@link SetupHost.onSetupStep} meanwhile. */
  applySubscription(wanted: Wanted): Promise<Applied>;
  /** Calls the run off; what it made is taken back. */
  cancelSetup(): Promise<void>;
  /** The run of a set-up that another page began: under way, or ended while nobody looked. */
  setupRun(): Promise<SetupRun | null>;
  /** How that ended, once it has. */
  setupOutcome(): Promise<Applied>;
  /** What an administrator needs to make the queue instead. */
  adminStatement(topicArn: string, account: string): Promise<Statement[]>;
  /** How many others would get a test message; null when AWS does not say. */
  testListeners(topicArn: string): Promise<number | null>;
  /** Sends one test message through the topic and waits for it, at most a minute. */
  sendTest(topicArn: string): Promise<ProbeHeard>;
  subscriptions(): Promise<SubscriptionRow[]>;
  pauseSubscription(topicArn: string, paused: boolean): Promise<void>;
  changeFilter(topicArn: string, filter: string): Promise<void>;
  planRepair(topicArn: string): Promise<Plan>;
  repairSubscription(topicArn: string): Promise<Applied>;
  leaveSubscription(topicArn: string): Promise<Receipt>;
  /** Forgets it on this machine alone, without a call to AWS; the receipt says what stays there. */
  forgetSubscription(topicArn: string): Promise<Receipt>;
  /** Queues left over where the subscriptions are, or, with a place, there. */
  leftovers(place: Elsewhere | null): Promise<Leftovers>;
  removeLeftover(queue: LeftoverRow): Promise<Receipt>;
  /** Signs in through IAM Identity Center, in the browser or with a code; {@link SetupHost.onSignInAsked} hears what to do. */
  signInCenter(startUrl: string, region: string, device: boolean): Promise<void>;
  /** Calls that off: it then rejects. */
  cancelSignIn(): Promise<void>;
  /** The accounts that fit the search, at most 50, for whoever is signed in there. */
  centerAccounts(startUrl: string, region: string, search: string): Promise<AccountList>;
  /** The roles that one may have in an account. */
  centerRoles(startUrl: string, region: string, accountId: string): Promise<string[]>;
  onSignInAsked(hear: (asked: SignInAsked) => void): Promise<() => void>;
  /**
   * Signs in again for a subscription, in the browser where that is its way, or goes on with what is under way for it (`join`); says
   * what is left to do. {@link SetupHost.onSignInAsked} hears what to do meanwhile.
   */
  signInAgain(topicArn: string, how: AgainHow): Promise<Again>;
  /** Takes the code that an MFA device shows. It is used once and kept nowhere. */
  giveCode(topicArn: string, code: string): Promise<Again>;
  /** Hears of the run under way: every step that was told so far. */
  onSetupStep(hear: (steps: StepRow[]) => void): Promise<() => void>;
}

/** The doctor, and the administrator's documents. Every method rejects as {@link Host}'s do. */
export interface CareHost {
  /**
   * Examines one topic, or with null each that is subscribed to; each check is heard by {@link CareHost.onDoctorTold} meanwhile.
   * `publish` sends a test message through the topic: only after the person knows who else gets it.
   */
  runDoctor(topic: string | null, publish: boolean): Promise<DoctorReport>;
  cancelDoctor(): Promise<void>;
  onDoctorTold(hear: (check: DoctorCheck) => void): Promise<() => void>;
  /** Fills the documents in, or says which field is wrong. No call to AWS. */
  fillIam(form: IamForm): Promise<IamFilled>;
  /** Compares the account with them, with these rights, or with null those of the subscription to the topic. */
  checkIam(form: IamForm, rights: SignIn | null): Promise<IamChecked>;
}

/** Every method rejects with {@link Refusal} and with nothing else. */
export interface Host extends SetupHost, CareHost {
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
  /** Holds new alerts back for so many minutes. */
  snooze(minutes: number): Promise<void>;
  /** Holds new alerts back until the maintenance window that is open ends; of several, the last. */
  snoozeWindow(): Promise<void>;
  unsnooze(): Promise<void>;
  /** Asks to be told when the command ends, or takes the wish back. */
  watch(id: string, on: boolean): Promise<void>;
  /** The rules in force, in their order. */
  rules(): Promise<RuleForm[]>;
  /** What is wrong with these rules; empty when they can be saved. */
  checkRules(rules: RuleForm[]): Promise<RuleMistake[]>;
  saveRules(rules: RuleForm[]): Promise<void>;
  /** What these rules would have done to the last days, beside those in force. */
  tryRules(rules: RuleForm[], days: number): Promise<Tried>;
  /** The rules as the text of a file. */
  exportRules(rules: RuleForm[]): Promise<string>;
  /** Reads such a text; nothing is saved. */
  importRules(text: string): Promise<RuleForm[]>;
  quietHours(): Promise<QuietHours>;
  /** What is wrong with these quiet hours, and whether it would be quiet now. */
  checkQuietHours(quiet: QuietHours): Promise<QuietCheck>;
  saveQuietHours(quiet: QuietHours): Promise<void>;
  /** The runs that take some of this time (RFC 3339), the latest first, with what is typed in and the sources. */
  windows(from: string, to: string): Promise<WindowsPage>;
  /** One run and its report; null when the history does not know it. */
  windowRun(run: string): Promise<WindowReport | null>;
  /** What is wrong with a window, else when it runs next. `replaces` names the one that is edited. */
  checkTypedWindow(window: TypedWindow, replaces: string | null): Promise<TypedWindowCheck>;
  saveTypedWindow(window: TypedWindow, replaces: string | null): Promise<void>;
  removeTypedWindow(name: string): Promise<void>;
  testAlert(): Promise<void>;
  /** Runs a simulated patch run on this machine only; nothing is published. */
  simulate(): Promise<void>;
  /** Says that the window has painted; answers with the command or the run an alert asked to open. */
  ready(): Promise<Destination | null>;
  openDataFolder(): Promise<void>;
  quit(): Promise<void>;
  onStanding(hear: (standing: Standing) => void): Promise<() => void>;
  onOpen(hear: (page: Destination) => void): Promise<() => void>;
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
