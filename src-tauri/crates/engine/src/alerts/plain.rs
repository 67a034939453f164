//! Alerts on macOS and Windows, from notify-rust's documentation. Untested until somebody runs it there.
//!
//! Each alert is shown anew: neither platform updates in place through this library, so a changed count is a new banner.

use watchbell_core::policy::AlertText;

use super::notifier::{Answer, Button, Notifier};
use crate::error::{Code, Problem};

/// Shows, and cannot close.
pub(super) struct PlainNotifier;

impl Notifier for PlainNotifier {
    fn show<'a>(
        &'a self,
        _key: &'a str,
        text: &'a AlertText,
        _buttons: &'a [Button],
    ) -> Answer<'a, Result<u32, Problem>> {
        let text = text.clone();
        Box::pin(async move {
            let shown = tokio::task::spawn_blocking(move || {
                notify_rust::Notification::new()
                    .appname("Watchbell")
                    .summary(&text.title)
                    .body(&text.body)
                    .show()
                    .map(|_| 0)
            });
            match shown.await {
                Ok(Ok(id)) => Ok(id),
                Ok(Err(error)) => Err(refused(&error.to_string())),
                Err(error) => Err(refused(&error.to_string())),
            }
        })
    }

    fn close<'a>(&'a self, _key: &'a str) -> Answer<'a, ()> {
        Box::pin(async {})
    }
}

fn refused(told: &str) -> Problem {
    Problem::new(
        Code::No,
        format!("no alert can be shown: {told}"),
        "allow notifications for Watchbell in the system's settings",
    )
}
