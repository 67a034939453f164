//! Setting a subscription up and taking it away again, whoever asks: the wizard of the window and `watchbellctl` alike.
//!
//! **Invariant 7:** a run that fails anywhere or is interrupted, the remembering included, leaves nothing behind in AWS or in the
//! keychain. What was made can be taken away, in the right order, with a word on each part. Never here: asking the person.

mod draft;
mod enrol;
mod leave;
mod me;
mod probe;
mod rights;
mod secrets;

pub use draft::{Draft, DraftStep, Portal};
pub use enrol::{NewSecret, Wanted, enrol, request, wanted_of};
pub use leave::{UNFINISHED, forget_here, take_away};
pub use me::Me;
pub use probe::{DOCUMENT as PROBE_DOCUMENT, publish_probe};
pub use rights::Rights;
pub use secrets::{access_of, forget, forget_all, identity_of, keep, keep_token, kept, put_back};
