//! The clients of one subscription: kept while AWS answers, made anew when it does not.
//!
//! **Invariant:** connections pooled before an outage or a sleep may be dead without anybody saying so (aws-sdk-rust#827), and
//! credentials that were refused may have been mended since: neither is used again. A secret is read from the keychain only then.

use tokio::sync::{Mutex, watch};
use watchbell_core::health::SubscriptionState;

use crate::aws::access::Access;
use crate::aws::skew;
use crate::error::Problem;
use crate::keychain::Patience;
use crate::receive::Ended;
use crate::setup::access_of;
use crate::store::{Store, SubscriptionRecord};

pub(super) struct Clients {
    record: SubscriptionRecord,
    endpoint_url: Option<String>,
    /// The access in use, for the looks.
    granted: watch::Sender<Option<Access>>,
    sqs: Mutex<Option<aws_sdk_sqs::Client>>,
    /// Told how far AWS's clock is ahead.
    store: Store,
}

impl Clients {
    pub(super) fn new(
        record: SubscriptionRecord,
        endpoint_url: Option<String>,
        granted: watch::Sender<Option<Access>>,
        store: &Store,
    ) -> Self {
        Self { record, endpoint_url, granted, sqs: Mutex::new(None), store: store.clone() }
    }

    /// The client to receive with.
    pub(super) async fn get(&self) -> Result<aws_sdk_sqs::Client, Problem> {
        let mut held = self.sqs.lock().await;
        if let Some(sqs) = &*held {
            return Ok(sqs.clone());
        }
        let granted = self.granted.borrow().clone();
        let access = if let Some(access) = granted {
            access
        } else {
            access_of(&self.record, self.endpoint_url.as_deref(), Patience::Background).await?
        };
        let sqs = skew::measured(&access.sqs(&self.record.queue_region).await, &self.store);
        self.granted.send_replace(Some(access));
        Ok(held.insert(sqs).clone())
    }

    /// Throws away what is not to be used again after this.
    pub(super) async fn after(&self, ended: &Ended) {
        match ended {
            // AWS answered: the connection is well, and so are the credentials.
            Ended::Refused { refusal, .. } if refusal.state == SubscriptionState::Connecting => {}
            Ended::Refused { refusal, .. } => {
                *self.sqs.lock().await = None;
                if matches!(refusal.state, SubscriptionState::SignedOut | SubscriptionState::Denied) {
                    self.granted.send_replace(None);
                }
            }
            _ => *self.sqs.lock().await = None,
        }
    }
}
