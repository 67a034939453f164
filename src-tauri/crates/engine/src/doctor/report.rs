//! What the doctor says: one line a check, each ok, failed with the fix, or skipped with the reason.
//!
//! **Invariant:** a report can be put into a ticket as it is: no secret, no token, key ids shortened. What was not looked at is never ok.

use jiff::Timestamp;
use serde::Serialize;
use watchbell_core::arn::TopicArn;
use watchbell_core::words;

use crate::error::Problem;

/// The longest text of a check, in characters: a statement to ask for, or a whole command line, fits.
const TEXT_MAX: usize = 2000;

/// Where in the way of a message a check looks, in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// This machine and its desktop.
    Machine,
    /// The way to AWS.
    Network,
    /// Who we are there.
    Identity,
    /// The topic of the commands.
    Topic,
    /// The personal queue.
    Queue,
    /// What feeds the queue from the topic.
    Subscription,
    /// What we may do.
    Permissions,
    /// Whether anything arrives.
    Delivery,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Not as it should be; the fix is told.
    Failed,
    /// Not looked at; the reason is told.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, the same in every version: scripts lean on it.
    pub name: &'static str,
    /// Where it looks.
    pub stage: Stage,
    /// The topic that it is about; absent for what all topics share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_arn: Option<TopicArn>,
    /// How it ended.
    pub state: CheckState,
    /// What was found; empty when it was not looked at.
    pub found: String,
    /// Why it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do next, in one line or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// The name of a check and its stage, from which it is ended in one of three ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Of(pub(super) Stage, pub(super) &'static str);

impl Of {
    pub(super) fn ok(self, found: impl AsRef<str>) -> Check {
        self.ended(CheckState::Ok, found.as_ref(), None, None)
    }

    /// Well, with something to mind.
    pub(super) fn ok_but(self, found: impl AsRef<str>, fix: &str) -> Check {
        self.ended(CheckState::Ok, found.as_ref(), None, Some(fix))
    }

    pub(super) fn failed(self, found: impl AsRef<str>, fix: impl AsRef<str>) -> Check {
        self.ended(CheckState::Failed, found.as_ref(), None, Some(fix.as_ref()))
    }

    pub(super) fn failed_by(self, problem: &Problem) -> Check {
        self.failed(&problem.message, &problem.hint)
    }

    pub(super) fn skipped(self, reason: impl AsRef<str>) -> Check {
        self.ended(CheckState::Skipped, "", Some(reason.as_ref()), None)
    }

    pub(super) fn skipped_but(self, reason: impl AsRef<str>, fix: impl AsRef<str>) -> Check {
        self.ended(CheckState::Skipped, "", Some(reason.as_ref()), Some(fix.as_ref()))
    }

    /// It may not be looked at: the right that is missing is the way out.
    pub(super) fn unseen(self, problem: &Problem) -> Check {
        self.skipped_but(format!("cannot look: {}", problem.message), &problem.hint)
    }

    /// It depends on another check, which is not ok.
    pub(super) fn after(self, other: &str) -> Check {
        self.skipped(format!("depends on \"{}\", which is not ok", other.replace('_', " ")))
    }

    fn ended(self, state: CheckState, found: &str, reason: Option<&str>, fix: Option<&str>) -> Check {
        let line = |text: &str| words::clean_to(text, TEXT_MAX);
        let fit = |text: &str| words::fit_for_ticket(text).lines().map(line).collect::<Vec<_>>().join("\n");
        let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(fit);
        Check {
            name: self.1,
            stage: self.0,
            topic_arn: None,
            state,
            found: fit(found),
            reason: some(reason),
            fix: some(fix),
        }
    }
}

/// All checks, in the order of their stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When they were made.
    pub at: Timestamp,
    /// Each of them.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether nothing failed.
    pub fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.state != CheckState::Failed)
    }

    /// How many ended so.
    pub fn count(&self, state: CheckState) -> usize {
        self.checks.iter().filter(|check| check.state == state).count()
    }

    /// Puts a check in the place of the one of this name and topic.
    pub fn put(&mut self, check: Check) {
        let same = |held: &&mut Check| held.name == check.name && held.topic_arn == check.topic_arn;
        match self.checks.iter_mut().find(same) {
            Some(held) => *held = check,
            None => self.checks.push(check),
        }
    }
}

impl Check {
    /// Whether it is known to be well.
    pub fn is_ok(&self) -> bool {
        self.state == CheckState::Ok
    }

    pub(super) fn about(mut self, topic: &TopicArn) -> Self {
        self.topic_arn = Some(topic.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn no_secret_gets_into_a_report() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1";
        let problem = Problem::new(Code::AwsRefused, format!("AKIAIOSFODNN7EXAMPLE said {secret}"), secret);
        let of = Of(Stage::Identity, "identity");
        for check in [of.failed_by(&problem), of.unseen(&problem), of.ok(&problem.message), of.skipped(secret)] {
            let text = format!("{check:?}");
            assert!(!text.contains(secret) && !text.contains("AKIAIOSFODNN7EXAMPLE"), "{text}");
        }
    }

    #[test]
    fn a_failed_check_fails_the_report_and_a_skipped_one_does_not() {
        let of = Of(Stage::Queue, "queue");
        let report = |check: Check| Report { at: Timestamp::UNIX_EPOCH, checks: vec![check] };
        assert!(report(of.ok("")).is_ok() && report(of.skipped("x")).is_ok() && report(of.after("topic")).is_ok());
        assert!(!report(of.failed("gone", "mend it")).is_ok(), "what failed is not ok");
    }
}
