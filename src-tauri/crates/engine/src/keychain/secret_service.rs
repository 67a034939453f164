//! Asks the session bus whether a Secret Service is there and whether it is locked, without a prompt.
//!
//! **Invariant:** nothing here can block on the person: only names and properties are read (Secret Service API, drafts
//! of freedesktop.org: `ReadAlias`, property `Locked`).

use std::time::Duration;

use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, Proxy};

use super::KeychainError;

const NAME: &str = "org.freedesktop.secrets";

/// A service that is there but hung is given up after this, in seconds: with the start of this program it is named in under 5. In the
/// background the parent kills us before.
const LOOK_WITHIN: u64 = 4;

/// Whether a keyring call can be made now. A locked collection is let through when the keychain may prompt.
pub(super) fn ready(may_prompt: bool) -> Result<(), KeychainError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| KeychainError::Failed(error.to_string()))?;
    let outcome = runtime.block_on(async {
        match tokio::time::timeout(Duration::from_secs(LOOK_WITHIN), look()).await {
            Ok(outcome) => outcome,
            Err(_late) => Err(KeychainError::TimedOut(LOOK_WITHIN)),
        }
    });
    runtime.shutdown_background();
    match outcome {
        Ok(Collection::Unlocked) => Ok(()),
        Ok(Collection::Locked) if may_prompt => Ok(()),
        Ok(Collection::Locked) => Err(KeychainError::Locked),
        Err(error) => Err(error),
    }
}

enum Collection {
    Unlocked,
    Locked,
}

async fn look() -> Result<Collection, KeychainError> {
    let bus = Connection::session()
        .await
        .map_err(|error| KeychainError::Missing(format!("there is no session bus ({error})")))?;
    let service = Proxy::new(&bus, NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")
        .await
        .map_err(|error| missing(&error))?;
    let default: OwnedObjectPath = service.call("ReadAlias", &("default",)).await.map_err(|error| missing(&error))?;
    if default.as_str() == "/" {
        return Err(KeychainError::Missing(
            "the Secret Service has no default collection yet; make one in the desktop's password program".to_owned(),
        ));
    }
    let collection =
        Proxy::new(&bus, NAME, default, "org.freedesktop.Secret.Collection").await.map_err(|error| missing(&error))?;
    let locked: bool = collection.get_property("Locked").await.map_err(|error| missing(&error))?;
    Ok(if locked { Collection::Locked } else { Collection::Unlocked })
}

fn missing(error: &zbus::Error) -> KeychainError {
    let text = match error {
        zbus::Error::MethodError(name, _, _) if name.as_str().ends_with("ServiceUnknown") => {
            "no program offers the Secret Service on the session bus".to_owned()
        }
        zbus::Error::FDO(inner) if matches!(**inner, zbus::fdo::Error::ServiceUnknown(_)) => {
            "no program offers the Secret Service on the session bus".to_owned()
        }
        other => format!("the Secret Service cannot be asked ({other})"),
    };
    KeychainError::Missing(text)
}
