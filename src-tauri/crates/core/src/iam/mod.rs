//! The administrator's half of the guide, filled in: Tasks 2 to 5 and the rights of the person at the desktop, as IAM documents.
//!
//! The guide is "Monitoring Systems Manager status changes using Amazon SNS notifications" of the SSM user guide. Its policies are
//! written for one partition and with words to replace; here they come for the partition, account, topic and roles at hand.
//!
//! **Invariant:** pure, and a total order: equal questions give equal documents, byte for byte, so that they can be reviewed and kept
//! under version control. What AWS would refuse, or would accept and then silently not do, is refused here with the reason.
//! Never here: looking at what the account has.

mod ask;
mod desktop;
mod document;
mod error;
mod key;
mod partition;
mod policy;
mod principal;
mod render;
mod sender;

pub use ask::{Ask, DEFAULT_SNS_ROLE, PersonalQueue};
pub use document::{Document, Documents, Kind, Target};
pub use error::AskError;
pub use key::KeyArn;
pub use policy::{OneOrMany, Policy, Statement, StatementPrincipal};
pub use principal::{Principal, PrincipalKind};
pub use render::{Format, render};

/// Every document that the setup needs, in the order of the guide's tasks; then those of the desktop.
pub fn documents(ask: &Ask) -> Result<Documents, AskError> {
    ask.check()?;
    let mut list = sender::documents(ask);
    list.extend(desktop::documents(ask));
    Ok(Documents::new(ask.clone(), list))
}
