//! `iam`: its flags, and the help that teaches them.
//!
//! **Invariant:** without `--check` no flag is sent to AWS: what is typed ends in text that an administrator reads first. A role that cannot
//! work is refused here, with the reason.

use clap::{Args, ValueEnum};
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::iam::{AskError, DEFAULT_SNS_ROLE, Format, KeyArn, Principal};

use super::malformed;

pub(super) const ABOUT: &str = "\
Print the roles and rights that notifications need, filled in for your topic: Tasks 2 to 5 of the AWS guide \"Monitoring Systems \
Manager status changes using Amazon SNS notifications\", and the least that a person needs to use Watchbell. Each comes with what \
it is for and where it goes.

Without --check it makes no AWS call and changes nothing: hand the text to whoever administers the account, or apply it yourself. A role given by its \
name is one to be made; one given by its ARN exists, and its trust policy is only shown.

--check reads what the account has and says of each statement whether it is there, by its meaning and not by its letters; of the \
topic, whether it exists; and of the keys, whether they are those that were named. It needs sns:GetTopicAttributes and, on the roles \
and the user, iam:GetRole and iam's List and Get calls for policies; what may not be read, and what hangs on a condition that cannot \
be seen from here, is said. It exits 0 when everything is there and 1 when something is missing or could not be looked at.";

pub(super) const EXAMPLES: &str = "\
Examples:
  # to read, or to paste into the IAM console
  watchbellctl iam --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify

  # for maintenance windows, an encrypted topic and a named user, as Terraform
  watchbellctl iam --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify \\
    --kms-key arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab \\
    --window-role patch-window --user ann --format terraform > iam.tf

  # a person who only reads a queue that you made for them
  watchbellctl iam --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify \\
    --queue-arn arn:aws:sqs:eu-central-1:123456789012:on-call --user ann

  # what of it the account has already
  watchbellctl iam --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify \\
    --user ann --check --profile admin

  # the person's policy alone
  watchbellctl iam --topic-arn arn:aws:sns:eu-central-1:123456789012:ssm-notify --json |
    jq '.documents[] | select(.kind == \"person_permission\" and .task == null) | .policy'";

/// `iam`
#[derive(Debug, Args)]
pub(crate) struct Iam {
    /// The SNS topic that Systems Manager publishes to
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: TopicArn,

    /// The role as which Systems Manager publishes: a name to be made, or the ARN of one that exists
    #[arg(long, value_name = "NAME", default_value = DEFAULT_SNS_ROLE, value_parser = role)]
    pub(crate) sns_role: Principal,

    /// The custom service role of your maintenance windows, if they are to notify
    #[arg(long, value_name = "NAME", value_parser = role)]
    pub(crate) window_role: Option<Principal>,

    /// Who sends commands and uses Watchbell: a user's name, or the ARN of a user, group or role
    #[arg(long, value_name = "NAME", value_parser = person)]
    pub(crate) user: Option<Principal>,

    /// The customer managed KMS key that the topic is encrypted with
    #[arg(long, value_name = "ARN")]
    pub(crate) kms_key: Option<KeyArn>,

    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = FormatArg::Json)]
    pub(crate) format: FormatArg,

    /// Print nothing of it, but compare it with what the account has: present, missing, or not to be looked at
    #[arg(long, conflicts_with = "format")]
    pub(crate) check: bool,

    /// With --check: look with this profile of ~/.aws/config (otherwise AWS_PROFILE and the SDK's own chain)
    #[arg(long, value_name = "PROFILE", requires = "check")]
    pub(crate) profile: Option<String>,

    /// Let the user also read commands and maintenance windows from Systems Manager
    #[arg(long)]
    pub(crate) read_commands: bool,

    /// Trust Systems Manager for this account only; not confirmed for notifications, so test it
    #[arg(long)]
    pub(crate) confine_trust: bool,

    /// The region of the user's queue, by default the topic's
    #[arg(long, value_name = "REGION", value_parser = malformed::region)]
    pub(crate) queue_region: Option<String>,

    /// The account of the user and their queue, by default the topic's
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) queue_account: Option<String>,

    /// A queue that you make and subscribe yourself: the user only reads it
    #[arg(long, value_name = "ARN", conflicts_with_all = ["queue_region", "queue_account"])]
    pub(crate) queue_arn: Option<QueueArn>,

    /// The customer managed KMS key that this queue is encrypted with
    #[arg(long, value_name = "ARN", requires = "queue_arn")]
    pub(crate) queue_kms_key: Option<KeyArn>,
}

/// A language for the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// the policies under headings
    Json,
    /// HCL for the AWS provider
    Terraform,
    /// a template in YAML
    #[value(name = "cloudformation")]
    CloudFormation,
    /// lines for the aws CLI in bash or zsh
    Cli,
}

impl From<FormatArg> for Format {
    fn from(typed: FormatArg) -> Self {
        match typed {
            FormatArg::Json => Self::Json,
            FormatArg::Terraform => Self::Terraform,
            FormatArg::CloudFormation => Self::CloudFormation,
            FormatArg::Cli => Self::AwsCli,
        }
    }
}

pub(super) fn role(typed: &str) -> Result<Principal, AskError> {
    Principal::role(typed)
}

fn person(typed: &str) -> Result<Principal, AskError> {
    Principal::person(typed)
}
