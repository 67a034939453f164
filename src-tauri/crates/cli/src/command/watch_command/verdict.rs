//! Whether a command has ended, and when nobody can tell any more.
//!
//! **Invariant:** pure. "Ended" is said only of what SSM said of the whole, or when every known target has ended.

use jiff::{SignedDuration, Timestamp};
use watchbell_core::status::Status;
use watchbell_core::words;
use watchbell_engine::aws::commands::ToldCommand;
use watchbell_engine::view::CommandRow;

/// All that was heard from have ended, their number is unknown, and for so long nothing more came.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);
/// Nothing at all came for so long, although something still runs.
const SILENT: SignedDuration = SignedDuration::from_hours(24);

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has ended.
    Ended {
        /// All of it succeeded.
        success: bool,
    },
    /// It has ended, as SSM itself says.
    Told {
        /// As a whole.
        status: Status,
        /// How many nodes it was sent to, where SSM says it.
        targets: Option<u32>,
        /// Of how many of them the end is known.
        completed: u32,
    },
    /// It cannot be told, and why.
    Unknown(String),
}

impl Verdict {
    /// Of a command that has ended.
    pub(super) fn of(row: Option<&CommandRow>) -> Self {
        Self::Ended { success: row.is_some_and(|row| row.state == Status::Success) }
    }

    pub(super) fn is_success(&self) -> bool {
        matches!(self, Self::Ended { success: true } | Self::Told { status: Status::Success, .. })
    }
}

/// What SSM's answer says of its end, if it has ended.
pub(super) fn of_ssm(told: &ToldCommand) -> Option<Verdict> {
    let ToldCommand { level, targets, completed } = told;
    told.has_ended().then(|| Verdict::Told { status: level.status.clone(), targets: *targets, completed: *completed })
}

/// Whether the command is known to have ended.
pub(super) fn has_ended(row: &CommandRow) -> bool {
    let whole = row.status.as_ref().is_some_and(Status::is_terminal);
    whole || row.target_count.is_some_and(|targets| !is_running(row) && row.nodes_heard >= targets)
}

fn is_running(row: &CommandRow) -> bool {
    row.counts.in_progress > 0 || row.counts.pending > 0 || row.counts.other > 0
}

/// Why the end cannot be told any more, if so. `heard_at`: when this program last saw something of it come.
pub(super) fn verdict(row: &CommandRow, heard_at: Option<Timestamp>, now: Timestamp) -> Option<Verdict> {
    let last = heard_at.into_iter().chain([row.updated_at]).max()?;
    let silent = now.duration_since(last);
    if silent >= SILENT {
        return Some(Verdict::Unknown("nothing was heard of it for a day".into()));
    }
    if row.nodes_heard == 0 || is_running(row) || row.target_count.is_some() || silent < SETTLED {
        return None;
    }
    let ended = match row.nodes_heard {
        1 => "the 1 node heard from has ended".to_owned(),
        several => format!("the {} heard from have ended", words::plural(several, "node")),
    };
    Some(Verdict::Unknown(format!("{ended}, and SSM did not say how many it was sent to")))
}

#[cfg(test)]
mod tests {
    use watchbell_core::command::Counts;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn row(status: Option<&str>, counts: Counts, target_count: Option<u32>, state: Status) -> CommandRow {
        CommandRow {
            command_id: "c".into(),
            document: None,
            state,
            status: status.map(Status::parse),
            levels: Vec::new(),
            requested_at: None,
            updated_at: at(0),
            topic_arn: None,
            target_count,
            nodes_heard: counts.heard(),
            counts,
            acknowledged: false,
            simulated: false,
            muted: false,
            window: None,
            cursor: String::new(),
        }
    }

    #[test]
    fn only_what_is_known_to_have_ended_has_ended() {
        let done = Counts { success: 3, ..Counts::default() };
        let runs = Counts { success: 2, in_progress: 1, ..Counts::default() };
        for (status, counts, targets, ended, why) in [
            (Some("Success"), Counts::default(), None, true, "SSM said so of the whole"),
            (Some("InProgress"), Counts::default(), None, false, "it runs"),
            (None, done, Some(3), true, "all of its targets have"),
            (None, done, Some(4), false, "one was not heard from"),
            (None, runs, Some(3), false, "one runs"),
            (None, done, None, false, "how many there are is not known"),
        ] {
            assert_eq!(has_ended(&row(status, counts, targets, Status::Success)), ended, "{why}");
        }
    }

    #[test]
    fn it_gives_up_when_nothing_more_is_to_be_expected() {
        let done = row(None, Counts { success: 3, ..Counts::default() }, None, Status::Success);
        let runs = row(None, Counts { in_progress: 1, ..Counts::default() }, None, Status::InProgress);
        assert_eq!(verdict(&done, None, at(60)), None, "more nodes may come");
        assert!(
            matches!(verdict(&done, None, at(601)), Some(Verdict::Unknown(_))),
            "after ten minutes nobody can tell"
        );
        let one = row(None, Counts { success: 1, ..Counts::default() }, None, Status::Success);
        let said = "the 1 node heard from has ended, and SSM did not say how many it was sent to";
        assert_eq!(verdict(&one, None, at(601)), Some(Verdict::Unknown(said.into())), "one node is one");
        assert_eq!(verdict(&done, Some(at(300)), at(601)), None, "counted from what came last");
        assert_eq!(verdict(&runs, None, at(3600)), None, "what runs is waited for");
        assert!(matches!(verdict(&runs, None, at(90_000)), Some(Verdict::Unknown(_))), "for a day");
    }

    #[test]
    fn only_a_success_of_all_is_success() {
        let of = |state| Verdict::of(Some(&row(Some("Failed"), Counts::default(), None, state)));
        assert!(of(Status::Success).is_success());
        assert!(!of(Status::Failed).is_success() && !of(Status::Cancelled).is_success(), "anything else is not");
    }
}
