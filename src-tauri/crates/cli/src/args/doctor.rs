//! `doctor`: its flags, and the help that teaches them.
//!
//! **Invariant:** a FIFO topic is no usage error here: that Systems Manager cannot notify it is what the doctor is asked for.

use clap::Args;
use watchbell_core::iam::{DEFAULT_SNS_ROLE, Principal};
use watchbell_engine::doctor::AskedTopic;

use super::iam::role;

pub(super) const ABOUT: &str = "\
Find out why nothing is heard, or that all is well: a check at a time from this desktop over the network, your credentials, the \
topic, the queue and the subscription to what was heard last. Each is ok, failed with the fix, or skipped with the reason; one that \
depends on another that is not ok is skipped and names it. The text can be put into a ticket as it is: no secret is in it.

Changes nothing and sends nothing to the topic; a test alert is shown on this desktop. --publish also sends a test message through \
the topic and waits until it is in the history. The topic is shared: Watchbell names how many other subscriptions will get it and \
asks first. What may not be looked at is skipped, with the right to ask for.";

pub(super) const EXAMPLES: &str = "\
Examples:
  watchbellctl doctor
  watchbellctl doctor --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify

  # a message through the topic, too, while Watchbell or watchbellctl watch runs
  watchbellctl doctor --publish

  # what failed, and how to mend it
  watchbellctl doctor --json | jq -r '.checks[] | select(.state == \"failed\") | .name, .found, .fix'

Exit codes:
  0  nothing failed (what was skipped is told)
  1  something failed";

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The topic to look at; by default each that this data folder is subscribed to
    #[arg(long, value_name = "ARN", value_parser = AskedTopic::read)]
    pub(crate) topic_arn: Option<AskedTopic>,

    /// The role as which Systems Manager publishes: whether the key of an encrypted topic lets it in, and for the lines that make a silent topic speak
    #[arg(long, value_name = "NAME", default_value = DEFAULT_SNS_ROLE, value_parser = role)]
    pub(crate) sns_role: Principal,

    /// Also publish a test message to the topic: everyone who is subscribed to it gets it
    #[arg(long)]
    pub(crate) publish: bool,

    /// With --publish: do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}
