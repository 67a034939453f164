//! Why the keychain did not give or take a secret, each with its own way out.

use serde::{Deserialize, Serialize};

use crate::error::{Code, Problem};

/// A refusal of the keychain. None of these carries a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum KeychainError {
    /// No keychain answers: no Secret Service on the bus, no bus, or one without a default collection.
    #[error("no keychain is running: {0}")]
    Missing(String),
    /// It is there, but locked.
    #[error("the keychain is locked")]
    Locked,
    /// No answer within the time that was given; the child was killed.
    #[error("the keychain did not answer within {0} s")]
    TimedOut(u64),
    /// It refused, or the person dismissed its question.
    #[error("the keychain refused: {0}")]
    Denied(String),
    /// There is no such item.
    #[error("the keychain has no item \"{0}\"")]
    NotFound(String),
    /// Something else failed, such as the child process itself.
    #[error("the keychain failed: {0}")]
    Failed(String),
}

impl KeychainError {
    /// What to do next, in one or two sentences.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(_) => {
                "Start a keychain that offers the Secret Service (gnome-keyring, KWallet 6 or KeePassXC), or use \
                an AWS profile in place of an access key."
                    .to_owned()
            }
            Self::Locked => {
                "Unlock the keychain: sign in to the desktop, or open its password program. Watchbell goes on by \
                itself then."
                    .to_owned()
            }
            Self::TimedOut(_) => {
                "Look for a prompt of the keychain behind other windows, answer it, and try again.".to_owned()
            }
            Self::Denied(_) => "Allow Watchbell to use the keychain and try again.".to_owned(),
            Self::NotFound(_) => {
                "Give the key again, which stores it anew: press New key… in the window, or run watchbellctl subscribe \
                --access-key-id."
                    .to_owned()
            }
            Self::Failed(_) => "Try again; when it stays so, use an AWS profile in place of an access key.".to_owned(),
        }
    }

    /// Whether it may heal without the person touching Watchbell.
    pub fn may_heal(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Locked | Self::TimedOut(_) | Self::Failed(_))
    }
}

impl From<KeychainError> for Problem {
    fn from(error: KeychainError) -> Self {
        Problem::new(Code::Keychain, error.to_string(), error.hint())
    }
}
