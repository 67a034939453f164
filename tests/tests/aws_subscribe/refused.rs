//! Refusals that no stand-in makes by itself, put into AWS's mouth in the middle of a run: each names its cause and its way out, and
//! what exists afterwards is what existed before.

use serde_json::json;
use watchbell_core::plan::Filter;
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::subscribe::{StepState, SubscribeRequest};
use watchbell_engine::aws::topics::create;
use watchbell_engine::error::Problem;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use super::{World, states, subscribe};

const LATE: &str =
    "Signature expired: 20261129T200000Z is now earlier than 20261129T205500Z (20261129T211000Z - 15 min.)";

/// As SQS says it.
fn sqs(code: &str, said: &str) -> String {
    json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": said }).to_string()
}

/// As SNS and STS say it.
fn xml(code: &str, said: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"
    )
}

fn says(problem: &Problem, case: &str, words: &[&str]) {
    let said = format!("{}; {}", problem.message, problem.hint);
    for word in words {
        assert!(said.contains(word), "{case}: {word:?} is said: {said}");
    }
}

#[tokio::test]
async fn each_refusal_names_its_cause_and_leaves_nothing() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
    let access = Access::new(identity, None, Some(gate.url.clone()));
    let here = world.request(Filter::Alerts);
    let off = SubscribeRequest { queue_region: "me-south-1".into(), ..here.clone() };
    let exists = async || (world.queues().await, world.subscriptions().await);
    let before = exists().await;
    let no_key = "The security token included in the request is invalid.";
    let deleted = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";

    for (request, action, status, answer, step, words) in [
        (
            &here,
            "CreateQueue",
            400,
            sqs("QueueDeletedRecently", deleted),
            "queue",
            &["less than 60 s ago", "wait a minute"][..],
        ),
        (&here, "CreateQueue", 403, sqs("InvalidSignatureException", LATE), "queue", &["clock is off"]),
        (
            &here,
            "SetQueueAttributes",
            400,
            sqs("RequestThrottled", "slow down"),
            "policy",
            &["could not answer", "try again"],
        ),
        (
            &here,
            "Subscribe",
            403,
            xml("SubscriptionLimitExceeded", "limit"),
            "subscription",
            &["as many subscriptions", "higher SNS quota"],
        ),
        (
            &here,
            "Subscribe",
            403,
            xml("FilterPolicyLimitExceeded", "limit"),
            "subscription",
            &["as many filter policies", "--filter all"],
        ),
        (
            &here,
            "Subscribe",
            400,
            xml("Throttling", "Rate exceeded"),
            "subscription",
            &["could not answer", "try again"],
        ),
        (
            &here,
            "GetCallerIdentity",
            403,
            xml("SignatureDoesNotMatch", LATE),
            "identity",
            &["clock is off", "set the clock"],
        ),
        (
            &off,
            "GetCallerIdentity",
            403,
            xml("InvalidClientTokenId", no_key),
            "identity",
            &["in me-south-1", "switched on", "mistyped"],
        ),
        (
            &off,
            "CreateQueue",
            403,
            sqs("UnrecognizedClientException", no_key),
            "queue",
            &["in me-south-1", "switched on", "mistyped"],
        ),
    ] {
        let case = format!("{action} answered {answer}");
        gate.answer(action, status, answer);
        let failed = subscribe(&access, request).await.unwrap_err();
        gate.pass(action);
        says(&failed.problem, &case, words);
        assert_eq!(states(&failed.steps)[step], StepState::Failed, "{case}: {:?}", failed.steps);
        assert!(failed.steps.iter().all(|step| step.state != StepState::Done), "{case}: undone: {:?}", failed.steps);
        assert_eq!(exists().await, before, "{case}: nothing stays");
    }

    gate.answer("CreateTopic", 403, xml("TopicLimitExceeded", "limit"));
    let limit = create(&access, "us-east-1", "one-more").await.unwrap_err();
    says(&limit, "too many topics", &["as many topics", "choose a topic that exists"]);
    gate.pass("CreateTopic");
    subscribe(&access, &here).await.expect("and when AWS takes it, it is made");
}
