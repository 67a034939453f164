//! The dispatcher's way to the screen of a Linux desktop.
//!
//! **Invariant:** every order is answered in time, whatever the notification server does.

use std::sync::Arc;

use watchbell_core::policy::AlertText;

use super::bubble::{ANSWER_WITHIN, Order};
use super::notifier::{Answer, Button, Notifier};
use super::refused::silent;
use super::screen::Screen;
use crate::error::Problem;

/// The dispatcher's hold on the screen. Dropping it lets go of every bubble, so that their tasks end.
pub(super) struct LinuxNotifier(pub(super) Arc<Screen>);

impl Drop for LinuxNotifier {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

impl Notifier for LinuxNotifier {
    fn show<'a>(
        &'a self,
        key: &'a str,
        text: &'a AlertText,
        buttons: &'a [Button],
    ) -> Answer<'a, Result<u32, Problem>> {
        Box::pin(async move {
            match tokio::time::timeout(ANSWER_WITHIN, self.0.show_or_change(key, text, buttons)).await {
                Ok(shown) => shown,
                Err(_late) => Err(silent()),
            }
        })
    }

    fn server_changed(&self) {
        self.0.orphans_are_known();
    }

    fn close<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            // Forgotten first: the server's echo of our own closing is then nobody's.
            let Some(orders) = self.0.forget(key) else { return };
            let _ = tokio::time::timeout(ANSWER_WITHIN, orders.send(Order::Close)).await;
        })
    }
}
