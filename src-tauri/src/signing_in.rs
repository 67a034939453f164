//! A sign-in through IAM Identity Center that the tray or the window asked for.
//!
//! **Invariants:** one at a time, a new one calls the one before off: whoever presses again has closed the page. The end of the app ends
//! it, too. What the person is to do is kept while it is to be done, so that a window that is made anew shows it again.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_opener::OpenerExt;
use tauri_specta::Event;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::Patience;
use watchbell_engine::setup;
use watchbell_engine::sign_in::{self, Asked, Asking, How, Place, Way, called_off, way_of};
use watchbell_engine::store::{Reader, SubscriptionRecord};

use crate::ipc::{SignInAsked, apart};
use crate::shell::{Destination, Shell};
use crate::window;

/// The sign-in under way, or the last one.
#[derive(Debug, Default)]
pub(crate) struct SigningIn(Mutex<UnderWay>);

#[derive(Debug, Default, Clone)]
struct UnderWay {
    cancel: CancellationToken,
    /// Hears how it ended; none before the first.
    state: Option<watch::Receiver<State>>,
    /// Whose it is; none in the set-up.
    topic_arn: Option<String>,
}

/// How far one is.
#[derive(Debug, Default)]
struct State {
    asked: Option<SignInAsked>,
    ended: Option<Result<(), Problem>>,
}

impl SigningIn {
    fn begin(&self, topic_arn: Option<&str>, quit: &CancellationToken) -> (CancellationToken, watch::Sender<State>) {
        let (told, state) = watch::channel(State::default());
        let cancel = quit.child_token();
        let now = UnderWay { cancel: cancel.clone(), state: Some(state), topic_arn: topic_arn.map(str::to_owned) };
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), now).cancel.cancel();
        (cancel, told)
    }

    fn now(&self) -> UnderWay {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls it off.
    pub(crate) fn cancel(&self) {
        self.now().cancel.cancel();
    }
}

/// Signs in at this place, for the subscription to this topic or in the set-up. What the person is to do is told to the window, where
/// there is one.
pub(crate) async fn sign_in(
    app: &AppHandle<Wry>,
    shell: &Shell,
    place: &Place,
    how: How,
    topic_arn: Option<&str>,
) -> Result<(), Problem> {
    begin(app, shell, place, how, topic_arn, &|| ()).await
}

/// As [`sign_in`]; `coded` hears that a code is shown, which only the window can do.
async fn begin(
    app: &AppHandle<Wry>,
    shell: &Shell,
    place: &Place,
    how: How,
    topic_arn: Option<&str>,
    coded: &(dyn Fn() + Send + Sync),
) -> Result<(), Problem> {
    let opener = app.clone();
    // On Linux, and for whoever names a browser, as watchbellctl does: there a browser that cannot start is noticed.
    let ours = cfg!(target_os = "linux") || std::env::var_os("BROWSER").is_some();
    let open = move |url: &str| {
        if ours {
            return sign_in::open_in_browser(url);
        }
        opener.opener().open_url(url, None::<&str>).map_err(|error| {
            Problem::new(Code::No, format!("no browser could be started: {error}"), "sign in with a code instead")
        })
    };
    let (cancel, told) = shell.signing_in.begin(topic_arn, &shell.quit);
    let tell = |asked: Asked| {
        let asked = SignInAsked::new(asked, topic_arn);
        let code = asked.is_code();
        told.send_modify(|state| state.asked = Some(asked.clone()));
        emit(app, &asked);
        if code {
            coded();
        }
    };
    let asking = Asking { open: Some(Arc::new(open)), tell: &tell, cancel };
    let ended = sign_in::sign_in(place, shell.endpoint_url.as_deref(), how, &asking).await;
    told.send_modify(|state| state.ended = Some(ended.clone()));
    ended?;
    if let Ok(desk) = shell.desk() {
        desk.signed_in();
    }
    Ok(())
}

/// Goes on with the sign-in that is under way for this subscription, to its end: what the person is to do is told again. `None` when none is.
pub(crate) async fn join(app: &AppHandle<Wry>, shell: &Shell, topic_arn: &str) -> Option<Result<(), Problem>> {
    let now = shell.signing_in.now();
    let mut state = now.state.filter(|_| now.topic_arn.as_deref() == Some(topic_arn))?;
    {
        let state = state.borrow();
        if state.ended.is_some() {
            return None;
        }
        if let Some(asked) = &state.asked {
            emit(app, asked);
        }
    }
    // Without an end the app itself is ending.
    state.wait_for(|state| state.ended.is_some()).await.ok()?.ended.clone()
}

fn emit(app: &AppHandle<Wry>, asked: &SignInAsked) {
    if let Err(error) = asked.emit(app) {
        tracing::warn!(%error, "the window did not hear of the sign-in");
    }
}

/// The tray's entry: the browser for IAM Identity Center, else the window, where a code is shown or typed or the way is told.
pub(crate) fn pressed(app: &AppHandle<Wry>, topic_arn: &str) {
    let (app, topic_arn) = (app.clone(), topic_arn.to_owned());
    let shell = Arc::clone(app.state::<Arc<Shell>>().inner());
    tauri::async_runtime::spawn(async move {
        match again(&app, &shell, &topic_arn).await {
            Ok(true) => {}
            Ok(false) => window::open(&app, &shell, Some(Destination::SignIn { topic_arn, problem: None })),
            // The person did that, here or in the window.
            Err(problem) if called_off(&problem) => {}
            // The window says what stands in the way, and its own entry begins anew.
            Err(problem) => {
                tracing::warn!(%problem, "signing in again failed");
                let problem = Some(problem.into());
                window::open(&app, &shell, Some(Destination::SignIn { topic_arn, problem }));
            }
        }
    });
}

/// Whether the person needs nothing more of the window.
async fn again(app: &AppHandle<Wry>, shell: &Shell, topic_arn: &str) -> Result<bool, Problem> {
    let Some(record) = record(shell, topic_arn).await? else { return Ok(false) };
    let Way::IdentityCenter(place) = way_of(&record) else { return Ok(false) };
    // The page goes on with what is under way by itself; it is to begin nothing.
    let show = || window::open(app, shell, None);
    begin(app, shell, &place, How::Browser, Some(topic_arn), &show).await?;
    let access = setup::access_of(&record, shell.endpoint_url.as_deref(), Patience::Asked).await?;
    Ok(access.code_wanted(&record.queue_region, Patience::Asked).await?.is_none())
}

async fn record(shell: &Shell, topic_arn: &str) -> Result<Option<SubscriptionRecord>, Problem> {
    let dir = shell.dir.clone();
    let records = apart(move || Ok(Reader::open(&dir)?.subscriptions()?)).await?;
    Ok(records.into_iter().find(|record| record.topic_arn.as_str() == topic_arn))
}
