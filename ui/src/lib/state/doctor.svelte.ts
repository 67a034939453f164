// One examination by the doctor: what is asked, each check as it is told, and the report at the end. It goes on while the
// person looks at another room.
import { problemOf, type DoctorCheck, type DoctorReport, type Host, type Problem } from "../ipc/host";
import { put } from "../words/doctor";

export class DoctorState {
  /** The topic to look at as it was typed; empty for each that is subscribed to. */
  topic = $state("");
  /** The topic of the report that is shown. */
  examined = $state<string | null>(null);
  running = $state(false);
  /** What was told so far; the report's when there is one. */
  checks = $state.raw<readonly DoctorCheck[]>([]);
  report = $state.raw<DoctorReport | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What is wrong with the topic as it was typed. */
  topicProblem = $state.raw<Problem | null>(null);
  /** The question before a test message: how many others get it (null: not known), and which topic it goes to. */
  asking = $state.raw<{ topicArn: string; others: number | null } | null>(null);
  /** The others are being counted. */
  counting = $state(false);
  readonly #host: Host;
  #run = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  setTopic(text: string): void {
    this.topic = text;
    this.topicProblem = null;
    this.asking = null;
  }

  /** Hears of checks until the returned function is called. */
  listen(): Promise<() => void> {
    return this.#host.onDoctorTold((check) => {
      if (this.running) this.checks = put(this.checks, check);
    });
  }

  /** Counts who else would get a test message; nothing is sent before the answer to that. */
  async ask(topicArn: string): Promise<void> {
    if (this.running || this.counting) return;
    this.counting = true;
    this.problem = null;
    try {
      this.asking = { topicArn, others: await this.#host.testListeners(topicArn) };
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.counting = false;
    }
  }

  async run(publish = false): Promise<void> {
    if (this.running) return;
    const mine = ++this.#run;
    const topic = publish ? (this.asking?.topicArn ?? this.topic) : this.topic;
    this.asking = null;
    this.running = true;
    this.problem = null;
    this.topicProblem = null;
    this.checks = [];
    this.report = null;
    this.examined = topic.trim() || null;
    try {
      const report = await this.#host.runDoctor(topic.trim() || null, publish);
      if (mine !== this.#run) return;
      this.report = report;
      this.checks = report.checks;
    } catch (thrown) {
      if (mine !== this.#run) return;
      const problem = problemOf(thrown);
      if (problem.code === "usage" && !publish) this.topicProblem = problem;
      else this.problem = problem;
    } finally {
      if (mine === this.#run) this.running = false;
    }
  }

  /** Ends it. What was told so far stays in sight. */
  async cancel(): Promise<void> {
    if (!this.running) return;
    this.#run += 1;
    this.running = false;
    try {
      await this.#host.cancelDoctor();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }
}
