//! How one signs in again for a subscription, in words and as something that a press of a button can begin.
//!
//! **Invariant:** decided from what is remembered, and for a profile from the person's AWS config; nothing is called here.

use super::place::Place;
use crate::aws::identity::tools::login_of;
use crate::store::{CredentialSource, SubscriptionRecord};

/// What a person does whose sign-in through us has ended.
pub(super) const SIGN_IN: &str = "sign in again: press Sign in… in the tray, or run watchbellctl sign-in";

/// The way back in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The browser.
    IdentityCenter(Place),
    /// The person's own AWS tools, or a code of an MFA device where the profile names one.
    Profile(Option<String>),
    /// Another key, given when subscribing.
    AccessKey(String),
}

/// The way back in for this subscription. A role on top of it that wants a code is asked of its access.
pub fn way_of(record: &SubscriptionRecord) -> Way {
    match &record.credentials {
        CredentialSource::Profile { name } => Way::Profile(name.clone()),
        CredentialSource::AccessKey { id } => Way::AccessKey(id.clone()),
        CredentialSource::IdentityCenter { place, .. } => Way::IdentityCenter(place.clone()),
    }
}

/// The hint beside AWS's own word that a session has ended, where we know better than AWS's answer how to begin the next one.
pub async fn way_back(record: &SubscriptionRecord) -> Option<String> {
    match way_of(record) {
        Way::IdentityCenter(_) => Some(SIGN_IN.to_owned()),
        Way::AccessKey(id) if crate::keychain::is_temporary(&id) => Some(
            "a temporary key has an end and cannot be renewed: give a new one with its session token (New key… in the window, or watchbellctl subscribe --access-key-id)"
                .to_owned(),
        ),
        Way::Profile(name) => {
            let login = login_of(name.as_deref()).await.command();
            Some(format!("sign in again ({login}), or mend the profile's credential_process"))
        }
        Way::AccessKey(_) => None,
    }
}

/// The profile that credentials are of: without a name the one that the variables choose.
pub(crate) fn profile_or_chosen(name: Option<&str>) -> String {
    let chosen = || std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    name.map(str::to_owned).or_else(chosen).unwrap_or_else(|| "default".to_owned())
}
