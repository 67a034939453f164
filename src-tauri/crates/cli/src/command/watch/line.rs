//! One line for each thing that happens while watching: an object with `event`, or words.
//!
//! **Invariant:** the names in the objects are kept stable: scripts read them.

use std::io;

use serde::Serialize;
use watchbell_core::words;
use watchbell_engine::engine::Progress;
use watchbell_engine::store::{ChangedCommand, IngestReport};
use watchbell_engine::view::SubscriptionStatus;

use crate::output::Out;

/// What is counted over a whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    received: u64,
    stored: u64,
    quarantined: u64,
    alerts: u64,
}

impl Tally {
    pub(super) fn add(&mut self, happened: &Progress) {
        match happened {
            Progress::Received(report) => {
                self.received += u64::from(received(report));
                self.stored += u64::from(report.stored);
                self.quarantined += u64::from(report.quarantined);
            }
            Progress::Alert { new: true, .. } => self.alerts += 1,
            _ => {}
        }
    }
}

/// Every message of a batch, copies of earlier ones included.
fn received(report: &IngestReport) -> u32 {
    report.stored.saturating_add(report.duplicates).saturating_add(report.quarantined)
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Received { received: u32, stored: u32, duplicates: u32, quarantined: u32 },
    Changed(&'a ChangedCommand),
    Drained(&'a Tally),
}

/// Prints what happened.
pub(super) fn print(out: Out, happened: &Progress) -> io::Result<()> {
    match happened {
        Progress::Received(report) => batch(out, report),
        other if out.is_json() => out.document(other),
        Progress::Started { subscriptions: 0 } => {
            out.text("Listening, but to nothing: watchbellctl subscribe --topic-arn ARN")
        }
        Progress::Started { subscriptions } => {
            out.text(&format!("Listening to {}", words::plural(*subscriptions, "subscription")))
        }
        Progress::Alert { title, body, new, .. } => {
            let mark = if *new { "Alert" } else { "Update" };
            out.text(&format!("{mark}: {} {}", words::clean(title), words::clean_to(body, 300)))
        }
        Progress::Stopped => out.text("Ended"),
        Progress::Health { subscriptions, .. } => {
            subscriptions.iter().filter(|one| one.state.is_blind()).try_for_each(|one| unheard(out, one))
        }
    }
}

fn batch(out: Out, report: &IngestReport) -> io::Result<()> {
    if out.is_json() {
        let IngestReport { stored, duplicates, quarantined, .. } = *report;
        out.document(&Line::Received { received: received(report), stored, duplicates, quarantined })?;
        return report.changed.iter().try_for_each(|command| out.document(&Line::Changed(command)));
    }
    if report.quarantined > 0 {
        out.text(&format!("{} not understood: watchbellctl quarantine", words::plural(report.quarantined, "message")))?;
    }
    report.changed.iter().try_for_each(|command| {
        let subject = words::subject(&command.command_id, command.document.as_deref());
        let told = words::progress(&command.counts, command.target_count, &command.state);
        let simulated = if command.simulated { " (simulated)" } else { "" };
        out.text(&format!("{subject}: {told}{simulated}"))
    })
}

/// The last line of `--once`.
pub(super) fn drained(out: Out, tally: &Tally) -> io::Result<()> {
    if out.is_json() {
        return out.document(&Line::Drained(tally));
    }
    let Tally { received, stored, quarantined, alerts } = tally;
    out.text(&format!("drained: {received} received, {stored} stored, {quarantined} quarantined, {alerts} alerts"))
}

fn unheard(out: Out, one: &SubscriptionStatus) -> io::Result<()> {
    let why = [&one.reason, &one.hint].into_iter().flatten().map(|words| words::clean_to(words, 400));
    let why = why.collect::<Vec<_>>().join("; ");
    out.text(&format!("Not hearing {}: {why}", words::clean_to(&one.topic_arn, 300)))
}

#[cfg(test)]
mod tests {
    use watchbell_core::command::Counts;
    use watchbell_core::status::Status;

    use super::*;

    fn report() -> IngestReport {
        IngestReport {
            stored: 7,
            duplicates: 2,
            quarantined: 1,
            changed_commands: 1,
            changed: Vec::new(),
            alerts: true,
        }
    }

    #[test]
    fn every_message_is_counted_once_and_an_update_is_no_alert() {
        let mut tally = Tally::default();
        let alert = |new| Progress::Alert { command_id: Some("c".into()), title: "t".into(), body: "b".into(), new };
        for happened in [Progress::Received(report()), alert(true), alert(false), Progress::Stopped] {
            tally.add(&happened);
        }
        let told = serde_json::to_value(Line::Drained(&tally)).unwrap();
        let expected =
            serde_json::json!({"event": "drained", "received": 10, "stored": 7, "quarantined": 1, "alerts": 1});
        assert_eq!(told, expected, "received is everything that came, copies included");
    }

    #[test]
    fn a_changed_command_is_an_object_of_its_own() {
        let changed = ChangedCommand {
            command_id: "c".into(),
            document: None,
            state: Status::Failed,
            counts: Counts { failed: 1, ..Counts::default() },
            target_count: None,
            simulated: false,
        };
        let told = serde_json::to_value(Line::Changed(&changed)).unwrap();
        assert_eq!(told["event"], "changed", "scripts switch on the event");
        assert_eq!(told["state"], "failed", "and read the state as in the history");
        assert!(told.get("document").is_none(), "absent means unknown");
    }
}
