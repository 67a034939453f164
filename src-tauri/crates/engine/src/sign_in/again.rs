//! How one signs in again for a subscription, in words and as something that a press of a button can begin.
//!
//! **Invariant:** decided from what is remembered alone; nothing is called or read here.

use super::place::Place;
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
pub fn way_back(record: &SubscriptionRecord) -> Option<&'static str> {
    match way_of(record) {
        Way::IdentityCenter(_) => Some(SIGN_IN),
        Way::AccessKey(id) if crate::keychain::is_temporary(&id) => Some(
            "a temporary key has an end and cannot be renewed: subscribe again with a new one, and its session token on the second line of stdin",
        ),
        Way::Profile(_) | Way::AccessKey(_) => None,
    }
}
