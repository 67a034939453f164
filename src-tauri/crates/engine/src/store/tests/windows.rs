//! Maintenance windows in the history, by example: ties, names, what is running, the report.

use rstest::rstest;
use watchbell_core::policy::Outcome;
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::{Rule, RuleBook};
use watchbell_core::schedule::TypedWindow;
use watchbell_core::window::{RunStatus, line};

use super::*;
use crate::error::{Code, Problem};
use crate::settings::Settings;
use crate::store::{Act, StoreError, ToldExecution, WindowDefinition, WindowReading};
use crate::view::{WindowReport, WindowState};

pub(super) const EXECUTION: &str = "b60fb56e-776c-4e5c-84ee-123456789012";

/// What EventBridge says of an execution, in the envelope of SNS.
pub(super) fn execution(window: u32, status: &str, start: i64, end: Option<i64>) -> String {
    let time = end.unwrap_or(start);
    let mut detail = json!({
        "start-time": at(start).to_string(), "window-id": window_id(window),
        "window-execution-id": format!("{window:08x}{}", &EXECUTION[8..]), "status": status,
    });
    if let Some(end) = end {
        detail["end-time"] = json!(at(end).to_string());
    }
    event("Maintenance Window Execution State-change Notification", time, &detail)
}

pub(super) fn event(kind: &str, time: i64, detail: &serde_json::Value) -> String {
    let inner = json!({
        "version": "0", "id": format!("{kind}{detail}"), "detail-type": kind, "source": "aws.ssm",
        "account": topic().account(), "time": at(time).to_string(), "region": topic().region(), "resources": [],
        "detail": detail,
    });
    wrap(&inner.to_string())
}

pub(super) fn window_id(number: u32) -> String {
    format!("mw-{number:017x}")
}

pub(super) fn run_key(window: u32) -> String {
    let (account, region) = (topic().account().to_owned(), topic().region().to_owned());
    format!("{account}/{region}/{}/{window:08x}{}", window_id(window), &EXECUTION[8..])
}

/// Four hours from 02:00 UTC on Mondays, the night of these tests, with a cutoff an hour before the end.
pub(super) fn monday() -> TypedWindow {
    serde_json::from_value(json!({
        "name": "Monday patch", "schedule": "cron(0 2 ? * MON *)", "duration_hours": 4, "cutoff_hours": 1,
    }))
    .unwrap()
}

/// A node of a command that was sent at `sent`.
pub(super) fn sent(command: u32, number: u32, status: &str, sent: i64, seconds: i64) -> String {
    let told = node(command, number, status, seconds);
    told.replace(&at(0).to_string(), &at(sent).to_string())
}

impl House {
    pub(super) async fn type_in(&self, window: TypedWindow) {
        self.store.act_at(Act::PutTypedWindow(Box::new(window)), at(-3600)).await.unwrap();
    }

    pub(super) fn run_of(&self, command: u32) -> Option<(String, bool)> {
        let row = Store::reader(&self.dir).unwrap().command(&command_id(command)).unwrap().unwrap();
        row.window.map(|window| (window.run, window.guess))
    }

    fn report(&self, run: &str) -> WindowReport {
        Store::reader(&self.dir).unwrap().window(run).unwrap().unwrap()
    }

    pub(super) async fn tell(&self, definitions: &[WindowDefinition], executions: &[ToldExecution], now: Timestamp) {
        let reading = WindowReading {
            account: topic().account().to_owned(),
            region: topic().region().to_owned(),
            definitions: (!definitions.is_empty()).then(|| definitions.to_vec()),
            executions: executions.to_vec(),
            problem: None,
        };
        self.store.tell_windows(reading, now).await.unwrap();
    }
}

pub(super) fn told(window: u32, status: RunStatus, end: Option<i64>, commands: &[u32]) -> ToldExecution {
    ToldExecution {
        window_id: window_id(window),
        execution_id: format!("{window:08x}{}", &EXECUTION[8..]),
        status,
        start: Some(at(0)),
        end: end.map(at),
        command_ids: commands.iter().map(|command| command_id(*command)).collect(),
    }
}

pub(super) fn definition(window: u32) -> WindowDefinition {
    WindowDefinition {
        window_id: window_id(window),
        name: "Nightly".into(),
        enabled: true,
        duration_hours: 3,
        cutoff_hours: 1,
        schedule: Some("cron(0 2 ? * * *)".into()),
        time_zone: None,
        offset_days: None,
        start: None,
        end: None,
        next: None,
    }
}

#[rstest]
#[case::the_window_first(true)]
#[case::the_command_first(false)]
#[tokio::test]
async fn a_command_belongs_to_the_execution_that_holds_its_time(#[case] window_first: bool) {
    let house = House::new();
    let mut bodies = vec![execution(1, "IN_PROGRESS", -5, None), sent(1, 1, "Failed", 3, 60)];
    if !window_first {
        bodies.reverse();
    }
    for body in bodies {
        house.hear(&[body]).await;
    }
    assert_eq!(house.run_of(1), Some((run_key(1), true)), "told by the time alone, so it is marked as a guess");
    house.hear(&[execution(1, "SUCCESS", -5, Some(2))]).await;
    assert_eq!(house.run_of(1), None, "a run that had ended before cannot have sent it");
}

#[tokio::test]
async fn commands_of_another_account_or_region_are_not_of_the_window() {
    let house = House::new();
    house.hear(&[execution(1, "IN_PROGRESS", 0, None).replace(topic().account(), "210987654321")]).await;
    house.hear(&[sent(1, 1, "Failed", 3, 60)]).await;
    assert_eq!(house.run_of(1), None, "ids and times of one account say nothing of another");
}

#[tokio::test]
async fn what_ssm_says_outranks_the_time() {
    let house = House::new();
    house.tell(&[], &[told(1, RunStatus::InProgress, None, &[1, 2])], at(5)).await;
    house.hear(&[execution(2, "IN_PROGRESS", 1, None), sent(1, 1, "Success", 3, 60)]).await;
    assert_eq!(house.run_of(1), Some((run_key(1), false)), "SSM named the command, also before it was heard of");
    house.hear(&[sent(2, 1, "Success", 3, 60), sent(3, 1, "Success", 3, 60)]).await;
    assert_eq!(house.run_of(2), Some((run_key(1), false)), "and every command that it named");
    assert_eq!(house.run_of(3), Some((run_key(2), true)), "of the rest the run that started last has it");
}

#[rstest]
#[case::told_before(false)]
#[case::told_in_one_batch_with_it(true)]
#[tokio::test]
async fn a_rule_about_windows_fits_from_the_first_failure_on_and_in_the_tester(#[case] together: bool) {
    let house = House::new();
    let mute = r#"[{"name": "Patch nights", "when": {"window": "inside"}, "then": "mute"}]"#;
    let rules: Vec<Rule> = serde_json::from_str(mute).unwrap();
    house.store.act(Act::SetRules { rules: rules.clone() }).await.unwrap();
    let window = execution(1, "IN_PROGRESS", 0, None);
    let bodies = [sent(1, 1, "Failed", 3, 60), sent(2, 1, "Failed", -60, 61)];
    if together {
        house.hear_at(&[&bodies[..], &[window]].concat(), at(61)).await;
    } else {
        house.hear_at(&[window], at(1)).await;
        house.hear_at(&bodies, at(61)).await;
    }
    let reader = Store::reader(&house.dir).unwrap();
    let first = |command| reader.decisions(&command_id(command)).unwrap().remove(0).outcome;
    assert_eq!(first(1), "muted", "its first failure came within the window");
    assert_eq!(first(2), "rang", "this one was sent before");
    let book = RuleBook::compile(&rules).unwrap();
    let replayed = reader.replay((book, QuietHours::default()), &Settings::default(), 30, at(100)).unwrap();
    assert_eq!((replayed.count(Outcome::Muted), replayed.alerts), (1, 1), "and the tester says the same: {replayed:?}");
}

#[tokio::test]
async fn a_typed_window_has_commands_of_its_own_and_gives_its_name_to_the_execution() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear(&[sent(1, 1, "Failed", 3, 60)]).await;
    let typed = format!("typed/Monday patch/{}", at(0));
    assert_eq!(house.run_of(1), Some((typed.clone(), true)), "a typed window is enough to tell by the time");
    house.hear(&[execution(1, "IN_PROGRESS", 2, None)]).await;
    assert_eq!(house.run_of(1), Some((run_key(1), true)), "the execution that SSM told of is that run");
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.window(&typed).unwrap().map(|of| of.commands.len()), Some(0), "the typed run gave them up");
    let listed = reader.windows(at(0), at(60)).unwrap();
    assert_eq!(listed.len(), 1, "one run is in the list once: {listed:?}");
    assert_eq!(listed[0].name.as_deref(), Some("Monday patch"), "it takes the typed name");
    assert_eq!((listed[0].cutoff, listed[0].end), (Some(at(3 * 3600)), Some(at(4 * 3600))), "and its times");
}

#[tokio::test]
async fn two_windows_at_one_typed_time_take_no_name() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear(&[execution(1, "IN_PROGRESS", 1, None), execution(2, "IN_PROGRESS", 2, None)]).await;
    let listed = Store::reader(&house.dir).unwrap().windows(at(60), at(61)).unwrap();
    assert_eq!(listed.len(), 2, "both ran");
    assert!(listed.iter().all(|run| run.name.is_none()), "which of them was typed in cannot be told: {listed:?}");
}

#[tokio::test]
async fn a_window_typed_in_late_finds_its_commands_and_rings_for_none_of_them() {
    let house = House::new();
    house.hear(&[sent(1, 1, "Failed", 3, 60)]).await;
    let now = at(86_400);
    house.store.act_at(Act::PutTypedWindow(Box::new(monday())), now).await.unwrap();
    assert!(house.run_of(1).is_some(), "commands of the last weeks are tied");
    let due = house.store.window_reports(now + SignedDuration::from_hours(1)).await.unwrap();
    assert_eq!(due.waiting, [], "what was over when it was typed in is no news");
    house.store.act_at(Act::RemoveTypedWindow { name: "Monday patch".into() }, now).await.unwrap();
    assert!(house.run_of(1).is_some(), "what is over stays as it was");
    let gone = house.store.act_at(Act::RemoveTypedWindow { name: "Monday patch".into() }, now).await.unwrap_err();
    assert_eq!(gone, StoreError::NoSuchWindow("Monday patch".into()), "a window is removed once");
}

#[tokio::test]
async fn a_window_that_is_taken_off_lets_go_of_what_is_open() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear(&[sent(1, 1, "InProgress", 3, 60)]).await;
    house.store.act_at(Act::RemoveTypedWindow { name: "Monday patch".into() }, at(100)).await.unwrap();
    assert_eq!(house.run_of(1), None, "without the window there is nothing that it could belong to");
    assert_eq!(Store::reader(&house.dir).unwrap().current_windows(at(101)).unwrap(), [], "and nothing is open");
}

#[tokio::test]
async fn a_wrong_window_is_refused_with_its_place() {
    let house = House::new();
    let wrong = TypedWindow { schedule: "cron(0 62 ? * MON *)".into(), ..monday() };
    let refused = house.store.act_at(Act::PutTypedWindow(Box::new(wrong)), at(0)).await.unwrap_err();
    let problem = Problem::from(refused);
    assert_eq!(problem.code, Code::Usage, "what was typed is wrong");
    assert!(problem.message.starts_with("the schedule of the window is wrong at characters 8 to 9"), "{problem}");
    assert_eq!(Store::reader(&house.dir).unwrap().typed_windows().unwrap(), [], "nothing is stored");
}

#[tokio::test]
async fn the_open_window_is_known_with_its_progress() {
    let house = House::new();
    house.type_in(monday()).await;
    let reader = Store::reader(&house.dir).unwrap();
    let zone = jiff::tz::TimeZone::UTC;
    let said = |seconds: i64| {
        let now = at(seconds);
        let open = reader.current_windows(now).unwrap();
        open.iter().map(|of| line(of, &now.to_zoned(zone.clone()))).collect::<Vec<_>>()
    };
    assert_eq!(said(-1), Vec::<String>::new(), "before its start");
    assert_eq!(said(0), ["Monday patch: nothing sent yet, cutoff at 05:00, ends at 06:00"]);
    house.hear(&[sent(1, 1, "Failed", 3, 60), sent(1, 2, "InProgress", 3, 60), sent(2, 3, "Success", 4, 60)]).await;
    assert_eq!(said(120), ["Monday patch: 2 of 3 heard from done, 1 failed, cutoff at 05:00, ends at 06:00"]);
    house.hear(&[simulated(9)]).await;
    assert_eq!(said(120).len(), 1, "a simulated command is of no window");
    assert_eq!(said(3 * 3600), ["Monday patch: 2 of 3 heard from done, 1 failed, past its cutoff, ends at 06:00"]);
    assert_eq!(said(4 * 3600), Vec::<String>::new(), "after its end");
    let changes = [-1, 0, 3 * 3600].map(|seconds| reader.next_window_change(at(seconds)).unwrap());
    assert_eq!(
        changes,
        [Some(at(0)), Some(at(3 * 3600)), Some(at(4 * 3600))],
        "start, cutoff and end are known beforehand"
    );
}

fn simulated(command: u32) -> String {
    let told = node(command, 1, "Failed", 61);
    told.replace("\\\"eventTime\\\"", "\\\"watchbellProbe\\\":\\\"p-1\\\",\\\"eventTime\\\"")
}

#[tokio::test]
async fn the_report_tells_what_failed_and_what_was_cut_off() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(0)).await;
    let cutoff = 2 * 3600;
    house
        .hear(&[
            execution(1, "IN_PROGRESS", 0, None),
            sent(1, 1, "Failed", 3, 60),
            sent(1, 2, "Cancelled", 3, cutoff + 1),
            sent(1, 3, "Cancelled", 3, 90),
            sent(1, 4, "Success", 3, 90),
            sent(2, 5, "TimedOut", 4, cutoff),
        ])
        .await;
    let report = house.report(&run_key(1));
    assert_eq!(report.window.name.as_deref(), Some("Nightly"), "SSM's API knows the name");
    assert_eq!(report.window.cut_off, 2, "what ended at the cutoff or after was cut off, the rest was not");
    let nodes = |of: &[crate::view::FailedNode]| of.iter().map(|node| node.node_id.clone()).collect::<Vec<_>>();
    assert_eq!(nodes(&report.failed), [node_id(1), node_id(5)], "failed and timed out");
    assert_eq!(nodes(&report.cut_off), [node_id(5), node_id(2)], "timed out and cancelled");
    house.hear(&[execution(1, "TIMED_OUT", 0, Some(cutoff + 100))]).await;
    let report = house.report(&run_key(1));
    assert_eq!(report.window.cut_off, 3, "a window that timed out cut off whatever did not end by itself");
    assert_eq!(report.window.state, WindowState::Ended, "SSM says that it is over");
    insta::assert_json_snapshot!("window_report", report);
}

#[tokio::test]
async fn a_run_is_told_of_once_when_it_is_quiet_also_across_restarts() {
    let mut house = House::new();
    let end = 600;
    house.hear_at(&[execution(1, "IN_PROGRESS", 0, None), sent(1, 1, "Failed", 3, 60)], at(61)).await;
    assert_eq!(house.store.window_reports(at(62)).await.unwrap().waiting, [], "it is open");
    house.hear_at(&[execution(1, "SUCCESS", 0, Some(end))], at(end)).await;
    let due = house.store.window_reports(at(end + 10)).await.unwrap();
    assert_eq!((due.waiting.len(), due.next), (0, Some(at(end + 120))), "two quiet minutes first");
    house.hear_at(&[sent(1, 2, "Success", 3, 640)], at(640)).await;
    assert_eq!(house.store.window_reports(at(end + 121)).await.unwrap().waiting, [], "a late node puts it off");
    let due = house.store.window_reports(at(760)).await.unwrap();
    assert_eq!(due.waiting.len(), 1, "then it is told");
    assert_eq!(due.waiting[0].text.title, format!("{} ended: 1 command, 2 nodes, 1 failed", window_id(1)));
    house.restart(at(800)).await;
    assert_eq!(house.store.window_reports(at(801)).await.unwrap().waiting.len(), 1, "it was not shown yet");
    house.store.window_told(&run_key(1), at(802)).await.unwrap();
    house.restart(at(900)).await;
    house.hear_at(&[sent(1, 3, "Failed", 3, 700)], at(901)).await;
    assert_eq!(house.store.window_reports(at(2000)).await.unwrap().waiting, [], "a run is reported once");
    assert!(house.report(&run_key(1)).told.is_some(), "what was told can be read again");
}

#[tokio::test]
async fn a_report_waits_for_the_end_of_a_snooze() {
    let house = House::new();
    house.hear_at(&[execution(1, "SUCCESS", 0, Some(600)), sent(1, 1, "Failed", 3, 60)], at(61)).await;
    let until = crate::clock::now() + SignedDuration::from_hours(1);
    house.store.act(Act::Snooze { until, window: false }).await.unwrap();
    let due = house.store.window_reports(at(800)).await.unwrap();
    assert_eq!((due.waiting.len(), due.next), (0, Some(until)), "no new alert while it is snoozed");
    house.store.act(Act::Unsnooze).await.unwrap();
    assert_eq!(house.store.window_reports(at(800)).await.unwrap().waiting.len(), 1, "and it is told after");
}

#[tokio::test]
async fn a_run_without_commands_and_one_long_over_are_not_told_of() {
    let house = House::new();
    house.hear(&[execution(1, "SUCCESS", 0, Some(60))]).await;
    assert_eq!(house.store.window_reports(at(400)).await.unwrap().waiting, [], "nothing was sent in it");
    house.hear(&[execution(2, "SUCCESS", 0, Some(60)), sent(1, 1, "Failed", 3, 60)]).await;
    let later = at(86_400 * 3);
    assert_eq!(house.store.window_reports(later).await.unwrap().waiting, [], "after three days it is no news");
}

#[tokio::test]
async fn an_alert_of_a_typed_run_is_not_repeated_for_the_execution_that_it_was() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear_at(&[sent(1, 1, "Failed", 3, 60)], at(61)).await;
    let over = at(4 * 3600 + 121);
    assert_eq!(house.store.window_reports(over).await.unwrap().waiting.len(), 1, "the typed run is told of");
    house.hear_at(&[execution(1, "SUCCESS", 2, Some(900))], over).await;
    let much_later = over + SignedDuration::from_hours(1);
    assert_eq!(house.store.window_reports(much_later).await.unwrap().waiting, [], "the same run is told of once");
}

#[tokio::test]
async fn runs_to_come_are_those_that_were_typed_and_those_that_ssm_announces() {
    let house = House::new();
    house.type_in(monday()).await;
    let odd = WindowDefinition {
        schedule: Some("cron(what ever)".into()),
        next: Some(at(86_400 + 60)),
        name: "Odd".into(),
        ..definition(7)
    };
    house.tell(&[definition(1), odd, WindowDefinition { enabled: false, ..definition(3) }], &[], at(-60)).await;
    let db = Connection::open(house.dir.database()).unwrap();
    let listed = crate::store::windows::list(&db, at(-60), at(86_400 + 3600), at(-60)).unwrap();
    let said: Vec<_> = listed
        .iter()
        .map(|run| format!("{:?} {} {} {}", run.state, run.source, run.start, run.name.as_deref().unwrap_or("-")))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    let announced = listed.iter().find(|run| run.name.as_deref() == Some("Odd")).unwrap();
    assert_eq!(house.report(&announced.run).commands, [], "a run to come has a page as well");
}

#[tokio::test]
async fn other_events_of_windows_are_kept_and_no_run() {
    let house = House::new();
    let detail = json!({"window-id": window_id(1), "status": "DISABLED"});
    let body = event("Maintenance Window State-change Notification", 5, &detail);
    let first = house.hear(std::slice::from_ref(&body)).await;
    let again = house.hear(&[body]).await;
    assert_eq!((first.stored, again.duplicates), (1, 1), "each message is kept once");
    assert_eq!(Store::reader(&house.dir).unwrap().windows(at(-60), at(60)).unwrap(), [], "it is about no run");
}

#[test]
fn a_history_of_the_first_format_gets_its_windows() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::resolve(Some(temp.path())).unwrap();
    std::fs::create_dir_all(dir.root()).unwrap();
    let db = Connection::open(dir.database()).unwrap();
    db.execute_batch(&crate::store::table::FIRST.concat()).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    drop(Store::open_at(&dir, at(0)).unwrap());
    let reader = Store::reader(&dir).unwrap();
    assert_eq!(reader.windows(at(0), at(1)).unwrap(), [], "an older history is brought up to date and read");
}

#[tokio::test]
async fn events_that_an_earlier_version_could_not_read_leave_the_quarantine() {
    let mut house = House::new();
    house.hear(&["garbage about a Maintenance Window ".to_owned()]).await;
    let body = execution(1, "SUCCESS", 0, Some(60));
    house.store.close().await;
    let db = Connection::open(house.dir.database()).unwrap();
    db.execute(
        "INSERT INTO quarantine (digest, kind, reason, topic_arn, sqs_message_id, received_at, body)
         VALUES (?1, 'unknown_event', 'not read yet', ?2, 'm', 7, ?3)",
        rusqlite::params![BodyDigest::of(&body).as_bytes(), topic().as_str(), body],
    )
    .unwrap();
    drop(db);
    house.restart(at(100)).await;
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.quarantined().unwrap(), 1, "what is still not understood stays");
    assert_eq!(house.report(&run_key(1)).window.status, Some(RunStatus::Success), "the run is known now");
    let again = house.hear(&[body]).await;
    assert_eq!(again.duplicates, 1, "a copy of it is a copy");
}
