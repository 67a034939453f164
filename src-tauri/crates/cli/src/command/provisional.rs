//! What a run of `subscribe` puts into the keychain before there is a subscription that needs it: a sign-in, sessions behind MFA devices.
//!
//! **Invariants:** noted before it is kept, and forgotten at every end but that of a subscription that was made; Ctrl-C at a question, where
//! the thread waits for the person, is such an end. What a subscription uses is never forgotten.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;
use watchbell_engine::error::Problem;
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup::Rights;
use watchbell_engine::sign_in::{self, Place};
use watchbell_engine::store::{CredentialSource, Reader, SubscriptionRecord};

use super::interruption::ENDED_BY_CTRL_C;
use super::signals::Signals;
use crate::output::Out;

/// Of one run.
pub(super) struct Provisional {
    out: Out,
    noted: Arc<Noted>,
    // Aborted when the run no longer waits at questions.
    listening: Mutex<JoinSet<()>>,
}

struct Noted {
    dir: DataDir,
    endpoint_url: Option<String>,
    place: Mutex<Option<Place>>,
    rights: Mutex<Option<Rights>>,
}

impl Provisional {
    pub(super) fn new(dir: &DataDir, endpoint_url: Option<&str>, out: Out) -> Self {
        let endpoint_url = endpoint_url.map(str::to_owned);
        let noted = Noted { dir: dir.clone(), endpoint_url, place: Mutex::default(), rights: Mutex::default() };
        Self { out, noted: Arc::new(noted), listening: Mutex::default() }
    }

    /// A sign-in there is about to be kept.
    pub(super) fn note_place(&self, place: &Place) {
        *lock(&self.noted.place) = Some(place.clone());
    }

    /// A session for these rights is about to be kept.
    pub(super) fn note_rights(&self, rights: &Rights) {
        *lock(&self.noted.rights) = Some(rights.clone());
    }

    /// From now on Ctrl-C and SIGTERM forget what was noted, and end the program.
    ///
    /// # Errors
    /// When signals cannot be heard.
    pub(super) fn listen(&self) -> Result<(), Problem> {
        let mut listening = lock(&self.listening);
        if !listening.is_empty() {
            return Ok(());
        }
        let mut signals = Signals::listen()?;
        let (out, noted) = (self.out, Arc::clone(&self.noted));
        listening.spawn(async move {
            signals.recv().await;
            out.note("Interrupted: what was put into the keychain is forgotten (once more ends at once)");
            tokio::select! {
                () = signals.recv() => {}
                forgotten = noted.forget() => told(out, forgotten),
            }
            std::process::exit(ENDED_BY_CTRL_C);
        });
        Ok(())
    }

    /// Somebody else hears the signals from now on.
    pub(super) fn rest(&self) {
        lock(&self.listening).abort_all();
    }

    /// Forgets what was noted, since there is no subscription. What stays is said.
    pub(super) async fn forget(&self) {
        told(self.out, self.noted.forget().await);
    }
}

impl Noted {
    async fn forget(&self) -> Result<(), Problem> {
        let (place, rights) = (lock(&self.place).clone(), lock(&self.rights).clone());
        if place.is_none() && rights.is_none() {
            return Ok(());
        }
        let held = Reader::open(&self.dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
        if let Some(rights) = rights {
            let in_use: Vec<_> = held.iter().map(Rights::of).collect();
            rights.forget_codes(&in_use).await?;
        }
        let uses = |record: &SubscriptionRecord, place: &Place| matches!(&record.credentials, CredentialSource::IdentityCenter { place: theirs, .. } if theirs == place);
        if let Some(place) = place.filter(|place| !held.iter().any(|record| uses(record, place))) {
            sign_in::sign_out(&place, self.endpoint_url.as_deref()).await?;
        }
        Ok(())
    }
}

fn told(out: Out, forgotten: Result<(), Problem>) {
    if let Err(stays) = forgotten {
        out.note(&format!("What was put into the keychain stays there: {}", stays.message));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Every change is one assignment, so a poisoned lock still guards a whole value.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
