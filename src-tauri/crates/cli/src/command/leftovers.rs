//! Where to look for queues left over, and what came of looking.
//!
//! **Invariant:** only reads, and never asks the person anything: a locked keychain is one more place that could not be looked at.
//! What could not be looked at is said in words and makes no failure.

use std::time::Duration;

use serde::Serialize;
use watchbell_engine::aws::access::{Access, region_of};
use watchbell_engine::aws::identity::Role;
use watchbell_engine::aws::leftover::{Found, Leftover, leftovers};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::Patience;
use watchbell_engine::store::{CredentialSource, SubscriptionRecord};

use super::account;
use super::me::Me;
use crate::args::{Global, Subscriptions};

/// A list is not worth a longer wait.
const WITHIN: Duration = Duration::from_secs(15);

/// Whose rights to look with, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    credentials: CredentialSource,
    role: Option<Role>,
    endpoint_url: Option<String>,
    region: String,
}

/// A queue that nothing here reads, and the region it is in.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Elsewhere {
    pub(super) region: String,
    #[serde(flatten)]
    pub(super) leftover: Leftover,
}

/// A region that could not be looked at, or not wholly.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Unseen {
    pub(super) region: String,
    #[serde(flatten)]
    pub(super) problem: Problem,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Looked {
    pub(super) leftovers: Vec<Elsewhere>,
    pub(super) unseen: Vec<Unseen>,
    /// Nothing said where to look.
    pub(super) nowhere: bool,
}

/// Looks in every place that the subscriptions and the flags name.
pub(super) async fn look(asked: &Subscriptions, global: &Global, records: &[SubscriptionRecord]) -> Looked {
    let places = places(asked, global, records).await;
    let mut looked = Looked { nowhere: places.is_empty(), ..Looked::default() };
    let me = Me::here();
    for place in places {
        let region = place.region.clone();
        let found = match tokio::time::timeout(WITHIN, one(&place, &me, records)).await {
            Ok(found) => found,
            Err(_late) => Err(Problem::new(
                Code::AwsUnreachable,
                format!("AWS did not list the queues within {} s", WITHIN.as_secs()),
                "check the network, VPN and proxy, and try again",
            )),
        };
        match found {
            Ok(Found { leftovers, untold }) => {
                let new = leftovers.into_iter().filter(|one| looked.leftovers.iter().all(|held| held.leftover != *one));
                let new: Vec<_> = new.map(|leftover| Elsewhere { region: region.clone(), leftover }).collect();
                looked.leftovers.extend(new);
                looked.unseen.extend(untold.map(|(count, first)| Unseen { region, problem: untold_of(count, first) }));
            }
            Err(problem) => looked.unseen.push(Unseen { region, problem }),
        }
    }
    looked
}

async fn one(place: &Place, me: &Me, records: &[SubscriptionRecord]) -> Result<Found, Problem> {
    let endpoint_url = place.endpoint_url.as_deref();
    let identity = account::identity_of(&place.credentials, endpoint_url, Patience::Background).await?;
    let access = Access::with_role(identity, place.role.clone(), place.endpoint_url.clone());
    leftovers(&access, &place.region, &me.person(), records).await
}

/// Each once, those of the subscriptions first.
async fn places(asked: &Subscriptions, global: &Global, records: &[SubscriptionRecord]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut add = |place: Place| {
        if !places.contains(&place) {
            places.push(place);
        }
    };
    for record in records {
        add(Place {
            credentials: record.credentials.clone(),
            role: record.role(),
            endpoint_url: global.endpoint_url.clone().or_else(|| record.endpoint_url.clone()),
            region: record.queue_region.clone(),
        });
    }
    if records.is_empty() || asked.profile.is_some() || asked.region.is_some() {
        let region = match &asked.region {
            Some(region) => Some(region.clone()),
            None => region_of(asked.profile.as_deref()).await,
        };
        if let Some(region) = region {
            add(Place {
                credentials: CredentialSource::Profile { name: asked.profile.clone() },
                role: None,
                endpoint_url: global.endpoint_url.clone(),
                region,
            });
        }
    }
    places
}

fn untold_of(count: u32, first: Problem) -> Problem {
    let queues = watchbell_core::words::plural(count, "queue");
    Problem { message: format!("whose {queues} named watchbell-… are could not be told: {}", first.message), ..first }
}
