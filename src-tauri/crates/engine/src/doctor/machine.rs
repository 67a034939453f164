//! This machine: the data folder, the engine that runs on it, the desktop's notifications and its keychain.
//!
//! **Invariant:** looks and changes nothing; each look ends within 2 s, and none asks the person anything.

use std::time::Duration;

use futures_util::future::join_all;
use watchbell_core::health::SubscriptionState;

use super::report::{Check, Of, Stage};
use crate::alerts;
use crate::aws::identity::chain;
use crate::control;
use crate::error::{Code, Problem};
use crate::keychain::{ChildStore, KeychainError, Patience, SecretStore};
use crate::lock::EngineLock;
use crate::paths::DataDir;
use crate::store::{CredentialSource, Reader, SubscriptionRecord};
use crate::view::{EngineState, StatusReport};

const FOLDER: Of = Of(Stage::Machine, "data_folder");
const ENGINE: Of = Of(Stage::Machine, "engine");
const NOTIFICATIONS: Of = Of(Stage::Machine, "notifications");
const KEYCHAIN: Of = Of(Stage::Machine, "keychain");

/// A running engine answers at once.
const ANSWERS: Duration = Duration::from_secs(3);

/// An item that nobody has: a keychain that answers says so.
const NO_ITEM: &str = "watchbell-doctor-looks-whether-it-answers";

/// The folder, and the subscriptions in it.
pub(super) fn folder(dir: &Result<DataDir, Problem>) -> (Check, Vec<SubscriptionRecord>) {
    let dir = match dir {
        Ok(dir) => dir,
        Err(problem) => return (FOLDER.failed_by(problem), Vec::new()),
    };
    match Reader::open(dir).and_then(|reader| reader.subscriptions()) {
        Ok(records) => {
            let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
            let found =
                format!("{}, {} in it", dir.root().display(), watchbell_core::words::plural(count, "subscription"));
            (FOLDER.ok(found), records)
        }
        Err(error) => (FOLDER.failed_by(&Problem::from(error)), Vec::new()),
    }
}

/// Whether an engine runs on the folder, and what it says of itself.
pub(super) async fn engine(dir: &Result<DataDir, Problem>, subscribed: bool) -> (Check, Option<StatusReport>) {
    let Ok(dir) = dir else { return (ENGINE.after("data_folder"), None) };
    let Some(holder) = EngineLock::holder(dir) else {
        let start = "start Watchbell, or watchbellctl watch";
        let check = if subscribed {
            ENGINE.failed("no engine is running, so nothing is heard", start)
        } else {
            ENGINE.skipped_but("no engine is running, and nothing is subscribed yet", start)
        };
        return (check, None);
    };
    match tokio::time::timeout(ANSWERS, control::status(dir)).await.unwrap_or_else(|_late| Err(hung(holder.pid))) {
        Ok(status) if status.engine == EngineState::Running => {
            let found = format!("{} runs (process {})", holder.who, holder.pid);
            let check = match status.problems.first() {
                Some(problem) => ENGINE.failed(format!("{found}: {}", problem.message), &problem.hint),
                None => ENGINE.ok(found),
            };
            (check, Some(status))
        }
        Ok(_) => {
            let found = format!("{} (process {}) holds the data folder and does not answer", holder.who, holder.pid);
            (ENGINE.failed(found, format!("end process {} and start Watchbell again", holder.pid)), None)
        }
        Err(problem) => (ENGINE.failed_by(&problem), None),
    }
}

fn hung(pid: u32) -> Problem {
    let message = format!("the running Watchbell (process {pid}) does not answer within {} s", ANSWERS.as_secs());
    Problem::new(Code::No, message, format!("end process {pid} and start Watchbell again"))
}

/// Whether something shows alerts on this desktop.
pub(super) async fn notifications() -> Check {
    match alerts::server().await {
        Ok(Some(name)) => NOTIFICATIONS.ok(format!("{name} shows alerts")),
        Ok(None) => NOTIFICATIONS.skipped("this system does not tell what shows its alerts"),
        Err(problem) => NOTIFICATIONS.failed_by(&problem),
    }
}

/// Whether something of a subscription lies in the keychain: a secret, the tokens of a sign-in, or the session that a device's code opened.
async fn keeps_secret(record: &SubscriptionRecord) -> bool {
    match &record.credentials {
        CredentialSource::AccessKey { .. } | CredentialSource::IdentityCenter { .. } => true,
        CredentialSource::Profile { name } => {
            record.role_terms.mfa_serial.is_some() || chain::with_mfa(name.as_deref()).await.is_some()
        }
    }
}

/// Whether a keychain answers. Without a secret in it, it is not needed.
pub(super) async fn keychain(records: &[SubscriptionRecord]) -> Check {
    let needed = join_all(records.iter().map(keeps_secret)).await.contains(&true);
    let asked = match ChildStore::of_this_program() {
        Ok(store) => store.get(NO_ITEM, Patience::Background).await.map(drop),
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) | Err(KeychainError::NotFound(_)) => KEYCHAIN.ok("it answers, and is unlocked"),
        Err(error) if needed => KEYCHAIN.failed_by(&Problem::from(error)),
        Err(error) => KEYCHAIN.skipped_but(format!("{error}; no subscription here keeps a secret in it"), error.hint()),
    }
}

/// What the running engine says of a subscription's polls.
pub(super) fn hearing(status: Option<&StatusReport>, record: &SubscriptionRecord) -> Option<Check> {
    const RECEIVE: Of = Of(Stage::Queue, "receive");
    let lines = &status?.subscriptions;
    let line = lines.iter().find(|line| line.topic_arn == record.topic_arn.as_str())?;
    let reason = line.reason.clone().unwrap_or_default();
    Some(match line.state {
        SubscriptionState::Paused => RECEIVE.skipped("the subscription is paused"),
        // What the engine sees besides its polls has checks of its own.
        SubscriptionState::Ok | SubscriptionState::Unchecked | SubscriptionState::SubscriptionMissing => {
            let waiting = line.backlog.map(|count| format!("; {count} waiting")).unwrap_or_default();
            RECEIVE.ok(format!("the engine's polls complete{waiting}"))
        }
        SubscriptionState::Connecting if reason.is_empty() => RECEIVE.skipped("the engine is still connecting"),
        _ => {
            let problem = Problem::new(Code::Blind, reason, line.hint.clone().unwrap_or_default());
            RECEIVE.failed_by(&problem)
        }
    })
}
