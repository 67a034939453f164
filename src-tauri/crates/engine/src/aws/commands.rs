//! What SSM itself says of one command: how it stands as a whole and how many nodes it was sent to.
//!
//! Messages alone cannot tell the end of a command that notifies of its invocations and of an unknown number of targets.
//!
//! **Invariant:** `Parameters` (often with secrets) and comments are read over and never kept. Never here: when to ask.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::Command;
use jiff::Timestamp;
use watchbell_core::join::LevelState;
use watchbell_core::status::Status;

use super::refusal::{Refusal, refusal};
use crate::clock;

/// A command as `ssm:ListCommands` tells it (SSM API reference, `Command`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldCommand {
    /// As a whole. The time is when we were told: SSM does not say when it ended.
    pub level: LevelState,
    /// How many nodes it was sent to, as far as SSM knows yet; absent where it says none.
    pub targets: Option<u32>,
    /// Of how many of them the end is known.
    pub completed: u32,
}

impl ToldCommand {
    /// Whether SSM says that it has ended.
    pub fn has_ended(&self) -> bool {
        self.level.status.is_terminal()
    }
}

/// Asks for one command; `None` when SSM knows none of that id there. Commands are kept for 30 days.
///
/// # Errors
/// What AWS refused; a denial names `ssm:ListCommands`.
pub async fn command(ssm: &Client, command_id: &str) -> Result<Option<ToldCommand>, Refusal> {
    let told = ssm.list_commands().command_id(command_id).send().await;
    let told = told.map_err(|error| refusal("ssm:ListCommands", "*", &error))?;
    // An id is of one command; anything else is no answer to what was asked.
    let one = told.commands.unwrap_or_default().into_iter().find(|one| one.command_id.as_deref() == Some(command_id));
    Ok(one.and_then(|one| convert(&one, clock::now())))
}

fn convert(of: &Command, now: Timestamp) -> Option<ToldCommand> {
    let number = |count: i32| u32::try_from(count).unwrap_or_default();
    let status = Status::parse(of.status.as_ref()?.as_str());
    let detail = of.status_details.clone().filter(|detail| !detail.is_empty());
    Some(ToldCommand {
        level: LevelState { status, detail, event_time: now },
        targets: Some(number(of.target_count)).filter(|targets| *targets > 0),
        completed: number(of.completed_count),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::types::CommandStatus;

    use super::*;

    #[test]
    fn numbers_that_make_no_sense_are_unknown_and_a_status_is_needed() {
        let now = Timestamp::UNIX_EPOCH;
        let of = |status: Option<&str>, targets| {
            let command = Command::builder().set_status(status.map(CommandStatus::from)).target_count(targets);
            convert(&command.completed_count(-1).status_details("").build(), now)
        };
        let told = of(Some("Success"), 40).unwrap();
        assert!(told.has_ended() && told.targets == Some(40), "{told:?}");
        assert_eq!((told.completed, told.level.detail), (0, None), "what makes no sense is left out");
        assert_eq!(of(Some("InProgress"), 0).unwrap().targets, None, "no targets yet is not none at all");
        assert!(!of(Some("Cancelling"), 3).unwrap().has_ended(), "a status of AWS's own is no end");
        assert_eq!(of(None, 3), None, "without a status nothing is told");
    }
}
