//! One sign-in from its beginning to the keychain.
//!
//! **Invariant:** that a keychain answers is looked at first: a person must not sign in for nothing. What could not be kept whole is
//! taken out again.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::browser::{self, Failed};
use super::oidc::Oidc;
use super::place::Place;
use super::{device, keep, session};
use crate::error::{Code, Problem};
use crate::keychain::Patience;

/// In which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In the system browser, else with a code.
    Browser,
    /// With a code that is typed on a page.
    Device,
}

/// What the person is to do now. Not secret: it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Sign in on the page that was opened.
    Browser {
        /// Its address, for a browser that did not come up.
        url: String,
    },
    /// Type this code on that page.
    Code {
        /// The page.
        url: String,
        /// The page with the code filled in.
        complete_url: Option<String>,
        /// The code.
        code: String,
        /// How long it is good for.
        until: Timestamp,
    },
}

/// Opens an address in the system browser. It may take its time, on a thread that may.
pub type Open = Arc<dyn Fn(&str) -> Result<(), Problem> + Send + Sync>;

/// How the person is asked.
pub struct Asking<'a> {
    /// Opens the system browser; none where there is none.
    pub open: Option<Open>,
    /// Hears what the person is to do.
    pub tell: &'a (dyn Fn(Asked) + Send + Sync),
    /// Calls it off.
    pub cancel: CancellationToken,
}

impl Asking<'_> {
    /// Opens the page, where there is a browser.
    pub(super) async fn open(&self, url: &str) -> Result<(), Problem> {
        let Some(open) = self.open.clone() else { return Ok(()) };
        let url = url.to_owned();
        tokio::task::spawn_blocking(move || open(&url)).await.unwrap_or_else(|error| {
            let told = format!("no browser could be started: {error}");
            Err(Problem::new(Code::No, told, "sign in with a code instead: press Use a code instead, or add --device"))
        })
    }
}

/// Signs in at this place and keeps the tokens. Whoever shares its [`super::Session`] goes on with them at once.
///
/// # Errors
/// What the keychain, AWS or the person said; that it was called off, whatever else went wrong then.
pub async fn sign_in(place: &Place, endpoint_url: Option<&str>, how: How, asking: &Asking<'_>) -> Result<(), Problem> {
    let ended = to_the_end(place, endpoint_url, how, asking).await;
    if ended.is_err() && asking.cancel.is_cancelled() { Err(browser::cancelled()) } else { ended }
}

async fn to_the_end(place: &Place, endpoint_url: Option<&str>, how: How, asking: &Asking<'_>) -> Result<(), Problem> {
    let session = session(place, endpoint_url)?;
    keep::load(session.store(), place, Patience::Asked).await?;
    let oidc = Oidc::new(place, endpoint_url).await;
    let with_code = async || {
        let of = oidc.register(false).await?;
        let tokens = device::sign_in(&oidc, &of, asking).await?;
        Ok::<_, Problem>((of, tokens))
    };
    let (registration, tokens) = match (how, &asking.open) {
        (How::Device, _) => {
            let quiet = Asking { open: None, tell: asking.tell, cancel: asking.cancel.clone() };
            let of = oidc.register(false).await?;
            let tokens = device::sign_in(&oidc, &of, &quiet).await?;
            (of, tokens)
        }
        (How::Browser, None) => with_code().await?,
        (How::Browser, Some(_)) => {
            let of = oidc.register(true).await?;
            match browser::sign_in(&oidc, &of, asking).await {
                Ok(tokens) => (of, tokens),
                Err(Failed::NoBrowser(problem)) => {
                    tracing::info!(%problem, "no browser: signing in with a code");
                    with_code().await?
                }
                Err(Failed::Ended(problem)) => return Err(problem),
            }
        }
    };
    session.accept(registration, tokens).await
}
