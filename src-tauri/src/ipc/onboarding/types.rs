//! The wizard's own transport types.
//!
//! **Invariant 5:** a [`Secret`] comes in and never goes out: it has no `Serialize`, and its `Debug` shows nothing.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use specta::Type;

use super::rights::{Rights, RoleForm, SignIn};
use crate::ipc::types::Problem;

/// A secret that was typed. It is moved into the keychain and wiped when dropped.
#[derive(Debug, Clone, Type)]
pub(crate) struct Secret(#[specta(type = String)] pub(super) SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|typed| Self(typed.into()))
    }
}

/// A profile that one may sign in with.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct ProfileRow {
    pub(crate) name: String,
    pub(crate) region: Option<String>,
    /// `key`, `sso`, `login`, `environment`, `process`, `role`, `web_identity`, `unusable`.
    pub(crate) kind: String,
    /// For a role, the profile its chain begins with.
    pub(crate) source: Option<String>,
    pub(crate) trouble: Option<String>,
}

/// What there is to sign in with.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Candidates {
    pub(crate) profiles: Vec<ProfileRow>,
    /// Files that could not be read.
    pub(crate) problems: Vec<Problem>,
    /// Whether the environment holds an access key of its own.
    pub(crate) environment: bool,
    /// The region to begin with.
    pub(crate) region: String,
}

/// Who AWS says that one is.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) arn: String,
}

/// What became of a sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Entered {
    /// AWS says who one is.
    In { caller: Caller },
    /// The code of this MFA device is needed first, with `give_sign_in_code`.
    Code { serial: String },
}

/// Where one signs in through IAM Identity Center, as it was typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Portal {
    pub(crate) start_url: String,
    pub(crate) region: String,
}

/// What was chosen so far. Never a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Draft {
    /// `sign_in`, `topic`, `plan`, `check`, `preferences`; `apply` of a run that failed, which is resumed at the plan.
    pub(crate) step: String,
    pub(crate) sign_in: Option<SignIn>,
    /// As it was typed.
    pub(crate) role: Option<RoleForm>,
    pub(crate) portal: Option<Portal>,
    pub(crate) region: Option<String>,
    pub(crate) topic_arn: Option<String>,
    /// `all` or `alerts`.
    pub(crate) filter: String,
    pub(crate) queue_url: Option<String>,
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct TopicRow {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) account: String,
    /// Whether this data folder is subscribed to it already.
    pub(crate) subscribed: bool,
    /// What that lets through, `all` or `alerts`.
    pub(crate) filter: Option<String>,
}

/// The topics that match, at most 50.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct TopicList {
    pub(crate) topics: Vec<TopicRow>,
    /// How many match in all.
    pub(crate) found: u32,
    pub(crate) fifo: u32,
    /// Whether the region has more than were fetched.
    pub(crate) more: bool,
}

/// What a subscription is to be.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
pub(crate) struct Wanted {
    pub(crate) rights: Rights,
    pub(crate) topic_arn: String,
    pub(crate) filter: String,
    pub(crate) queue_url: Option<String>,
}

/// One step, as `watchbellctl subscribe` names it.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct StepRow {
    pub(crate) name: String,
    /// `planned`, `running`, `done`, `unchanged`, `failed`, `undone`.
    pub(crate) state: String,
    pub(crate) detail: String,
}

/// One call to AWS.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct CallRow {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) what: String,
    pub(crate) writes: bool,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Plan {
    pub(crate) topic_arn: String,
    pub(crate) queue_name: String,
    pub(crate) queue_arn: String,
    pub(crate) adopted: bool,
    pub(crate) steps: Vec<StepRow>,
    pub(crate) calls: Vec<CallRow>,
    pub(crate) policy: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) grants: Vec<String>,
    pub(crate) risks: Vec<String>,
}

/// How a run ended. A failed one is no error of the request: its steps say what was taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Applied {
    pub(crate) steps: Vec<StepRow>,
    pub(crate) risks: Vec<String>,
    pub(crate) problem: Option<Problem>,
    /// Whether AWS refused to make something, so that an administrator's queue is the way on.
    pub(crate) refused: bool,
}

/// The run of a set-up for a page that did not begin it.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct SetupRun {
    pub(crate) topic_arn: String,
    /// What was told so far, in order.
    pub(crate) steps: Vec<StepRow>,
}

/// What one sends to an administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Statement {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// What became of a test message through the topic.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct ProbeHeard {
    pub(crate) command_id: String,
    /// Whether it came back within a minute.
    pub(crate) heard: bool,
}

/// One subscription as it is remembered here.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct SubscriptionRow {
    pub(crate) topic_arn: String,
    pub(crate) filter: String,
    pub(crate) adopted: bool,
    pub(crate) paused: bool,
    /// Whether leaving it was begun and is not finished.
    pub(crate) leaving: bool,
    pub(crate) sign_in: SignIn,
    pub(crate) role: Option<RoleForm>,
    pub(crate) created_at: String,
}

/// What stays although it should have gone.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct LeftRow {
    pub(crate) what: String,
    pub(crate) problem: Problem,
}

/// What became of each part of something that was left.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Receipt {
    pub(crate) at: String,
    pub(crate) removed: Vec<String>,
    pub(crate) kept: Vec<String>,
    pub(crate) left: Vec<LeftRow>,
    /// What left the keychain.
    pub(crate) forgotten: Vec<String>,
    /// The commands that remove what was only forgotten here.
    pub(crate) by_hand: Vec<String>,
}

/// A queue of this person's that nothing here reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct LeftoverRow {
    pub(crate) queue_url: String,
    pub(crate) region: String,
    pub(crate) host: Option<String>,
    pub(crate) topic_arn: Option<String>,
    pub(crate) created: Option<String>,
    pub(crate) last_seen: Option<String>,
    pub(crate) here: bool,
    /// Whether it was read so lately that somebody may be hearing by it.
    pub(crate) fresh: bool,
    pub(crate) found_by: FoundBy,
}

/// Whose rights found it, and remove it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum FoundBy {
    /// Those of a subscription of this data folder.
    Subscription { topic_arn: String },
    /// A profile of the person's AWS config; without a name, what the environment says.
    Profile { name: Option<String> },
}

/// Where to look for them when nothing is subscribed.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
pub(crate) struct Elsewhere {
    pub(crate) profile: Option<String>,
    pub(crate) region: String,
}

/// What came of looking for them.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Leftovers {
    pub(crate) queues: Vec<LeftoverRow>,
    pub(crate) problems: Vec<Problem>,
}
