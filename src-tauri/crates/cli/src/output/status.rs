//! The health of Watchbell as a terminal shows it.
//!
//! **Invariant:** pure. What is wrong comes with its reason and its fix; a state that was not observed is not called ok.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::health::Health;
use watchbell_core::words;
use watchbell_engine::view::{EngineState, StatusReport, SubscriptionStatus};

/// The report in lines.
pub(crate) fn text(report: &StatusReport, now: Timestamp, zone: &TimeZone) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", headline(report));
    let _ = writeln!(text, "  {} unacknowledged, {} in quarantine", report.unacknowledged, report.quarantined);
    if let Some(until) = report.snoozed_until {
        let _ = writeln!(text, "  Snoozed until {}", words::clock(until, now, zone));
    }
    if let Some(until) = report.quiet_until {
        let _ = writeln!(text, "  Quiet hours until {}", words::clock(until, now, zone));
    }
    if report.subscriptions.is_empty() {
        text.push_str("  No subscription yet: watchbellctl subscribe --topic-arn ARN\n");
    }
    for subscription in &report.subscriptions {
        text.push_str(&line(subscription, now));
    }
    for problem in &report.problems {
        let _ = writeln!(text, "\n  {}", words::clean_to(&problem.message, 400));
        let _ = writeln!(text, "    {}", words::clean_to(&problem.hint, 400));
    }
    text
}

fn headline(report: &StatusReport) -> &'static str {
    match (report.engine, report.health) {
        (EngineState::Stopped, _) => "Not hearing: no engine is running",
        (EngineState::Running, Health::Blind) => "Not hearing: a subscription cannot be heard",
        (EngineState::Running, Health::Failing) => "Hearing; commands failed",
        (EngineState::Running, Health::Ok) => "Hearing; nothing failed",
    }
}

fn line(subscription: &SubscriptionStatus, now: Timestamp) -> String {
    let mut text = format!("\n  {}\n", words::clean_to(&subscription.topic_arn, 300));
    let heard = match (subscription.last_completed_poll, subscription.last_message) {
        (None, _) => String::new(),
        (Some(poll), None) => format!(", polled {}, no message yet", words::age(poll, now)),
        (Some(poll), Some(message)) => {
            format!(", polled {}, last message {}", words::age(poll, now), words::age(message, now))
        }
    };
    let backlog = subscription.backlog.map(|waiting| format!(", {waiting} waiting")).unwrap_or_default();
    let in_flight = subscription.in_flight.map(|messages| format!(", {messages} in flight")).unwrap_or_default();
    let _ = writeln!(text, "    {}{heard}{backlog}{in_flight}", subscription.state.as_str().replace('_', " "));
    if let Some(seconds) = subscription.last_batch_waited_seconds {
        let _ = writeln!(text, "    the oldest of the last batch had waited {}", words::waited(seconds));
    }
    if let Some(at) =
        subscription.expires_at.filter(|_| subscription.renews == Some(false) && !subscription.state.is_blind())
    {
        let _ = writeln!(text, "    signs out {}: watchbellctl sign-in", words::ahead(at, now));
    }
    for words in [&subscription.reason, &subscription.hint].into_iter().flatten() {
        let _ = writeln!(text, "    {}", words::clean_to(words, 600));
    }
    text
}

#[cfg(test)]
mod tests {
    use watchbell_core::health::SubscriptionState;
    use watchbell_engine::error::{Code, Problem};

    use super::*;

    #[test]
    fn a_deaf_engine_says_so_first_and_tells_the_fix() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let of = |topic: &str, state, reason: Option<&str>| SubscriptionStatus {
            last_completed_poll: Some(now - jiff::SignedDuration::from_secs(4)),
            backlog: Some(3),
            in_flight: Some(1),
            last_batch_waited_seconds: Some(3),
            expires_at: Some(now + jiff::SignedDuration::from_mins(25)),
            renews: Some(false),
            reason: reason.map(Into::into),
            hint: reason.map(|_| "sign in again".into()),
            ..SubscriptionStatus::new(
                format!("arn:aws:sns:eu-central-1:123456789012:{topic}"),
                "https://sqs.eu-central-1.amazonaws.com/123456789012/q",
                state,
            )
        };
        let report = StatusReport {
            engine: EngineState::Running,
            health: Health::Blind,
            unacknowledged: 2,
            quarantined: 1,
            snoozed_until: Some(now + jiff::SignedDuration::from_hours(1)),
            quiet_until: Some(now + jiff::SignedDuration::from_hours(7)),
            subscriptions: vec![
                of("one", SubscriptionState::Ok, None),
                of("two", SubscriptionState::SignedOut, Some("the session token has expired")),
            ],
            gaps: Vec::new(),
            problems: vec![Problem::new(Code::No, "no notification server answers", "install one")],
        };
        insta::assert_snapshot!(text(&report, now, &TimeZone::UTC));
    }
}
