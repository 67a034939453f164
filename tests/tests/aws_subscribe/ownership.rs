//! What is found under a name of ours: reused, taken over with a yes, or left alone.

use watchbell_core::plan::{Filter, same_json};
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::subscribe::{StepState, SubscribeRequest, plan};
use watchbell_engine::error::{Code, Problem};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use super::{World, leave, record, states, subscribe};

#[tokio::test]
async fn a_queue_found_again_is_taken_over_only_with_a_yes() {
    let world = World::new(Auth::Enforced).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    world.publish(r#"{"status":"Failed"}"#).await;

    let planned = plan(&world.root(), &world.request(Filter::All)).await.unwrap();
    assert_eq!(states(&planned.steps)["queue"], StepState::Planned, "taking over is a change: {:?}", planned.steps);
    assert!(planned.risks.iter().any(|risk| risk.contains("found again")), "and is said: {:?}", planned.risks);

    let failed = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap_err();
    assert_eq!(failed.problem.code, Code::Usage, "without a yes it is not taken: {failed:?}");
    assert_eq!(world.queues().await, std::slice::from_ref(&first.queue_url), "and it is still there");

    let yes = SubscribeRequest { take_over: true, ..world.request(Filter::All) };
    let taken = subscribe(&world.root(), &yes).await.unwrap();
    assert_eq!((&taken.queue_url, &taken.subscription_arn), (&first.queue_url, &first.subscription_arn), "the same");
    assert_eq!(states(&taken.steps)["queue"], StepState::Done, "taking over was done: {:?}", taken.steps);
    let undone = taken.take_back(Problem::new(Code::Storage, "the disk is full", "")).await;
    assert!(undone.steps.iter().all(|step| step.state != StepState::Done), "all is as before: {:?}", undone.steps);
    assert_eq!(world.heard(&first.queue_url).await, 1, "what waits in a queue that was there before stays");
}

#[tokio::test]
async fn what_is_not_ours_is_left_alone() {
    let world = World::new(Auth::Enforced).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let before = (world.policy(&first.queue_url).await, world.tags(&first.queue_url).await);
    let yes = SubscribeRequest { take_over: true, ..world.request(Filter::Alerts) };

    // Another machine of the same user and host name: the case of a cloned laptop.
    let other = SubscribeRequest { machine: Some("99999999".to_owned()), ..yes.clone() };
    let second = subscribe(&world.root(), &other).await.unwrap();
    assert_ne!(second.queue_url, first.queue_url, "two machines never share a queue");
    assert!(second.queue_arn.name().starts_with("watchbell-ann-laptop--2-"), "named beside: {}", second.queue_arn);
    assert!(second.risks.iter().any(|risk| risk.contains("left alone")), "and told why: {:?}", second.risks);
    world.publish(r#"{"status":"Failed"}"#).await;
    for url in [&first.queue_url, &second.queue_url] {
        assert_eq!(world.heard(url).await, 1, "each hears everything");
    }
    assert_eq!(world.subscriptions().await.len(), 2, "each has its subscription");
    let again = SubscribeRequest { stored: Some(second.queue_arn.clone()), ..other };
    let again = subscribe(&world.root(), &again).await.unwrap();
    assert!(
        again.steps.iter().all(|step| step.state == StepState::Unchanged),
        "made once and reused: {:?}",
        again.steps
    );

    // Nobody's: somebody took the tags off, or made it by hand.
    let removed = second.take_back(Problem::new(Code::No, "x", "")).await;
    assert!(removed.steps.iter().any(|step| step.state == StepState::Undone), "a run can be taken back whole");
    assert_eq!(world.queues().await, std::slice::from_ref(&first.queue_url), "its queue is gone");
    let names = ["watchbell:owner", "watchbell:topic"];
    let bare = world.sqs.untag_queue().queue_url(&first.queue_url);
    bare.set_tag_keys(Some(names.map(str::to_owned).to_vec())).send().await.unwrap();
    let third = subscribe(&world.root(), &yes).await.unwrap();
    assert_ne!(third.queue_url, first.queue_url, "a queue without tags is not ours");
    assert_eq!(world.policy(&first.queue_url).await, before.0, "its policy was not touched");
    assert_eq!(world.tags(&first.queue_url).await.len(), before.1.len() - 2, "nor its tags");
}

#[tokio::test]
async fn a_queue_whose_owner_cannot_be_read_is_refused_unless_our_record_knows_it() {
    let world = World::new(Auth::Enforced).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let person = world.all_but("sqs:ListQueueTags").await;
    let yes = SubscribeRequest { take_over: true, ..world.request(Filter::Alerts) };
    for refused in [subscribe(&person, &yes).await.unwrap_err().problem, plan(&person, &yes).await.unwrap_err()] {
        assert_eq!(refused.code, Code::AwsRefused, "{refused:?}");
        assert!(refused.message.contains("cannot be told"), "it is said what cannot be told: {}", refused.message);
        assert!(refused.hint.contains("sqs:ListQueueTags"), "and which permission would tell: {}", refused.hint);
    }
    assert!(same_json(&world.filter(first.subscription_arn.as_deref().unwrap()).await, ""), "nothing was touched");

    let known = subscribe(&person, &world.again(&first, Filter::All)).await.unwrap();
    assert_eq!(known.queue_url, first.queue_url, "our own record says that it is ours");
    assert!(
        known.risks.iter().any(|risk| risk.contains("sqs:ListQueueTags")),
        "the tags are a risk: {:?}",
        known.risks
    );
}

#[tokio::test]
async fn a_name_that_somebody_else_took_since_is_refused_and_left_when_leaving() {
    let world = World::new(Auth::Open).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    world.tag(&first.queue_url, "watchbell:owner", "bob").await;
    let failed = subscribe(&world.root(), &world.again(&first, Filter::All)).await.unwrap_err();
    assert!(failed.problem.message.contains("bob"), "it is said whose it is: {}", failed.problem.message);
    let report = leave(&world.root(), &record(&first)).await;
    assert!(report.kept.iter().any(|kept| kept.contains("not ours any more")), "somebody's queue stays: {report:?}");
    assert_eq!(world.queues().await, [first.queue_url], "and it is still there");
}

#[tokio::test]
async fn leaving_reads_whose_it_is_before_anything_is_removed() {
    let world = World::new(Auth::Enforced).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
    let through_the_gate = Access::new(identity, None, Some(gate.url.clone()));
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let untouched = async |what: &str| {
        assert_eq!(
            (world.queues().await.len(), world.subscriptions().await.len()),
            (1, 1),
            "{what}: nothing is touched"
        );
    };

    gate.answer("ListQueueTags", 503, "{}");
    let late = leave(&through_the_gate, &record(&first)).await;
    assert_eq!((late.removed.len(), late.could_not.len()), (0, 2), "whose it is cannot be told now: {late:?}");
    untouched("AWS does not answer").await;

    world.tag(&first.queue_url, "watchbell:machine", "99999999").await;
    let others = leave(&world.root(), &record(&first)).await;
    assert!(others.kept[0].contains("another machine's") && others.removed.is_empty(), "{others:?}");
    assert!(others.kept[0].contains("--leftover"), "with the way to remove it all the same: {others:?}");
    untouched("another machine hears by it").await;
    world.tag(&first.queue_url, "watchbell:machine", "1a2b3c4d").await;

    world.tag(&first.queue_url, "watchbell:host", "renamed").await;
    let blind = leave(&world.all_but("sqs:ListQueueTags").await, &record(&first)).await;
    assert_eq!((blind.removed.len(), blind.could_not.len()), (2, 0), "our own record is enough: {blind:?}");
    assert!(blind.removed[1].contains("the record in the data folder decided"), "and that is said: {blind:?}");

    let second = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let names = ["watchbell:owner", "watchbell:topic"];
    let bare = world.sqs.untag_queue().queue_url(&second.queue_url);
    bare.set_tag_keys(Some(names.map(str::to_owned).to_vec())).send().await.unwrap();
    let bare = leave(&world.root(), &record(&second)).await;
    assert!(bare.removed[1].contains("tags were gone"), "also where somebody took the tags off: {bare:?}");
    assert_eq!((world.queues().await.len(), world.subscriptions().await.len()), (0, 0));
}

#[tokio::test]
async fn a_queue_in_another_place_is_not_forgotten_for_a_new_one() {
    let world = World::new(Auth::Open).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let moved = SubscribeRequest { queue_region: "eu-west-1".to_owned(), ..world.again(&first, Filter::All) };
    let failed = subscribe(&world.root(), &moved).await.unwrap_err();
    assert_eq!(failed.problem.code, Code::Usage, "{failed:?}");
    assert!(failed.problem.hint.contains("unsubscribe"), "the old one is removed first: {}", failed.problem.hint);
}

#[tokio::test]
async fn tags_of_a_queue_that_was_there_are_put_back() {
    let world = World::new(Auth::Enforced).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    world.tag(&first.queue_url, "watchbell:host", "its-old-name").await;
    world.sqs.untag_queue().queue_url(&first.queue_url).tag_keys("watchbell:created").send().await.unwrap();
    world.sns.unsubscribe().subscription_arn(first.subscription_arn.as_deref().unwrap()).send().await.unwrap();
    let before = world.tags(&first.queue_url).await;
    let failed = subscribe(&world.all_but("sns:Subscribe").await, &world.again(&first, Filter::All)).await.unwrap_err();
    assert_eq!(states(&failed.steps)["tags"], StepState::Undone, "{:?}", failed.steps);
    assert_eq!(world.tags(&first.queue_url).await, before, "as they were");
}
