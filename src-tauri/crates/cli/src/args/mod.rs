//! What a person may type: the commands, their flags, and the help that teaches them.
//!
//! **Invariant:** every flag here works today; a command that does not work yet is not shown. A value that cannot be right (a
//! malformed ARN, a FIFO topic, a broken search) is refused here, before any file is opened and any call is made.

#![expect(clippy::doc_markdown, reason = "these comments are the help on a terminal, where backticks are noise")]

mod doctor;
mod examples;
mod export;
mod iam;
mod malformed;
mod moment;
mod numbers;
mod ringing;
mod windows;

use std::ffi::OsString;
use std::path::Path;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use watchbell_core::arn::TopicArn;

pub(crate) use doctor::Doctor;
pub(crate) use export::{Export, Format};
pub(crate) use iam::Iam;
pub(crate) use moment::Moment;
pub(crate) use ringing::{Quiet, QuietAction, QuietSet, Rules, RulesAction, Snooze, SnoozeFor, WatchCommand, YesNo};
pub(crate) use windows::{AddWindow, Preview, When, Windows, WindowsAct};

/// The command line of `watchbellctl`.
#[derive(Debug, Parser)]
#[command(
    name = "watchbellctl",
    version,
    about = "Hear Systems Manager commands fail, from a terminal",
    long_about = examples::ABOUT,
    after_help = examples::ROOT,
    max_term_width = 100,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Print JSON on stdout: one document, or one object a line for `watch`, `history` and `quarantine`
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// The data folder, by default the platform's own for watchbell
    #[arg(long, global = true, value_name = "FOLDER", env = "WATCHBELL_DATA_DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<OsString>,

    /// Send every AWS call to this address instead of AWS's own
    #[arg(long, global = true, value_name = "URL", value_parser = malformed::address)]
    pub(crate) endpoint_url: Option<String>,
}

/// The commands, in the order of a first day with Watchbell.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make (or adopt) a personal queue and subscribe it to the topic of your commands
    #[command(long_about = examples::SUBSCRIBE_ABOUT, after_help = examples::SUBSCRIBE)]
    Subscribe(Subscribe),
    /// Take the subscription and the queue away again, and forget the secret
    #[command(long_about = examples::UNSUBSCRIBE_ABOUT, after_help = examples::UNSUBSCRIBE)]
    Unsubscribe(Unsubscribe),
    /// Sign in again when credentials have ended: in the browser, or with the code of an MFA device
    #[command(long_about = examples::SIGN_IN_ABOUT, after_help = examples::SIGN_IN)]
    SignIn(SignIn),
    /// List the subscriptions of this data folder, and queues of yours left over elsewhere
    #[command(long_about = examples::SUBSCRIPTIONS_ABOUT, after_help = examples::SUBSCRIPTIONS)]
    Subscriptions(Subscriptions),
    /// Receive, store and alert until Ctrl-C or SIGTERM
    #[command(long_about = examples::WATCH_ABOUT, after_help = examples::WATCH)]
    Watch(Watch),
    /// Say whether Watchbell can hear, and what failed
    #[command(long_about = examples::STATUS_ABOUT, after_help = examples::STATUS)]
    Status,
    /// List commands, newest first
    #[command(long_about = examples::HISTORY_ABOUT, after_help = examples::HISTORY)]
    History(History),
    /// Show one command: its nodes, every event and every alert decision
    #[command(long_about = examples::SHOW_ABOUT, after_help = examples::SHOW)]
    Show(Show),
    /// List the messages that could not be read, and why
    #[command(long_about = examples::QUARANTINE_ABOUT, after_help = examples::QUARANTINE)]
    Quarantine(Quarantine),
    /// List maintenance windows: past runs, the open one and those to come; type windows in
    #[command(long_about = examples::WINDOWS_ABOUT, after_help = examples::WINDOWS)]
    Windows(Windows),
    /// Acknowledge the failures of one command, or of all
    #[command(long_about = examples::ACK_ABOUT, after_help = examples::ACK)]
    Ack(Ack),
    /// Hold new alerts back for a while; what they would have told comes as one alert at the end
    #[command(long_about = examples::SNOOZE_ABOUT, after_help = examples::SNOOZE)]
    Snooze(Snooze),
    /// Wait until one command has ended
    #[command(long_about = examples::WATCH_COMMAND_ABOUT, after_help = examples::WATCH_COMMAND)]
    WatchCommand(WatchCommand),
    /// List, share, try and clear the rules by which failures ring, stay quiet or are muted
    #[command(long_about = examples::RULES_ABOUT, after_help = examples::RULES)]
    Rules(Rules),
    /// Show or set the hours in which alerts wait
    #[command(long_about = examples::QUIET_ABOUT, after_help = examples::QUIET)]
    Quiet(Quiet),
    /// Print the history as JSON, CSV or a report
    #[command(long_about = examples::EXPORT_ABOUT, after_help = examples::EXPORT)]
    Export(Export),
    /// Feed a realistic patch run in, to see what Watchbell does with it
    #[command(long_about = examples::SIMULATE_ABOUT, after_help = examples::SIMULATE)]
    Simulate(Simulate),
    /// Find out why nothing is heard, a check at a time, each with its fix
    #[command(long_about = doctor::ABOUT, after_help = doctor::EXAMPLES)]
    Doctor(Doctor),
    /// Print the IAM roles and rights that notifications need, filled in, or compare the account with them
    #[command(long_about = iam::ABOUT, after_help = iam::EXAMPLES)]
    Iam(Box<Iam>),
    /// Print the completions of a shell
    #[command(long_about = examples::COMPLETIONS_ABOUT, after_help = examples::COMPLETIONS)]
    Completions(Completions),
}

/// Which credentials to use: flags that `subscribe` stores with the subscription (the secret goes to the OS keychain).
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct Credentials {
    /// Use this profile of ~/.aws/config (otherwise AWS_PROFILE and the SDK's own chain)
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["access_key_id", "sso_start_url"])]
    pub(crate) profile: Option<String>,

    /// Use this access key; its secret is read from stdin and kept in the OS keychain, and so is, from the second line, the
    /// session token of a temporary key (ASIA...)
    #[arg(long, value_name = "ID", value_parser = malformed::access_key_id, conflicts_with = "sso_start_url")]
    pub(crate) access_key_id: Option<String>,

    #[command(flatten)]
    pub(crate) center: Center,

    /// Assume this role with those credentials
    #[arg(long, value_name = "ARN", value_parser = malformed::role_arn)]
    pub(crate) role_arn: Option<String>,

    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID", value_parser = malformed::external_id, requires = "role_arn")]
    pub(crate) external_id: Option<String>,

    /// The MFA device that the role's trust policy asks for; its code is asked on the terminal, or read as a line of stdin
    #[arg(long, value_name = "ARN", value_parser = malformed::mfa_serial, requires = "role_arn")]
    pub(crate) mfa_serial: Option<String>,
}

/// IAM Identity Center: where to sign in, and which account and role to use.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Center {
    /// Sign in through IAM Identity Center: the start URL of your organisation's access portal
    #[arg(long, value_name = "URL", requires = "sso_region", value_parser = malformed::address)]
    pub(crate) sso_start_url: Option<String>,

    /// The region of IAM Identity Center, which need not be the topic's
    #[arg(long, value_name = "REGION", requires = "sso_start_url", value_parser = malformed::region)]
    pub(crate) sso_region: Option<String>,

    /// The account to use, of those that the portal shows; may be left out when there is only one
    #[arg(long, value_name = "ID", requires = "sso_start_url", value_parser = malformed::account_id)]
    pub(crate) account_id: Option<String>,

    /// The role to use in it (the permission set's name); may be left out when there is only one
    #[arg(long, value_name = "NAME", requires = "sso_start_url")]
    pub(crate) role_name: Option<String>,

    /// Sign in with a code that is typed on a web page, here or on another machine, instead of in a browser that is opened
    #[arg(long, requires = "sso_start_url")]
    pub(crate) device: bool,
}

/// `subscribe`
#[derive(Debug, Args)]
pub(crate) struct Subscribe {
    /// The SNS topic that Systems Manager publishes to
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: TopicArn,

    /// The region of the queue, by default the topic's
    #[arg(long, value_name = "REGION", value_parser = malformed::region)]
    pub(crate) region: Option<String>,

    /// Which statuses the topic should send: all, or alerts (failed and timed out only)
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = FilterArg::All)]
    pub(crate) filter: FilterArg,

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
#[command(group = ArgGroup::new("which").args(["topic_arn", "all", "leftover"]))]
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

/// `watch`
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Drain what is queued, then end: after two empty polls on each queue, with everything stored, deleted and alerted
    #[arg(long)]
    pub(crate) once: bool,
}

/// `history`
#[derive(Debug, Args)]
pub(crate) struct History {
    /// Only these states: pending, in_progress, success, failed, timed_out, cancelled, or AWS's own word
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<String>,

    /// Only commands heard from since then: 7d, 2h, 2026-11-01 or an RFC 3339 time
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Moment>,

    /// Only commands last heard from before then
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<Moment>,

    /// Only this document; * stands for any letters
    #[arg(long, value_name = "GLOB")]
    pub(crate) document: Option<String>,

    /// Only commands that ran on this node
    #[arg(long, value_name = "NODE_ID")]
    pub(crate) node: Option<String>,

    /// Search as in the window: "status:failed document:AWS-RunPatch* since:7d words"
    #[arg(long, value_name = "QUERY")]
    pub(crate) search: Option<String>,

    /// At most so many commands
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Go on behind this cursor, the `cursor` of the last line of the page before
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The command's id, as `history` prints it
    #[arg(value_name = "COMMAND_ID")]
    pub(crate) command_id: String,
}

/// `quarantine`
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    /// At most so many messages
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Go on behind this cursor
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

/// `ack`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["command_id", "all"]).required(true))]
pub(crate) struct Ack {
    /// The command's id, as `history` prints it
    #[arg(value_name = "COMMAND_ID")]
    pub(crate) command_id: Option<String>,

    /// Every command whose failures are not acknowledged yet
    #[arg(long)]
    pub(crate) all: bool,
}

/// `simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Nodes that the command runs on
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = numbers::nodes())]
    pub(crate) nodes: u32,

    /// Of them, nodes that fail
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = numbers::some_nodes())]
    pub(crate) fail: u32,

    /// Of them, nodes that run over their time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = numbers::some_nodes())]
    pub(crate) time_out: u32,

    /// Publish the messages to the topic: everyone who is subscribed to it gets them
    #[arg(long)]
    pub(crate) publish: bool,

    /// The topic to publish to, or to pretend; may be left out when there is only one subscription
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<TopicArn>,

    /// With --publish: do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

impl Global {
    /// The data folder that was named; an empty name counts as none, as an empty variable does in a script.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.data_dir.as_deref().filter(|path| !path.is_empty()).map(Path::new)
    }
}

#[cfg(test)]
mod tests;
