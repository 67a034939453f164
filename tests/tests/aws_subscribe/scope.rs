//! A filter whose scope somebody changed lets nothing through.

use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::Filter;
use watchbell_engine::aws::check::check;
use watchbell_engine::store::SubscriptionRecord;
use watchbell_tests::harness::ministack::Auth;

use super::{World, record, subscribe};

#[tokio::test]
async fn the_scope_of_a_filter_is_looked_at_too() {
    let world = World::new(Auth::Open).await;
    let root = world.root();
    let subscribed = subscribe(&root, &world.request(Filter::Alerts)).await.unwrap();
    let record = SubscriptionRecord { filter: Filter::Alerts, ..record(&subscribed) };
    assert_eq!(check(&root, &record).await.unwrap().state, SubscriptionState::Ok, "the filter that was agreed");
    world.set(subscribed.subscription_arn.as_deref().unwrap(), "FilterPolicyScope", "MessageAttributes").await;
    let checked = check(&root, &record).await.unwrap();
    assert_eq!(checked.state, SubscriptionState::SubscriptionMissing, "nothing gets through: {checked:?}");
    assert!(checked.problem.unwrap().message.contains("scope"), "the scope is named");
}
