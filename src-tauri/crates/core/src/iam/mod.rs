//! The administrator's half of the guide, filled in: Tasks 2 to 5 and the rights of the person at the desktop, as IAM documents.
//!
//! The guide is "Monitoring Systems Manager status changes using Amazon SNS notifications" of the SSM user guide. Its policies are
//! written for one partition and with words to replace; here they come for the partition, account, topic and roles at hand.
//!
//! **Invariant:** pure, and a total order: equal questions give equal documents, byte for byte, so that they can be reviewed and kept
//! under version control. What AWS would refuse, or would accept and then silently not do, is refused here with the reason.
//! Never here: asking AWS what the account has; what it said is compared here ([`compare`]).

mod ask;
mod caller;
mod condition;
mod desktop;
mod document;
mod element;
mod error;
mod held;
mod key;
mod key_use;
mod notify;
mod partition;
mod policy;
mod principal;
mod publishing;
mod queue_use;
mod render;
mod sender;

pub use ask::{Ask, DEFAULT_SNS_ROLE, PersonalQueue};
pub use document::{Document, Documents, Kind, Target};
pub use error::AskError;
pub use held::{Found, HeldPolicy, compare};
pub use key::KeyArn;
pub use key_use::{KeyUse, KeyUser, key_use};
pub use notify::{NotifyLines, notify_lines};
pub use policy::{OneOrMany, Policy, Statement, StatementPrincipal};
pub use principal::{Principal, PrincipalKind};
pub use publishing::{Encryption, publishing_denied};
pub use queue_use::{LetsIn, lets_in};
pub use render::{Format, render};

/// Every document that the setup needs, in the order of the guide's tasks; then those of the desktop.
pub fn documents(ask: &Ask) -> Result<Documents, AskError> {
    ask.check()?;
    let mut list = sender::documents(ask);
    list.extend(desktop::documents(ask));
    Ok(Documents::new(ask.clone(), list))
}
