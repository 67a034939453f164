//! Signing in through IAM Identity Center, and again when what was signed in with has ended.
//!
//! In the system browser with PKCE, else with a code that is typed on another page; then a token that is renewed while AWS lets it,
//! and with it the credentials of one role of one account (IAM Identity Center OIDC and portal API references).
//!
//! **Invariants:** tokens and the registration lie in the keychain, one an item, and nowhere else; no address that is opened and no
//! word that is told holds one. The listener binds 127.0.0.1 and lives as long as one sign-in. Nothing here waits for a person
//! in the way of a poller.

mod again;
mod browser;
mod device;
mod flow;
mod keep;
mod oidc;
mod opener;
mod page;
mod place;
mod portal;
mod role;
mod session;

pub(crate) use again::profile_or_chosen;
pub use again::{Way, way_back, way_of};
pub use browser::called_off;
pub use flow::{Asked, Asking, How, Open, sign_in};
pub use opener::{can_open, open_in_browser};
pub use place::Place;
pub use portal::{Account, accounts, roles};
pub(crate) use role::RoleOfSession;
pub use session::{Session, forget_memory, session, sign_out};
