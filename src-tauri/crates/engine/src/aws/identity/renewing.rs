//! One set of credentials for all clients of an access: asked for once, kept, renewed in good time.
//!
//! **Invariant:** while a renewal fails, what is in hand is used until it ends; only then does its failure become the caller's.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, watch};

use super::{Ending, Limit};
use crate::clock;

/// How long before their end credentials are renewed, or when a third of their time is left, whichever is later.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// A renewal that failed is tried again after this, and when what is in hand ends, if that is sooner.
const AGAIN: SignedDuration = SignedDuration::from_secs(20);
/// Nearer to its end than this nothing is signed with it: a request takes a moment.
const LAST: SignedDuration = SignedDuration::from_secs(1);

/// Keeps what its source gave.
#[derive(Debug)]
pub(crate) struct Renewing {
    source: SharedCredentialsProvider,
    /// How long the source may take.
    within: Duration,
    limit: Limit,
    held: Mutex<Option<Held>>,
    ending: watch::Sender<Option<Ending>>,
}

#[derive(Debug)]
struct Held {
    credentials: Credentials,
    /// Without an end they are never asked for again.
    times: Option<Times>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    renew: Timestamp,
    end: Timestamp,
}

impl Renewing {
    pub(crate) fn new(source: SharedCredentialsProvider, within: Duration, limit: Limit) -> Self {
        Self { source, within, limit, held: Mutex::new(None), ending: watch::Sender::new(None) }
    }

    /// When the credentials end, told anew whenever that changes.
    pub(crate) fn ending(&self) -> watch::Receiver<Option<Ending>> {
        self.ending.subscribe()
    }

    /// Has them anew, as after a sign-in; what is in hand stays when that fails.
    pub(crate) async fn renew(&self) {
        if let Some(times) = self.held.lock().await.as_mut().and_then(|held| held.times.as_mut()) {
            times.renew = Timestamp::MIN;
        }
        if let Err(error) = self.current().await {
            tracing::info!(%error, "credentials were not renewed after a sign-in");
        }
    }

    async fn current(&self) -> Result<Credentials, CredentialsError> {
        // Held over the renewal: whoever comes meanwhile waits for it and gets its result.
        let mut held = self.held.lock().await;
        let now = clock::now();
        if let Some(held) = &*held
            && held.times.is_none_or(|times| now < times.renew)
        {
            return Ok(held.credentials.clone());
        }
        let failed = match tokio::time::timeout(self.within, self.source.provide_credentials()).await {
            Ok(Ok(credentials)) => {
                let now = clock::now();
                let end = credentials.expiry().and_then(|end| Timestamp::try_from(end).ok());
                let times = end.map(|end| Times { renew: end - ahead(now, end), end });
                self.tell(end, true);
                *held = Some(Held { credentials: credentials.clone(), times });
                return Ok(credentials);
            }
            Ok(Err(failed)) => failed,
            Err(_late) => CredentialsError::provider_timed_out(self.within),
        };
        // The source may have taken its time, and what is in hand may have ended meanwhile.
        let now = clock::now();
        let Some(Held { credentials, times: Some(times) }) = held.as_mut() else { return Err(failed) };
        if now + LAST >= times.end {
            *held = None;
            return Err(failed);
        }
        tracing::warn!(error = %failed, until = %times.end, "credentials could not be renewed; those in hand go on");
        times.renew = (now + AGAIN).min(times.end - LAST);
        self.tell(Some(times.end), false);
        Ok(credentials.clone())
    }

    fn tell(&self, end: Option<Timestamp>, renewed: bool) {
        let limit = self.limit.get();
        // Credentials may outlast what they were got with.
        let ending =
            end.map(|end| Ending { at: limit.map_or(end, |limit| limit.max(end)), renews: renewed && limit.is_none() });
        self.ending.send_if_modified(|told| {
            let news = *told != ending;
            *told = ending;
            news
        });
    }
}

fn ahead(now: Timestamp, end: Timestamp) -> SignedDuration {
    (end.duration_since(now) / 3).clamp(SignedDuration::ZERO, AHEAD)
}

impl ProvideCredentials for Renewing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.current())
    }
}

#[cfg(test)]
mod tests;
