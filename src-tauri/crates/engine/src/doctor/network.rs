//! The way to each service of AWS's: which proxy, and how far one gets.
//!
//! **Invariant:** services behind one address are asked for once. Nothing is called here.

use futures_util::future::join_all;

use super::endpoint::{Service, endpoint};
use super::reach::{Place, proxy_variables, reach};
use super::report::{Check, Of, Stage};
use crate::aws::access::Access;

const PROXY: Of = Of(Stage::Network, "proxy");
const STS: Of = Of(Stage::Network, "sts");
const SNS: Of = Of(Stage::Network, "sns");
const SQS: Of = Of(Stage::Network, "sqs");

/// What was found, and which services can be called.
pub(super) struct Network {
    pub(super) checks: Vec<Check>,
    pub(super) sts: bool,
    pub(super) sns: bool,
    pub(super) sqs: bool,
}

/// Goes the way to STS and SNS in the topic's region and to SQS in the queue's.
pub(super) async fn look(access: &Access, topic_region: &str, queue_region: &str) -> Network {
    let asked = [
        (STS, endpoint(access, Service::Sts, topic_region).await),
        (SNS, endpoint(access, Service::Sns, topic_region).await),
        (SQS, endpoint(access, Service::Sqs, queue_region).await),
    ];
    let mut places: Vec<(Place, http::Uri)> = Vec::new();
    for uri in asked.iter().filter_map(|(_, uri)| uri.as_ref()) {
        if let Some(place) = Place::of(uri)
            && places.iter().all(|(held, _)| *held != place)
        {
            places.push((place, uri.clone()));
        }
    }
    let gone = join_all(places.iter().map(|(_, uri)| reach(uri))).await;
    let checks = asked.map(|(of, uri)| {
        let Some((uri, place)) = uri.and_then(|uri| Some((Place::of(&uri)?, uri))).map(|(place, uri)| (uri, place))
        else {
            return of.failed(
                "the SDK knows no address for this region",
                "check the region, --endpoint-url and AWS_ENDPOINT_URL",
            );
        };
        let shown = uri.to_string();
        let shown = shown.trim_end_matches('/').split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
        let outcome = places.iter().position(|(held, _)| *held == place).and_then(|at| gone.get(at));
        match outcome {
            Some(Ok(reached)) => of.ok(format!("{shown}: {reached}")),
            Some(Err(unreached)) => of.failed(format!("{shown}: {}", unreached.found), &unreached.fix),
            None => of.skipped("it was not tried"),
        }
    });
    let [sts, sns, sqs] = [checks[0].is_ok(), checks[1].is_ok(), checks[2].is_ok()];
    let variables = proxy_variables();
    let proxy = if variables.is_empty() { PROXY.ok("no variable names one") } else { PROXY.ok(variables.join(" ")) };
    Network { checks: [proxy].into_iter().chain(checks).collect(), sts, sns, sqs }
}
