//! The outside of the program: its JSON. A changed snapshot breaks somebody's script.

use watchbell_core::health::{Health, SubscriptionState};
use watchbell_core::listening::Silence;

use super::*;
use crate::error::{Code, Problem};
use crate::view::{EngineState, GapRow, StatusReport, SubscriptionStatus};

#[tokio::test]
async fn show_history_and_quarantine_have_the_fields_of_the_manual() {
    let house = House::new();
    house
        .hear_at(
            &[node(1, 1, "InProgress", 1), node(1, 1, "Failed", 2), node(1, 2, "Success", 3), "garbage".into()],
            at(4),
        )
        .await;
    house.hear_at(&[whole(2, "Success", 5)], at(6)).await;
    let reader = Store::reader(&house.dir).unwrap();
    insta::assert_json_snapshot!("show", reader.detail(&command_id(1)).unwrap());
    insta::assert_json_snapshot!("history_line_of_a_whole_command", reader.command(&command_id(2)).unwrap());
    insta::assert_json_snapshot!("quarantine", reader.quarantine(None, 5).unwrap());
}

#[test]
fn status_has_the_fields_of_the_manual() {
    let report = StatusReport {
        engine: EngineState::Running,
        health: Health::Blind,
        unacknowledged: 2,
        quarantined: 1,
        snoozed_until: None,
        quiet_until: None,
        subscriptions: vec![SubscriptionStatus {
            topic_arn: topic().to_string(),
            queue_url: "https://sqs.eu-central-1.amazonaws.com/123456789012/q".into(),
            subscription_arn: Some(format!("{}:83e2289d", topic())),
            state: SubscriptionState::QueueMissing,
            last_completed_poll: Some(at(1)),
            last_message: None,
            backlog: Some(3),
            in_flight: None,
            last_batch_waited_seconds: Some(3),
            expires_at: None,
            renews: None,
            reason: Some("The queue does not exist any more.".into()),
            hint: Some("Subscribe again.".into()),
        }],
        gaps: vec![GapRow {
            topic_arn: topic().to_string(),
            from: at(-50_000),
            to: at(0),
            reason: Silence::Sleep,
            may_have_lost: Some(false),
        }],
        problems: vec![Problem::new(Code::Storage, "the disk is full", "free some space")],
    };
    insta::assert_json_snapshot!("status", report);
    let sent: StatusReport = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(sent, report, "it travels over the socket");
}
