//! From received bodies to one transaction: what comes in, and what is reported back.
//!
//! **Invariant:** reading a body happens here, before the writer and outside of its transaction, and what must not be
//! stored is taken out here. A caller hears `Ok` only after the commit that holds every one of its messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use watchbell_core::arn::TopicArn;
use watchbell_core::command::Counts;
use watchbell_core::digest::BodyDigest;
use watchbell_core::parse::{Parsed, Reason, ReasonKind, parse};
use watchbell_core::status::Status;

use super::Rules;
use super::batch::{self, Outcome};
use super::error::StoreError;
use super::redact;
use super::table::quarantine::{self, Refused};
use super::writer::Writer;

/// The most messages in one transaction.
pub(super) const GROUP: usize = 500;

/// One message as it was received.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The body as it lay in SQS.
    pub body: String,
    /// The topics that are subscribed through this queue; empty takes any.
    pub topics: Arc<[TopicArn]>,
    /// The topic to which a body without an envelope is credited.
    pub subscription_topic: TopicArn,
    /// The id that SQS gave it.
    pub sqs_message_id: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// What became of the messages of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestReport {
    /// New understood messages.
    pub stored: u32,
    /// Copies of messages that were there already, understood or not.
    pub duplicates: u32,
    /// New messages that were not understood.
    pub quarantined: u32,
    /// How many commands changed through messages of this call.
    pub changed_commands: u32,
    /// Those commands as they stand after the commit.
    pub changed: Vec<ChangedCommand>,
    /// Whether an alert waits for the screen because of one of them.
    pub alerts: bool,
}

impl IngestReport {
    fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.duplicates += other.duplicates;
        self.quarantined += other.quarantined;
        self.alerts |= other.alerts;
        for command in other.changed {
            match self.changed.iter_mut().find(|held| held.command_id == command.command_id) {
                Some(held) => *held = command,
                None => self.changed.push(command),
            }
        }
        self.changed_commands = u32::try_from(self.changed.len()).unwrap_or(u32::MAX);
    }
}

/// A command that changed, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedCommand {
    /// SSM's id.
    pub command_id: String,
    /// The document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The worst of both levels.
    pub state: Status,
    /// Its nodes.
    pub counts: Counts,
    /// How many nodes it was sent to, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_count: Option<u32>,
    /// Whether every event of it was a probe.
    pub simulated: bool,
}

/// A message that was read, ready for the writer.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) body: String,
    pub(super) digest: BodyDigest,
    pub(super) parsed: Parsed,
    pub(super) topic: TopicArn,
    pub(super) sqs_message_id: String,
    pub(super) received_at: Timestamp,
}

/// Reads one message.
pub(super) fn read(incoming: Incoming, keep_parameters: bool) -> Heard {
    let mut parsed = parse(&incoming.body, &incoming.topics);
    if let Parsed::Event(event) = &mut parsed {
        event.topic_arn.get_or_insert_with(|| incoming.subscription_topic.clone());
    }
    // The digest is that of the body without parameters, kept or not: the setting may change between two copies.
    let bare = redact::without_parameters(&incoming.body);
    let digest = BodyDigest::of(bare.as_deref().unwrap_or(&incoming.body));
    let body = bare.filter(|_| !keep_parameters).unwrap_or(incoming.body);
    let (topic, sqs_message_id) = (incoming.subscription_topic, incoming.sqs_message_id);
    Heard { body, digest, parsed, topic, sqs_message_id, received_at: incoming.received_at }
}

/// Stores the messages of several calls together; one report for each.
pub(super) fn store_calls(writer: &mut Writer, calls: &[Vec<Heard>]) -> Vec<Result<IngestReport, StoreError>> {
    let total: usize = calls.iter().map(Vec::len).sum();
    if total <= GROUP {
        let all: Vec<&Heard> = calls.iter().flatten().collect();
        return match store(writer, &all, &batch::store) {
            Ok(stored) => {
                let mut stored = stored.into_iter();
                calls.iter().map(|call| Ok(report(stored.by_ref().take(call.len())))).collect()
            }
            Err(error) => calls.iter().map(|_| Err(error.clone())).collect(),
        };
    }
    calls.iter().map(|call| store_large(writer, call)).collect()
}

/// A call beyond one transaction. If a later part fails the whole call does: its copies will come again.
fn store_large(writer: &mut Writer, call: &[Heard]) -> Result<IngestReport, StoreError> {
    let mut whole = IngestReport::default();
    for part in call.chunks(GROUP) {
        let all: Vec<&Heard> = part.iter().collect();
        whole.add(report(store(writer, &all, &batch::store)?.into_iter()));
    }
    Ok(whole)
}

fn report(stored: impl Iterator<Item = Stored>) -> IngestReport {
    let mut report = IngestReport::default();
    let mut seen = BTreeSet::new();
    for one in stored {
        match one.outcome {
            Outcome::New => report.stored += 1,
            Outcome::Duplicate => report.duplicates += 1,
            Outcome::Quarantined => report.quarantined += 1,
        }
        report.alerts |= one.alert;
        if let Some(command) = one.changed
            && seen.insert(command.command_id.clone())
        {
            report.changed.push((*command).clone());
        }
    }
    report.changed_commands = u32::try_from(report.changed.len()).unwrap_or(u32::MAX);
    report
}

/// What became of one message.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) outcome: Outcome,
    pub(super) changed: Option<Arc<ChangedCommand>>,
    pub(super) alert: bool,
}

/// Stores messages inside a transaction: [`batch::store`].
type InTransaction = dyn Fn(&Connection, &Rules, &[&Heard]) -> Result<Vec<Stored>, StoreError>;

/// One transaction for all; when the database refuses a row of it, or a message meets a fault of ours, halves until that one is alone,
/// and quarantines it: no message may hold up the others for ever.
pub(super) fn store(writer: &mut Writer, heard: &[&Heard], how: &InTransaction) -> Result<Vec<Stored>, StoreError> {
    let why = match writer.transact(|db, rules| how(db, rules, heard)) {
        Err(StoreError::Refused(why)) => format!("the history refused it: {why}"),
        Err(StoreError::Panicked) => "storing it meets a fault in Watchbell itself".to_owned(),
        other => return other,
    };
    if heard.len() > 1 {
        let (first, second) = heard.split_at(heard.len() / 2);
        let mut stored = store(writer, first, how)?;
        stored.extend(store(writer, second, how)?);
        return Ok(stored);
    }
    let Some(one) = heard.first() else { return Ok(Vec::new()) };
    tracing::warn!(digest = %one.digest, why, "a message cannot be stored; it goes to quarantine");
    let reason = Reason { kind: ReasonKind::RefusedByStore, text: format!("It was understood, but {why}.") };
    let new = writer.transact(|db, _| {
        quarantine::keep(
            db,
            &Refused {
                digest: &one.digest,
                reason: &reason,
                topic_arn: one.topic.as_str(),
                sqs_message_id: &one.sqs_message_id,
                received_at: one.received_at,
                copies: 1,
                body: &one.body,
            },
        )
    })?;
    let outcome = if new { Outcome::Quarantined } else { Outcome::Duplicate };
    Ok(vec![Stored { outcome, changed: None, alert: false }])
}
