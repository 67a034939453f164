//! Who is signed in at a place: the token in use, renewed before it ends, shared by everything in this process.
//!
//! **Invariants:** one renewal at a time, and whoever waits gets its result, since a refresh token may be good for one use alone.
//! What another process renewed or signed in is found in the keychain before anybody is called signed out. A refused renewal ends
//! nothing early: the token in hand goes on to its end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as Plain, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use watchbell_core::health::SubscriptionState;

use super::keep::{self, Kept};
use super::oidc::{AccessToken, NoToken, Oidc, Registration, Times, Tokens, unsigned};
use super::place::{Place, override_of};
use crate::aws::pace::Pace;
use crate::aws::refusal::{NoCredentials, Refusal};
use crate::clock;
use crate::error::{Code, Problem};
use crate::keychain::{ChildStore, Patience, SecretStore};

/// How long before its end a token is renewed, or when a third of its time is left, whichever is later.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// A renewal that AWS could not answer is tried again after this.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// Nearer to its end than this a token is not used.
const LAST: SignedDuration = SignedDuration::from_secs(1);
/// Signing out at AWS is a courtesy: what is forgotten here is of no more use to anybody.
const GOODBYE: Duration = Duration::from_secs(5);

/// Who is signed in at a place.
pub struct Session {
    place: Place,
    endpoint_url: Option<String>,
    store: Arc<dyn SecretStore>,
    state: Mutex<State>,
    /// Something was signed in elsewhere: the keychain knows better than the memory.
    stale: AtomicBool,
}

#[derive(Default)]
struct State {
    kept: Kept,
    /// Not before this is another renewal tried.
    renew_from: Option<Timestamp>,
    /// A token that the portal refused although its time was not over.
    refused: Option<SecretString>,
    /// A renewal that the keychain has not taken yet.
    unsaved: Option<Tokens>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("place", &self.place).finish_non_exhaustive()
    }
}

type Sessions = BTreeMap<(Place, Option<String>), Arc<Session>>;

/// One a process: the engine, the window and a command come by different ways, and must not each spend the refresh token.
static SESSIONS: Plain<Sessions> = Plain::new(BTreeMap::new());

/// The session of this place. Nothing is read or called yet.
///
/// # Errors
/// When this program cannot start its keychain's child.
pub fn session(place: &Place, endpoint_url: Option<&str>) -> Result<Arc<Session>, Problem> {
    let mut sessions = SESSIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (place.clone(), endpoint_url.map(str::to_owned));
    if let Some(held) = sessions.get(&key) {
        return Ok(Arc::clone(held));
    }
    let store = Arc::new(ChildStore::of_this_program()?);
    let new = Arc::new(Session::new(place.clone(), key.1.clone(), store));
    sessions.insert(key, Arc::clone(&new));
    Ok(new)
}

/// Another process signed in: what is remembered here is looked up in the keychain again.
pub fn forget_memory() {
    for session in SESSIONS.lock().unwrap_or_else(PoisonError::into_inner).values() {
        session.stale.store(true, Ordering::Relaxed);
    }
}

/// Signs out: AWS is told, where it can be, and every item of the place is forgotten.
///
/// # Errors
/// What the keychain said.
pub async fn sign_out(place: &Place, endpoint_url: Option<&str>) -> Result<(), Problem> {
    let session = session(place, endpoint_url)?;
    let kept = keep::load(&*session.store, place, Patience::Asked).await?;
    if let Some(access) = kept.access.filter(|access| usable(access.times, clock::now())) {
        let portal = session.portal(Pace::Asked).await;
        let asked = portal.logout().access_token(access.token.expose_secret()).send();
        match tokio::time::timeout(GOODBYE, asked).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let status = error.raw_response().map(|raw| raw.status().as_u16());
                tracing::info!(status, "AWS did not take the sign-out");
            }
            Err(_late) => tracing::info!("AWS did not answer the sign-out in time"),
        }
    }
    keep::forget(&*session.store, place, Patience::Asked).await?;
    *session.state.lock().await = State::default();
    Ok(())
}

/// When a renewal is due.
fn fresh(times: Times, now: Timestamp) -> bool {
    let ahead = (times.ends.duration_since(times.given) / 3).clamp(SignedDuration::ZERO, AHEAD);
    now + ahead < times.ends
}

fn usable(times: Times, now: Timestamp) -> bool {
    now + LAST < times.ends
}

impl State {
    fn token(&self, good: impl Fn(Times) -> bool) -> Option<&AccessToken> {
        let refused = self.refused.as_ref().map(ExposeSecret::expose_secret);
        self.kept.access.as_ref().filter(|access| good(access.times) && refused != Some(access.token.expose_secret()))
    }

    /// What a renewal needs. A registration that ends before the token does cannot renew it.
    fn renewal(&self) -> Option<(&Registration, &SecretString)> {
        let now = clock::now();
        self.kept.registration.as_ref().filter(|of| of.ends > now).zip(self.kept.refresh.as_ref())
    }
}

impl Session {
    pub(super) fn new(place: Place, endpoint_url: Option<String>, store: Arc<dyn SecretStore>) -> Self {
        Self { place, endpoint_url, store, state: Mutex::default(), stale: AtomicBool::new(true) }
    }

    /// Where.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn store(&self) -> &dyn SecretStore {
        &*self.store
    }

    /// Reads the keychain, which may ask the person to unlock it when it has the [`Patience`] for that. Whether there is a token that
    /// is good now or can be renewed.
    ///
    /// # Errors
    /// What the keychain said.
    pub async fn unlock(&self, patience: Patience) -> Result<bool, Problem> {
        let mut state = self.state.lock().await;
        self.reload(&mut state, patience).await?;
        let now = clock::now();
        Ok(state.token(|times| usable(times, now)).is_some() || state.renewal().is_some())
    }

    async fn reload(&self, state: &mut State, patience: Patience) -> Result<(), Problem> {
        if state.unsaved.is_none() {
            state.kept = keep::load(&*self.store, &self.place, patience).await?;
        }
        self.stale.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Takes what a sign-in gave, and keeps it.
    pub(super) async fn accept(&self, registration: Registration, tokens: Tokens) -> Result<(), Problem> {
        let mut state = self.state.lock().await;
        if let Err(error) = keep::keep(&*self.store, &self.place, &registration, &tokens, Patience::Asked).await {
            // Half of a sign-in is of no use to anybody.
            if let Err(stays) = keep::forget(&*self.store, &self.place, Patience::Asked).await {
                tracing::warn!(%stays, "what a sign-in began to keep stays in the keychain");
            }
            *state = State::default();
            return Err(error.into());
        }
        let Tokens { access, refresh } = tokens;
        *state = State {
            kept: Kept { registration: Some(registration), access: Some(access), refresh },
            ..State::default()
        };
        self.stale.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The token that is good now.
    pub(super) async fn token(&self) -> Result<SecretString, NoCredentials> {
        let mut state = self.state.lock().await;
        self.save(&mut state).await;
        if self.stale.load(Ordering::Relaxed) {
            self.read_again(&mut state).await?;
        }
        let now = clock::now();
        if let Some(access) = state.token(|times| fresh(times, now)) {
            return Ok(access.token.clone());
        }
        let waits = state.renew_from.is_some_and(|from| now < from);
        if let Some(access) = state.token(|times| waits && usable(times, now)) {
            return Ok(access.token.clone());
        }
        // Another process may have renewed it or signed in.
        self.read_again(&mut state).await?;
        if let Some(access) = state.token(|times| fresh(times, clock::now())) {
            return Ok(access.token.clone());
        }
        let renewal = state.renewal().map(|(of, refresh)| (of.clone(), refresh.clone()));
        let failed = match renewal {
            Some((of, refresh)) => self.renew(&mut state, of, refresh).await.err(),
            None => None,
        };
        // Keychain and AWS took their time: what was usable before may have ended.
        if let Some(access) = state.token(|times| usable(times, clock::now())) {
            return Ok(access.token.clone());
        }
        let signed_out = || self.signed_out("nobody is signed in, or the time of the sign-in is over");
        Err(failed.unwrap_or_else(signed_out).into())
    }

    async fn read_again(&self, state: &mut State) -> Result<(), NoCredentials> {
        let read = self.reload(state, Patience::Background).await;
        read.map_err(|problem| NoCredentials::because(problem, SubscriptionState::SignedOut))
    }

    async fn renew(&self, state: &mut State, of: Registration, refresh: SecretString) -> Result<(), Refusal> {
        let oidc = Oidc::new(&self.place, self.endpoint_url.as_deref()).await;
        match oidc.by_refresh(&of, &refresh).await {
            Ok(tokens) => {
                state.kept.access = Some(tokens.access.clone());
                if let Some(refresh) = &tokens.refresh {
                    state.kept.refresh = Some(refresh.clone());
                }
                state.renew_from = None;
                state.unsaved = Some(tokens);
                self.save(state).await;
                Ok(())
            }
            Err(NoToken::Failed(refusal)) => {
                state.renew_from = Some(clock::now() + AGAIN);
                Err(*refusal)
            }
            Err(why) => {
                let why = match why {
                    NoToken::Invalid(why) => why,
                    NoToken::Denied => "access was denied".to_owned(),
                    _ => "the sign-in has ended".to_owned(),
                };
                // Unless another process was quicker and has spent it for a new one.
                let newer = keep::load(&*self.store, &self.place, Patience::Background).await.ok().filter(|kept| {
                    kept.refresh.as_ref().is_some_and(|held| held.expose_secret() != refresh.expose_secret())
                });
                if let Some(newer) = newer {
                    state.kept = newer;
                    return Ok(());
                }
                tracing::warn!(why, "the sign-in to IAM Identity Center is not renewed any more");
                state.kept.refresh = None;
                if let Err(error) = keep::forget_refresh(&*self.store, &self.place, Patience::Background).await {
                    tracing::warn!(%error, "a refresh token that is good for nothing stays in the keychain");
                }
                Err(self.signed_out(&format!("it refused to renew the sign-in: {why}")))
            }
        }
    }

    /// A keychain that is locked at the wrong moment must not cost the person the sign-in.
    async fn save(&self, state: &mut State) {
        let Some(tokens) = state.unsaved.take() else { return };
        if let Err(error) = keep::keep_tokens(&*self.store, &self.place, &tokens, Patience::Background).await {
            tracing::warn!(%error, "a renewed sign-in is not in the keychain yet");
            state.unsaved = Some(tokens);
        }
    }

    /// The portal refused this token although its time was not over: it is not used again.
    pub(super) async fn refuse(&self, token: SecretString) {
        let mut state = self.state.lock().await;
        state.refused = Some(token);
        state.renew_from = None;
    }

    /// The instant after which the person has to sign in; `None` while the token renews by itself.
    pub(super) async fn limit(&self) -> Option<Timestamp> {
        let state = self.state.lock().await;
        let ends = state.kept.access.as_ref()?.times.ends;
        let renews = state.renewal().is_some_and(|(of, _)| of.ends > ends);
        (!renews).then_some(ends)
    }

    /// The access portal.
    pub(super) async fn portal(&self, pace: Pace) -> aws_sdk_sso::Client {
        let url = override_of("AWS_ENDPOINT_URL_SSO", self.endpoint_url.as_deref());
        aws_sdk_sso::Client::new(&unsigned(self.place.region(), url, pace).await)
    }

    pub(super) fn signed_out(&self, why: &str) -> Refusal {
        Refusal {
            problem: Problem::new(
                Code::AwsRefused,
                format!("signed out of IAM Identity Center ({}): {why}", self.place.start_url()),
                super::again::SIGN_IN,
            ),
            state: SubscriptionState::SignedOut,
            transient: false,
        }
    }
}
