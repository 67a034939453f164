//! Maintenance windows in the history, by example: which run a command belongs to, and what is open; with what the other tests of windows are
//! shown with.

use rstest::rstest;
use watchbell_core::policy::Outcome;
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::{Rule, RuleBook};
use watchbell_core::schedule::TypedWindow;
use watchbell_core::window::{RunStatus, line};

use super::*;
use crate::settings::Settings;
use crate::store::{Act, ToldExecution, WindowDefinition, WindowReading};
use crate::view::WindowReport;

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

    pub(super) fn report(&self, run: &str) -> WindowReport {
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

#[tokio::test]
async fn a_window_whose_cutoff_is_ahead_is_named_before_one_that_is_past_its_own() {
    let house = House::new();
    house.type_in(monday()).await;
    house.type_in(TypedWindow { name: "Long patch".into(), duration_hours: 8, ..monday() }).await;
    let reader = Store::reader(&house.dir).unwrap();
    let named =
        |seconds: i64| reader.current_windows(at(seconds)).unwrap().into_iter().map(|of| of.name).collect::<Vec<_>>();
    assert_eq!(named(60), ["Monday patch", "Long patch"], "the nearest cutoff first");
    assert_eq!(named(3 * 3600), ["Long patch", "Monday patch"], "until it is past");
}

fn simulated(command: u32) -> String {
    let told = node(command, 1, "Failed", 61);
    told.replace("\\\"eventTime\\\"", "\\\"watchbellProbe\\\":\\\"p-1\\\",\\\"eventTime\\\"")
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
