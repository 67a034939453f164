//! What SSM answered about commands whose end the person waits for.
//!
//! **Invariant:** an answer is no event: it rings what was asked for and changes nothing of the history, which is a function of
//! messages alone (invariant 2).

use jiff::Timestamp;
use watchbell_core::arn::TopicArn;
use watchbell_core::policy::Input;

use super::error::StoreError;
use super::reader::Reader;
use super::table::{command, command_window};
use super::{Store, group};
use crate::aws::commands::ToldCommand;

impl Reader {
    /// The commands of a topic whose end the person waits for, at most 100.
    ///
    /// # Errors
    /// What the database said.
    pub fn watched(&self, topic: &TopicArn) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            let mut watched = Vec::new();
            // A wish to be told asks for a wake, so these are all.
            for id in command::waking(db)? {
                if let Some((_, held)) = command::load_by_id(db, id)?
                    && held.group.is_watched()
                    && held.state.fields.topic_arn.as_ref().is_some_and(|of| of.value == topic.as_str())
                {
                    watched.push(held.state.command_id);
                }
            }
            watched.truncate(100);
            Ok(watched)
        })
    }
}

impl Store {
    /// SSM says that a command has ended: the person is told, if that was asked for. Says whether an alert waits because of it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn tell_ended(&self, command_id: &str, told: ToldCommand, now: Timestamp) -> Result<bool, StoreError> {
        let command_id = command_id.to_owned();
        self.on_writer(move |writer| {
            writer.transact(|db, rules| {
                let Some(id) = command::id_of(db, &command_id)? else { return Ok(false) };
                let Some((_, mut held)) = command::load_by_id(db, id)? else { return Ok(false) };
                if !told.has_ended() || !held.group.is_watched() {
                    return Ok(false);
                }
                held.state.command_level = Some(told.level.clone());
                let within = command_window::within(db, id)?;
                let sample = group::sample(db, id)?;
                group::viewed(&held, within.as_ref(), &sample, |command| {
                    let command = watchbell_core::policy::CommandView {
                        target_count: told.targets.or(command.target_count),
                        ..*command
                    };
                    group::step(db, id, Input::Watch { command: Some(&command) }, rules, now)
                })
            })
        })
        .await
    }
}
