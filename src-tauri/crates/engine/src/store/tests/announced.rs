//! Runs that only the schedule of SSM's window announces: the first minutes, until SSM's API tells of the execution.

use watchbell_core::rules::Rule;
use watchbell_core::window::{RunStatus, line};

use super::windows::{definition, execution, run_key, sent, told, window_id};
use super::*;
use crate::store::Act;
use crate::view::WindowState;

fn announced(window: u32) -> String {
    format!("{}/{}/{}/{}", topic().account(), topic().region(), window_id(window), at(0))
}

fn open(house: &House, seconds: i64) -> Vec<String> {
    let now = at(seconds);
    let open = Store::reader(&house.dir).unwrap().current_windows(now).unwrap();
    open.iter().map(|of| line(of, &now.to_zoned(jiff::tz::TimeZone::UTC))).collect()
}

fn rows(house: &House) -> Vec<String> {
    texts(&Connection::open(house.dir.database()).unwrap(), "SELECT key FROM window_run ORDER BY key")
}

fn first(house: &House, command: u32) -> &'static str {
    Store::reader(&house.dir).unwrap().decisions(&command_id(command)).unwrap().remove(0).outcome.leak()
}

#[tokio::test]
async fn a_failure_of_the_first_minutes_is_judged_inside_the_window_that_ssm_announced() {
    let house = House::new();
    let mute = r#"[{"name": "Patch nights", "when": {"window": "inside"}, "then": "mute"}]"#;
    let rules: Vec<Rule> = serde_json::from_str(mute).unwrap();
    house.store.act(Act::SetRules { rules }).await.unwrap();
    house.tell(&[definition(1)], &[], at(-600)).await;
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.next_window_change(at(-1)).unwrap(), Some(at(0)), "the tray is looked at when it opens");
    assert_eq!(
        open(&house, 0),
        ["Nightly: nothing sent yet, cutoff at 04:00, ends at 05:00"],
        "it is open by its schedule"
    );
    house.hear_at(&[sent(1, 1, "Failed", 3, 60), sent(2, 1, "Failed", -60, 61)], at(61)).await;
    assert_eq!(first(&house, 1), "muted", "no execution is told of, and its window is open");
    assert_eq!(first(&house, 2), "rang", "this one was sent before it opened");
    assert_eq!(house.run_of(1), Some((announced(1), true)), "told by the time alone");
    assert_eq!(
        open(&house, 120),
        ["Nightly: 1 of 1 heard from done, 1 failed, cutoff at 04:00, ends at 05:00"],
        "once, with its command"
    );
    let edges = [0, 7200].map(|seconds| reader.next_window_change(at(seconds)).unwrap());
    assert_eq!(edges, [Some(at(7200)), Some(at(10_800))], "its cutoff and its end");
}

#[tokio::test]
async fn the_execution_takes_the_place_of_what_was_announced() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(-600)).await;
    house.hear_at(&[sent(1, 1, "Failed", 3, 60), sent(2, 1, "Failed", 4, 60)], at(61)).await;
    house.tell(&[definition(1)], &[told(1, RunStatus::InProgress, None, &[1])], at(240)).await;
    assert_eq!(house.run_of(1), Some((run_key(1), false)), "SSM named this one");
    assert_eq!(house.run_of(2), Some((run_key(1), true)), "and the time tells of the other");
    assert_eq!(rows(&house), [run_key(1)], "nothing is left of the guess");
    assert_eq!(
        open(&house, 300),
        ["Nightly: 2 of 2 heard from done, 2 failed, cutoff at 04:00, ends at 05:00"],
        "one run is open once"
    );
    house.tell(&[definition(1)], &[told(1, RunStatus::Success, Some(400), &[1, 2])], at(420)).await;
    assert_eq!(open(&house, 430), Vec::<String>::new(), "what has ended early is not announced again");
    let db = Connection::open(house.dir.database()).unwrap();
    let listed = crate::store::windows::list(&db, at(430), at(3600), at(430)).unwrap();
    assert_eq!(listed, [], "nor in a list that begins after its end: {listed:?}");
}

#[tokio::test]
async fn an_announced_run_of_which_ssm_tells_nothing_was_none() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(-600)).await;
    house.hear_at(&[sent(1, 1, "Failed", 3, 60)], at(61)).await;
    house.tell(&[definition(1)], &[], at(299)).await;
    assert_eq!(house.run_of(1), Some((announced(1), true)), "SSM may begin up to five minutes late");
    assert_eq!(open(&house, 299).len(), 1, "so it counts as open until then");
    house.tell(&[definition(1)], &[], at(300)).await;
    assert_eq!(house.run_of(1), None, "then it did not run");
    assert_eq!(rows(&house), Vec::<String>::new(), "and is in no list");
    assert_eq!(open(&house, 301), Vec::<String>::new(), "nor open");
    house.hear_at(&[sent(2, 1, "Failed", 30, 360)], at(361)).await;
    assert_eq!(house.run_of(2), None, "what is heard later is not of it either");
}

#[tokio::test]
async fn while_ssm_cannot_be_read_its_schedule_counts_until_the_end() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(-600)).await;
    house.hear_at(&[sent(1, 1, "Failed", 3, 7000)], at(7001)).await;
    assert_eq!(house.run_of(1), Some((announced(1), true)), "no reading since contradicts it");
    assert_eq!(open(&house, 7001).len(), 1, "and it is open");
    let due = house.store.window_reports(at(3 * 3600 + 121)).await.unwrap();
    assert_eq!(due.waiting.len(), 1, "its end is told as that of a typed one");
    house.tell(&[definition(1)], &[told(1, RunStatus::Success, Some(3 * 3600), &[1])], at(4 * 3600)).await;
    let later = house.store.window_reports(at(5 * 3600)).await.unwrap();
    assert_eq!(later.waiting, [], "and not again for the execution that it was");
}

#[tokio::test]
async fn another_window_s_execution_is_not_the_announced_run() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(-600)).await;
    house.hear_at(&[execution(2, "IN_PROGRESS", 1, None)], at(2)).await;
    assert_eq!(open(&house, 60).len(), 2, "both are open");
    house.hear_at(&[execution(1, "SKIPPED_OVERLAPPING", 1, Some(1))], at(61)).await;
    assert_eq!(open(&house, 62).len(), 1, "one that was skipped is not");
    house.hear_at(&[sent(1, 1, "Failed", 0, 70)], at(71)).await;
    assert_eq!(house.run_of(1), Some((run_key(2), true)), "and sent nothing");
}

#[tokio::test]
async fn windows_read_after_the_first_failure_still_find_its_command() {
    let house = House::new();
    house.hear_at(&[sent(1, 1, "Failed", 3, 60)], at(61)).await;
    house.tell(&[definition(1)], &[], at(120)).await;
    assert_eq!(house.run_of(1), Some((announced(1), true)), "its window opened two minutes before the reading");
    let db = Connection::open(house.dir.database()).unwrap();
    let listed = crate::store::windows::list(&db, at(-60), at(3600), at(130)).unwrap();
    let said: Vec<_> = listed.iter().map(|run| (run.state, run.execution_id.clone(), run.source.as_str())).collect();
    assert_eq!(said, [(WindowState::Running, None, "ssm")], "one run, and no execution of it is known");
    let row = Store::reader(&house.dir).unwrap().command(&command_id(1)).unwrap().unwrap();
    assert_eq!(row.window.unwrap().execution_id, None, "a command names none either");
}
