// The real host: the generated bindings, with results turned into values or refusals.
import { commands, events, type Problem } from "./bindings";
import { Refusal, type Host } from "./host";

type Result<T, E> = { status: "ok"; data: T } | { status: "error"; error: E };

async function value<T>(answer: Promise<Result<T, Problem>>): Promise<T> {
  const result = await answer;
  if (result.status === "error") throw new Refusal(result.error);
  return result.data;
}

async function done(answer: Promise<Result<unknown, Problem>>): Promise<void> {
  await value(answer);
}

export const tauriHost: Host = {
  standing: () => value(commands.standing()),
  feed: (query) => value(commands.feed(query)),
  command: (id) => value(commands.command(id)),
  invocations: (id, bucket, after, limit) => value(commands.invocations(id, bucket, after, limit)),
  events: (id, after, limit) => value(commands.events(id, after, limit)),
  quarantine: (after, limit) => value(commands.quarantine(after, limit)),
  gaps: () => value(commands.gaps()),
  acknowledge: (id) => done(commands.acknowledge(id)),
  settings: () => value(commands.settings()),
  saveSettings: (settings) => done(commands.saveSettings(settings)),
  snooze: (minutes) => done(commands.snooze(minutes)),
  snoozeWindow: () => done(commands.snoozeWindow()),
  unsnooze: () => done(commands.unsnooze()),
  watch: (id, on) => done(commands.watch(id, on)),
  rules: () => value(commands.rules()),
  checkRules: (rules) => value(commands.checkRules(rules)),
  saveRules: (rules) => done(commands.saveRules(rules)),
  tryRules: (rules, days) => value(commands.tryRules(rules, days)),
  exportRules: (rules) => value(commands.exportRules(rules)),
  importRules: (text) => value(commands.importRules(text)),
  quietHours: () => value(commands.quietHours()),
  checkQuietHours: (quiet) => value(commands.checkQuietHours(quiet)),
  saveQuietHours: (quiet) => done(commands.saveQuietHours(quiet)),
  windows: (from, to) => value(commands.windows(from, to)),
  windowRun: (run) => value(commands.windowRun(run)),
  checkTypedWindow: (window, replaces) => value(commands.checkTypedWindow(window, replaces)),
  saveTypedWindow: (window, replaces) => done(commands.saveTypedWindow(window, replaces)),
  removeTypedWindow: (name) => done(commands.removeTypedWindow(name)),
  setupWanted: () => value(commands.setupWanted()),
  setupDraft: () => value(commands.setupDraft()),
  saveSetupDraft: (draft) => done(commands.saveSetupDraft(draft)),
  endSetup: () => done(commands.endSetup()),
  signInCandidates: () => value(commands.signInCandidates()),
  signIn: (rights, region) => value(commands.signIn(rights, region)),
  signInWithKey: ({ id, secret, sessionToken }, role, region) =>
    value(commands.signInWithKey(id, secret, sessionToken, role, region)),
  giveSignInCode: (rights, region, code) => value(commands.giveSignInCode(rights, region, code)),
  checkRole: (role) => value(commands.checkRole(role)),
  topics: (rights, region, search, anew) => value(commands.topics(rights, region, search, anew)),
  checkTopic: (text, callerArn) => value(commands.checkTopic(text, callerArn)),
  createTopic: (rights, region, name) => value(commands.createTopic(rights, region, name)),
  planSubscription: (wanted) => value(commands.planSubscription(wanted)),
  applySubscription: (wanted) => value(commands.applySubscription(wanted)),
  cancelSetup: () => done(commands.cancelSetup()),
  setupRun: () => value(commands.setupRun()),
  setupOutcome: () => value(commands.setupOutcome()),
  adminStatement: (topicArn, account) => value(commands.adminStatement(topicArn, account)),
  testListeners: (topicArn) => value(commands.testListeners(topicArn)),
  sendTest: (topicArn) => value(commands.sendTest(topicArn)),
  subscriptions: () => value(commands.subscriptions()),
  pauseSubscription: (topicArn, paused) => done(commands.pauseSubscription(topicArn, paused)),
  changeFilter: (topicArn, filter) => done(commands.changeFilter(topicArn, filter)),
  planRepair: (topicArn) => value(commands.planRepair(topicArn)),
  repairSubscription: (topicArn) => value(commands.repairSubscription(topicArn)),
  leaveSubscription: (topicArn) => value(commands.leaveSubscription(topicArn)),
  forgetSubscription: (topicArn) => value(commands.forgetSubscription(topicArn)),
  leftovers: (place) => value(commands.leftovers(place)),
  removeLeftover: (queue) => value(commands.removeLeftover(queue)),
  signInCenter: (startUrl, region, device) => done(commands.signInCenter(startUrl, region, device)),
  cancelSignIn: () => done(commands.cancelSignIn()),
  centerAccounts: (startUrl, region, search) => value(commands.centerAccounts(startUrl, region, search)),
  centerRoles: (startUrl, region, accountId) => value(commands.centerRoles(startUrl, region, accountId)),
  onSignInAsked: (hear) => events.signInAsked.listen((event) => hear(event.payload)),
  signInAgain: (topicArn, how) => value(commands.signInAgain(topicArn, how)),
  giveCode: (topicArn, code) => value(commands.giveCode(topicArn, code)),
  onSetupStep: (hear) => events.setupStepped.listen((event) => hear(event.payload)),
  runDoctor: (topic, publish) => value(commands.runDoctor(topic, publish)),
  cancelDoctor: () => done(commands.cancelDoctor()),
  onDoctorTold: (hear) => events.doctorTold.listen((event) => hear(event.payload)),
  fillIam: (form) => value(commands.fillIam(form)),
  checkIam: (form, rights) => value(commands.checkIam(form, rights)),
  testAlert: () => done(commands.testAlert()),
  simulate: () => done(commands.simulate()),
  ready: () => value(commands.ready()),
  openDataFolder: () => done(commands.openDataFolder()),
  quit: () => done(commands.quit()),
  onStanding: (hear) => events.standingChanged.listen((event) => hear(event.payload)),
  onOpen: (hear) => events.open.listen((event) => hear(event.payload)),
};
