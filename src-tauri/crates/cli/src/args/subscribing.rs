//! `subscribe`, `unsubscribe`, `sign-in` and `subscriptions`: their flags.
//!
//! **Invariant:** whatever changes something at AWS asks, unless `--yes` was given.

use clap::{ArgGroup, Args, ValueEnum};
use watchbell_core::arn::TopicArn;

use super::credentials::Credentials;
use super::malformed;

/// `subscribe`
#[derive(Debug, Args)]
pub(crate) struct Subscribe {
    /// The SNS topic that Systems Manager publishes to
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: TopicArn,

    /// The region of the queue, by default the topic's
    #[arg(long, value_name = "REGION", value_parser = malformed::region)]
    pub(crate) region: Option<String>,

    /// Which statuses the topic should send: all, or alerts (failed and timed out only); by default what it sends already, else all
    #[arg(long, value_name = "WHICH", value_enum)]
    pub(crate) filter: Option<FilterArg>,

    /// Adopt this queue, made by an administrator; needs only ReceiveMessage and DeleteMessage
    #[arg(long, value_name = "URL", value_parser = malformed::address)]
    pub(crate) queue_url: Option<String>,

    /// Show the plan and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) credentials: Credentials,
}

/// What a new subscription hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilterArg {
    /// every status
    All,
    /// Failed and TimedOut only; progress and successes are then unknown
    Alerts,
}

/// `unsubscribe`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(group = ArgGroup::new("which").args(["topic_arn", "all", "leftover"]))]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag")]
pub(crate) struct Unsubscribe {
    /// The topic to leave; may be left out when there is only one
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<TopicArn>,

    /// Leave every topic of this data folder
    #[arg(long)]
    pub(crate) all: bool,

    /// Remove this queue of yours, left over from a machine or a data folder that is gone
    #[arg(long, value_name = "QUEUE_URL", value_parser = malformed::address)]
    pub(crate) leftover: Option<String>,

    /// With --leftover: use this profile of ~/.aws/config
    #[arg(long, value_name = "PROFILE", requires = "leftover")]
    pub(crate) profile: Option<String>,

    /// With --leftover: the region of the queue, where its URL does not say it
    #[arg(long, value_name = "REGION", requires = "leftover", value_parser = malformed::region)]
    pub(crate) region: Option<String>,

    /// With --leftover: also one that was read within the last two days, which a Watchbell elsewhere may be hearing by
    #[arg(long, requires = "leftover")]
    pub(crate) even_if_read: bool,

    /// Forget it here without a call to AWS, when its credentials are gone for good: says what stays in AWS, and the commands that remove it
    #[arg(long, conflicts_with = "leftover")]
    pub(crate) forget: bool,

    /// Do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

/// `sign-in`
#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// For which subscription; may be left out when all of them use the same credentials
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<TopicArn>,

    /// With a code that is typed on a web page, here or on another machine, instead of in a browser that is opened
    #[arg(long)]
    pub(crate) device: bool,
}

/// `subscriptions`
#[derive(Debug, Args)]
pub(crate) struct Subscriptions {
    /// Look for queues left over with this profile of ~/.aws/config, too
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,

    /// Look for queues left over in this region, too; by default the profile's or AWS_REGION
    #[arg(long, value_name = "REGION", value_parser = malformed::region)]
    pub(crate) region: Option<String>,
}
