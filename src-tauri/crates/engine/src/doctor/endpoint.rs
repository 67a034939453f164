//! Where a call to a service would go: the SDK's own answer, after flags, variables and the profile were heard.
//!
//! **Invariant:** nothing is sent: the request is caught before it leaves, and is signed with nothing real.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sqs::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_sqs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sqs::error::BoxError;

use crate::aws::access::Access;

/// A service of AWS's that Watchbell calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Sts,
    Sns,
    Sqs,
}

/// Keeps the address of a request, and stops it.
#[derive(Debug, Clone, Default)]
struct Catch(Arc<Mutex<Option<String>>>);

impl Intercept for Catch {
    fn name(&self) -> &'static str {
        "WatchbellCatch"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.request().uri().to_owned());
        Err("it is not to be sent".into())
    }
}

/// The address of a service in a region, such as `https://sqs.eu-central-1.amazonaws.com/`. `None` when the SDK finds none.
pub(super) async fn endpoint(access: &Access, service: Service, region: &str) -> Option<http::Uri> {
    let caught = Catch::default();
    let access = access.nobody();
    macro_rules! ask {
        ($service:ident, $client:expr, $call:ident) => {{
            let config = $client.config().to_builder().interceptor(caught.clone());
            // Fails by design: the request was caught.
            let _ = $service::Client::from_conf(config.build()).$call().send().await;
        }};
    }
    match service {
        Service::Sts => ask!(aws_sdk_sts, access.sts(region).await, get_caller_identity),
        Service::Sns => ask!(aws_sdk_sns, access.sns(region).await, list_topics),
        Service::Sqs => ask!(aws_sdk_sqs, access.sqs_setup(region).await, list_queues),
    }
    let uri = caught.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    uri?.parse().ok()
}
