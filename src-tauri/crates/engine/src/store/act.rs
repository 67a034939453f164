//! What a person or a shell may change, in a form that travels over the socket.
//!
//! **Invariant:** every act runs on the writer's thread in one transaction, whoever asked.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use watchbell_core::arn::TopicArn;
use watchbell_core::parse::Parsed;
use watchbell_core::plan::Filter;
use watchbell_core::policy::{HallInput, Kind};
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::{Rule, RuleBook, RuleError};
use watchbell_core::schedule::TypedWindow;

use super::error::StoreError;
use super::ingest::{self, Heard, Incoming, IngestReport};
use super::table::subscription::SubscriptionRecord;
use super::table::{self, command, heard, own_probe, subscription};
use super::writer::Writer;
use super::{Rules, Store, group, hall, windows};
use crate::clock;

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// One command was seen, or all of them.
    Acknowledge {
        /// The command; all that fail when absent.
        command_id: Option<String>,
    },
    /// The members of an alert for many commands were seen.
    AcknowledgeMany {
        /// Which alert.
        kind: Kind,
    },
    /// New alerts are held back until then.
    Snooze {
        /// The end.
        until: Timestamp,
        /// Whether it is that of the current maintenance window.
        window: bool,
    },
    /// New alerts ring again; what was held back is told now.
    Unsnooze,
    /// The person wants to be told when a command ends, or does not any more.
    Watch {
        /// The command.
        command_id: String,
        /// Whether to tell.
        on: bool,
    },
    /// The rules, in their order, replace the ones before.
    SetRules {
        /// All of them.
        rules: Vec<Rule>,
    },
    /// The quiet hours replace the ones before.
    SetQuietHours {
        /// All of them.
        quiet: QuietHours,
    },
    /// A simulated run, through the same ingest as the real ones. Every probe in the bodies counts as sent by us.
    Inject {
        /// Bodies as they would lie in SQS.
        bodies: Vec<String>,
        /// The topic that they are credited to.
        topic: TopicArn,
    },
    /// A probe that we are about to publish: its messages ring here.
    RegisterProbe {
        /// The id in `watchbellProbe`.
        probe: String,
    },
    /// Remembers a subscription, or changes it.
    PutSubscription(Box<SubscriptionRecord>),
    /// Pauses a subscription, or goes on with it.
    PauseSubscription {
        /// The topic.
        topic_arn: TopicArn,
        /// Whether to pause.
        paused: bool,
    },
    /// Remembers what a subscription lets through by now, and changes nothing else of it.
    FilterSubscription {
        /// The topic.
        topic_arn: TopicArn,
        /// What it lets through.
        filter: Filter,
    },
    /// Begins to leave a subscription, so that it is not read any more; or takes that back, since nothing came of it.
    LeaveSubscription {
        /// The topic.
        topic_arn: TopicArn,
        /// Whether it is being left.
        leaving: bool,
    },
    /// Forgets a subscription.
    RemoveSubscription {
        /// The topic.
        topic_arn: TopicArn,
    },
    /// Types a maintenance window in, or another schedule for the one of that name.
    PutTypedWindow(Box<TypedWindow>),
    /// Puts a typed window in place of the one of another name: both or neither.
    ReplaceTypedWindow {
        /// The name of the one before.
        name: String,
        /// The new one.
        window: Box<TypedWindow>,
    },
    /// Takes a typed window off. What is over stays in the history.
    RemoveTypedWindow {
        /// Its name.
        name: String,
    },
}

/// What an act did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActReport {
    /// How many commands or subscriptions it changed.
    pub changed: u32,
    /// For [`Act::Inject`]: what became of the bodies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingest: Option<IngestReport>,
}

impl Store {
    /// Carries out an act; resolves after its commit.
    pub async fn act(&self, act: Act) -> Result<ActReport, StoreError> {
        self.act_at(act, clock::now()).await
    }

    /// [`Store::act`] at a given time.
    pub async fn act_at(&self, act: Act, now: Timestamp) -> Result<ActReport, StoreError> {
        self.on_writer(move |writer| perform(writer, act, now)).await
    }
}

fn perform(writer: &mut Writer, act: Act, now: Timestamp) -> Result<ActReport, StoreError> {
    let changed = match act {
        Act::Inject { bodies, topic } => return inject(writer, bodies, &topic, now),
        Act::Acknowledge { command_id } => writer.transact(|db, rules| acknowledge(db, command_id, rules, now))?,
        Act::AcknowledgeMany { kind } => writer.transact(|db, rules| acknowledge_many(db, kind, rules, now))?,
        Act::Snooze { until, window } => {
            if until <= now {
                return Err(StoreError::Invalid("a snooze ends in the future".into()));
            }
            let input = HallInput::Snooze { until, window };
            writer.transact(|db, rules| hall::step(db, input, rules, now).map(|_| 1))?
        }
        Act::Unsnooze => writer.transact(|db, rules| {
            let on = hall::snooze(db, now)?.is_some();
            hall::step(db, HallInput::Unsnooze, rules, now).map(|_| u32::from(on))
        })?,
        Act::Watch { command_id, on } => writer.transact(|db, rules| {
            let id = command::id_of(db, &command_id)?.ok_or(StoreError::NoSuchCommand(command_id))?;
            group::watch(db, id, on, rules, now).map(|()| 1)
        })?,
        Act::SetRules { rules } => {
            let book = RuleBook::compile(&rules).map_err(|errors| StoreError::Invalid(sentences(&errors)))?;
            writer.transact(|db, _| table::hall::put_rules(db, &rules))?;
            writer.change_rules(|of| of.policy.rules = Arc::new(book.clone()));
            u32::try_from(rules.len()).unwrap_or(u32::MAX)
        }
        Act::SetQuietHours { quiet } => {
            quiet.check().map_err(|error| StoreError::Invalid(error.message))?;
            writer.transact(|db, _| table::hall::put_quiet(db, &quiet))?;
            writer.change_rules(|of| of.policy.quiet = quiet.clone());
            // What was held back by the hours before may be told now.
            writer.transact(|db, rules| hall::step(db, HallInput::Tick, rules, now).map(|_| 1))?
        }
        Act::RegisterProbe { probe } => writer.transact(|db, _| own_probe::put(db, &probe, now).map(|()| 1))?,
        Act::PutSubscription(record) => writer.transact(|db, _| subscription::put(db, &record).map(|()| 1))?,
        Act::PauseSubscription { topic_arn, paused } => {
            change(writer, &topic_arn, |held| SubscriptionRecord { paused, ..held })?
        }
        Act::FilterSubscription { topic_arn, filter } => {
            change(writer, &topic_arn, |held| SubscriptionRecord { filter, ..held })?
        }
        Act::LeaveSubscription { topic_arn, leaving } => {
            change(writer, &topic_arn, |held| SubscriptionRecord { leaving, ..held })?
        }
        Act::RemoveSubscription { topic_arn } => writer.transact(|db, _| {
            heard::forget(db, &topic_arn)?;
            subscription::remove(db, &topic_arn).map(u32::from)
        })?,
        Act::PutTypedWindow(window) => writer.transact(|db, _| windows::put_typed(db, &window, now))?,
        Act::ReplaceTypedWindow { name, window } => writer.transact(|db, _| {
            windows::remove_typed(db, &name, now)?;
            windows::put_typed(db, &window, now)
        })?,
        Act::RemoveTypedWindow { name } => writer.transact(|db, _| windows::remove_typed(db, &name, now))?,
    };
    Ok(ActReport { changed, ingest: None })
}

/// Changes a subscription as it is by now; one that is gone stays gone.
fn change(
    writer: &mut Writer,
    topic: &TopicArn,
    change: impl FnOnce(SubscriptionRecord) -> SubscriptionRecord,
) -> Result<u32, StoreError> {
    writer.transact(|db, _| {
        let Some(held) = subscription::get(db, topic)? else { return Ok(0) };
        subscription::put(db, &change(held)).map(|()| 1)
    })
}

fn acknowledge(db: &Connection, command_id: Option<String>, rules: &Rules, now: Timestamp) -> Result<u32, StoreError> {
    let ids = match command_id {
        None => command::unacknowledged(db)?,
        Some(command_id) => {
            vec![command::id_of(db, &command_id)?.ok_or(StoreError::NoSuchCommand(command_id))?]
        }
    };
    group::acknowledge(db, &ids, rules, now)?;
    Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
}

fn acknowledge_many(db: &Connection, kind: Kind, rules: &Rules, now: Timestamp) -> Result<u32, StoreError> {
    let members = group::told_by(db, kind, &table::hall::load(db)?)?;
    group::acknowledge(db, &members, rules, now)?;
    Ok(u32::try_from(members.len()).unwrap_or(u32::MAX))
}

fn sentences(errors: &[RuleError]) -> String {
    errors.iter().map(|error| format!("{error} {}", error.hint)).collect::<Vec<_>>().join(" ")
}

fn inject(writer: &mut Writer, bodies: Vec<String>, topic: &TopicArn, now: Timestamp) -> Result<ActReport, StoreError> {
    let topics: Arc<[TopicArn]> = Arc::from([topic.clone()]);
    let heard: Vec<Heard> = bodies
        .into_iter()
        .map(|body| {
            let incoming = Incoming {
                body,
                topics: Arc::clone(&topics),
                subscription_topic: topic.clone(),
                sqs_message_id: "simulated".into(),
                received_at: now,
            };
            ingest::read(incoming, false)
        })
        .collect();
    writer.transact(|db, _| {
        for one in &heard {
            if let Parsed::Event(event) = &one.parsed
                && let Some(probe) = &event.probe
            {
                own_probe::put(db, probe, now)?;
            }
        }
        Ok(())
    })?;
    let report = ingest::store_calls(writer, &[heard]).pop().unwrap_or_else(|| Ok(IngestReport::default()))?;
    Ok(ActReport { changed: report.changed_commands, ingest: Some(report) })
}
