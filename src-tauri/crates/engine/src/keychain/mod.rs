//! Secrets, in the operating system's keychain and nowhere else.
//!
//! **Invariant:** a secret passes from the person's stdin to the keychain and from there to the request signer; it is
//! never in argv, an environment, a file, a log or a `Debug`. No keychain is an error, never a fall-back to plain text.
//!
//! The real store is a short-lived child of the same binary ([`ChildStore`]): the keyring library fixes its store once a
//! process and blocks for ever on a locked keychain, while a child can be killed, and the next one starts afresh, so
//! that a keychain which is unlocked, started or restarted later is found without a restart of the app.

mod child;
mod error;
#[cfg(test)]
mod memory;
mod parent;
mod parts;
#[cfg(target_os = "linux")]
mod secret_service;
mod wire;

use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

pub use child::{CHILD_FLAG, run_child_if_asked};
pub use error::KeychainError;
#[cfg(test)]
pub(crate) use memory::MemoryStore;
pub use parent::ChildStore;

/// The name under which every item of ours is filed.
pub const SERVICE: &str = "watchbell";

/// The most bytes of one item: the cap of the Windows credential manager, kept everywhere so that there is one way to test. A
/// longer secret is laid into several items and put together again; whoever asks for it does not notice.
pub const MAX_SECRET: usize = 2560;

/// How long a keychain may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// 2 s, and never a prompt: the engine asks while nobody looks.
    Background,
    /// 60 s, and the keychain may prompt: the person is at the keyboard.
    Asked,
}

impl Patience {
    /// The time after which the child is killed.
    pub fn limit(self) -> Duration {
        match self {
            Self::Background => Duration::from_secs(2),
            Self::Asked => Duration::from_mins(1),
        }
    }
}

/// A place that keeps secrets by the name of their item.
pub trait SecretStore: Send + Sync {
    /// The secret of an item, or [`KeychainError::NotFound`].
    fn get<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>>;

    /// Stores or replaces the secret of an item, and reads it back.
    fn set<'a>(
        &'a self,
        item: &'a str,
        secret: &'a SecretString,
        patience: Patience,
    ) -> BoxFuture<'a, Result<(), KeychainError>>;

    /// Removes an item and looks that it is gone. One that is not there is [`KeychainError::NotFound`].
    fn delete<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<(), KeychainError>>;
}

/// The item that holds the secret of an access key.
pub fn access_key_item(access_key_id: &str) -> String {
    format!("aws-secret-access-key/{access_key_id}")
}

/// The item that holds the session token of a temporary access key.
pub fn session_token_item(access_key_id: &str) -> String {
    format!("aws-session-token/{access_key_id}")
}

/// The item that says which session a code of an MFA device opened; its secret and its token have items of their own. No secret is
/// in `what`, which tells who signed in to what.
pub fn mfa_session_item(what: &str) -> String {
    format!("aws-mfa-session/{what}")
}

/// The item that holds a token of IAM Identity Center, or the registration with it.
pub fn identity_center_item(kind: &str, start_url: &str, region: &str) -> String {
    format!("aws-identity-center-{kind}/{region}/{start_url}")
}

/// Whether an access key is a temporary one, which needs a session token: AWS begins its id with `ASIA` (IAM user guide,
/// "Unique identifiers").
pub fn is_temporary(access_key_id: &str) -> bool {
    access_key_id.starts_with("ASIA")
}
