//! The doctor's examinations from the window: one at a time.
//!
//! **Invariant:** whoever begins one ends the one before, so a window that was made anew is never kept waiting by a page that is gone. An
//! examination only looks, so it may be dropped at any moment.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use watchbell_engine::error::{Code, Problem};

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Examining {
    latest: Mutex<Option<CancellationToken>>,
    turn: tokio::sync::Mutex<()>,
}

impl Examining {
    /// Carries `examination` to its end, unless it is called off, another one begins, or the app ends.
    pub(crate) async fn run<T>(
        &self,
        quit: &CancellationToken,
        examination: impl Future<Output = T>,
    ) -> Result<T, Problem> {
        let cancel = quit.child_token();
        if let Some(before) = self.latest.lock().unwrap_or_else(PoisonError::into_inner).replace(cancel.clone()) {
            before.cancel();
        }
        let ended = async {
            let _turn = self.turn.lock().await;
            examination.await
        };
        cancel.run_until_cancelled(ended).await.ok_or_else(|| {
            Problem::new(Code::No, "the examination was called off", "nothing was changed; run it again")
        })
    }

    /// Calls the one under way off.
    pub(crate) fn cancel(&self) {
        if let Some(latest) = &*self.latest.lock().unwrap_or_else(PoisonError::into_inner) {
            latest.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_later_examination_ends_the_one_before_and_begins_when_that_is_gone() {
        struct Under<'a>(&'a AtomicBool);
        impl Drop for Under<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::SeqCst);
            }
        }
        let (room, quit, under_way) = (Examining::default(), CancellationToken::new(), AtomicBool::new(false));
        let first = room.run(&quit, async {
            under_way.store(true, Ordering::SeqCst);
            let _gone = Under(&under_way);
            pending::<()>().await;
        });
        let second = async {
            // Joined in this order, the first has begun.
            assert!(under_way.load(Ordering::SeqCst), "the first is under way");
            room.run(&quit, async { under_way.load(Ordering::SeqCst) }).await
        };
        let (first, second) = tokio::join!(first, second);
        assert!(first.is_err(), "the first was called off");
        assert_eq!(second.ok(), Some(false), "the second never ran beside it");
    }

    #[tokio::test]
    async fn it_is_called_off_by_the_person_and_by_the_end_of_the_app() {
        let (room, quit) = (Examining::default(), CancellationToken::new());
        let (ended, ()) = tokio::join!(room.run(&quit, pending::<()>()), async { room.cancel() });
        assert!(ended.is_err(), "the person called it off");
        assert_eq!(room.run(&quit, ready(1)).await.ok(), Some(1), "and may begin again");
        let (ended, ()) = tokio::join!(room.run(&quit, pending::<()>()), async { quit.cancel() });
        assert!(ended.is_err(), "the app ended");
    }
}
