//! A sign-in in the system browser that the tray or the window asked for.
//!
//! **Invariant:** one at a time, a new one calls the one before off: whoever presses again has closed the page. The end of the app ends
//! it, too.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_opener::OpenerExt;
use tauri_specta::Event;
use tokio_util::sync::CancellationToken;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::Patience;
use watchbell_engine::setup;
use watchbell_engine::sign_in::{self, Asked, Asking, How, Place, Way, way_of};
use watchbell_engine::store::{Reader, SubscriptionRecord};

use crate::ipc::SignInAsked;
use crate::shell::{Destination, Shell};
use crate::window;

/// The sign-in under way.
#[derive(Debug, Default)]
pub(crate) struct SigningIn(Mutex<CancellationToken>);

impl SigningIn {
    fn begin(&self, quit: &CancellationToken) -> CancellationToken {
        let token = quit.child_token();
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), token.clone()).cancel();
        token
    }

    /// Calls it off.
    pub(crate) fn cancel(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }
}

/// Signs in at this place. What the person is to do is told to the window, where there is one.
pub(crate) async fn sign_in(app: &AppHandle<Wry>, shell: &Shell, place: &Place, how: How) -> Result<(), Problem> {
    let opener = app.clone();
    let open = move |url: &str| match std::env::var_os("BROWSER") {
        // As watchbellctl does: whoever names a browser gets that one.
        Some(_) => sign_in::open_in_browser(url),
        None => opener.opener().open_url(url, None::<&str>).map_err(|error| {
            Problem::new(
                Code::No,
                format!("no browser could be started: {error}"),
                "sign in with a code instead: press Use a code instead, or run watchbellctl sign-in --device",
            )
        }),
    };
    let tell = |asked: Asked| {
        if let Err(error) = SignInAsked::from(asked).emit(app) {
            tracing::warn!(%error, "the window did not hear of the sign-in");
        }
    };
    let asking = Asking { open: Some(&open), tell: &tell, cancel: shell.signing_in.begin(&shell.quit) };
    sign_in::sign_in(place, shell.endpoint_url.as_deref(), how, &asking).await?;
    if let Ok(desk) = shell.desk() {
        desk.signed_in();
    }
    Ok(())
}

/// The tray's entry: the browser for IAM Identity Center, else the window, where a code is typed or the way is told.
pub(crate) fn pressed(app: &AppHandle<Wry>, topic_arn: &str) {
    let (app, topic_arn) = (app.clone(), topic_arn.to_owned());
    let shell = Arc::clone(app.state::<Arc<Shell>>().inner());
    tauri::async_runtime::spawn(async move {
        match again(&app, &shell, &topic_arn).await {
            Ok(true) => {}
            Ok(false) => window::open(&app, &shell, Some(Destination::SignIn { topic_arn })),
            // The window says what stands in the way, and its own entry begins anew.
            Err(problem) => {
                tracing::warn!(%problem, "signing in again failed");
                window::open(&app, &shell, None);
            }
        }
    });
}

/// Whether the browser was all that was needed.
async fn again(app: &AppHandle<Wry>, shell: &Shell, topic_arn: &str) -> Result<bool, Problem> {
    let Some(record) = record(shell, topic_arn).await? else { return Ok(false) };
    let Way::IdentityCenter(place) = way_of(&record) else { return Ok(false) };
    sign_in(app, shell, &place, How::Browser).await?;
    let access = setup::access_of(&record, shell.endpoint_url.as_deref(), Patience::Asked).await?;
    Ok(access.code_wanted(&record.queue_region, Patience::Asked).await?.is_none())
}

async fn record(shell: &Shell, topic_arn: &str) -> Result<Option<SubscriptionRecord>, Problem> {
    let dir = shell.dir.clone();
    let read =
        tauri::async_runtime::spawn_blocking(move || Reader::open(&dir).and_then(|reader| reader.subscriptions()));
    let records =
        read.await.map_err(|error| Problem::new(Code::Storage, format!("reading broke off: {error}"), "try again"))?;
    Ok(records?.into_iter().find(|record| record.topic_arn.as_str() == topic_arn))
}
