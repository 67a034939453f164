//! What AWS took and does not show yet: waited for, with a word; called off while it is waited for; and taken back when it never comes.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use watchbell_core::plan::Filter;
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::subscribe::{Step, StepState, SubscribeFailed, Subscribed, apply};
use watchbell_engine::error::Code;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use super::{World, states};

/// A run whose queue shows another policy than the one that was written.
struct Shadowed {
    world: World,
    gate: Gate,
}

impl Shadowed {
    async fn new() -> Self {
        let world = World::new(Auth::Open).await;
        let gate = Gate::before(&world.aws.url).await.unwrap();
        let empty = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
        gate.answer("GetQueueAttributes", 200, json!({ "Attributes": { "Policy": empty } }).to_string());
        Self { world, gate }
    }

    async fn run(
        &self,
        told: mpsc::UnboundedSender<Step>,
        cancel: &CancellationToken,
    ) -> Result<Subscribed, SubscribeFailed> {
        let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
        let access = Access::new(identity, None, Some(self.gate.url.clone()));
        let mut tell = |step: &Step| told.send(step.clone()).unwrap_or_default();
        apply(&access, &self.world.request(Filter::All), &mut tell, cancel).await
    }

    async fn nothing_stays(&self) {
        assert_eq!(self.world.queues().await, Vec::<String>::new(), "no queue stays");
        assert_eq!(self.world.subscriptions().await, Vec::<String>::new(), "no subscription stays");
    }
}

/// Up to the word that it takes its time.
async fn waiting(told: &mut mpsc::UnboundedReceiver<Step>) -> Step {
    loop {
        let step = told.recv().await.expect("the run says that it waits");
        if step.state == StepState::Running {
            return step;
        }
    }
}

#[tokio::test]
async fn a_policy_that_shows_late_is_waited_for_and_the_set_up_stays() {
    let shadowed = Shadowed::new().await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let shows_late = async {
        let step = waiting(&mut told).await;
        assert!(step.name == "verify" && step.detail.contains("may take a minute"), "it is said: {step:?}");
        tokio::time::sleep(Duration::from_secs(9)).await;
        shadowed.gate.pass("GetQueueAttributes");
    };
    let (done, ()) = tokio::join!(shadowed.run(tell, &cancel), shows_late);
    let done = done.expect("what AWS took is not taken back because it shows late");
    assert_eq!(states(&done.steps)["verify"], StepState::Done, "it was read back: {:?}", done.steps);
    assert!(done.steps.iter().all(|step| step.state != StepState::Running), "and nothing is under way any more");
    assert_eq!(shadowed.world.subscriptions().await.len(), 1, "it is subscribed");
}

#[tokio::test]
async fn what_is_waited_for_can_be_called_off() {
    let shadowed = Shadowed::new().await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let call_off = async {
        waiting(&mut told).await;
        cancel.cancel();
    };
    let (done, ()) = tokio::join!(shadowed.run(tell, &cancel), call_off);
    let failed = done.unwrap_err();
    assert_eq!((failed.problem.code, states(&failed.steps)["verify"]), (Code::No, StepState::Failed), "{failed:?}");
    shadowed.nothing_stays().await;
}

#[tokio::test]
async fn a_policy_that_never_shows_is_named_and_everything_is_taken_back() {
    let shadowed = Shadowed::new().await;
    let (tell, _told) = mpsc::unbounded_channel();
    let failed = shadowed.run(tell, &CancellationToken::new()).await.unwrap_err();
    assert!(failed.problem.message.contains("does not let the topic deliver"), "what is wrong is said: {failed:?}");
    assert_eq!(states(&failed.steps)["verify"], StepState::Failed, "{:?}", failed.steps);
    for step in ["queue", "policy", "subscription"] {
        assert_eq!(states(&failed.steps)[step], StepState::Undone, "{step} is taken back: {:?}", failed.steps);
    }
    shadowed.nothing_stays().await;
}
