//! A plan in the words of AWS: each call that carrying it out will make, and who can do what afterwards.
//!
//! **Invariant:** pure; what is listed is exactly what a run of that plan asks and writes, which `tests/tests/aws_subscribe` counts on the
//! wire.

use watchbell_core::plan::{Filter, filter_policy, queue_name, queue_policy};

use super::{StepState, SubscribePlan, SubscribeRequest};

/// One call to AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// The IAM action: `sqs:CreateQueue`.
    pub action: &'static str,
    /// On what: an ARN, or `*` where IAM knows nothing narrower.
    pub resource: String,
    /// For what, in a few words.
    pub what: String,
    /// Whether it changes something.
    pub writes: bool,
}

/// The plan as a person reads it before they agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// In the order in which they are made.
    pub calls: Vec<PlannedCall>,
    /// The queue's access policy, or the statement that is added to it; absent for an administrator's queue.
    pub policy: Option<String>,
    /// The filter; absent when everything is let through.
    pub filter: Option<String>,
    /// Who will be able to do what, a sentence each.
    pub grants: Vec<String>,
}

/// Explains a plan that [`super::plan`] made of this request.
pub fn explain(plan: &SubscribePlan, request: &SubscribeRequest) -> Explained {
    let (queue, topic) = (plan.queue_arn.to_string(), plan.topic_arn.to_string());
    if plan.adopted {
        return adopted(plan, &queue);
    }
    let planned = |step: &str| plan.steps.iter().find(|held| held.name == step && held.state == StepState::Planned);
    let new = plan.queue_url.is_none();
    let mut calls = Vec::new();
    let mut call = |action, resource: &str, what: String, writes| {
        calls.push(PlannedCall { action, resource: resource.to_owned(), what, writes });
    };
    call("sts:GetCallerIdentity", "*", "see whose account the queue is in".into(), false);
    call("sns:GetTopicAttributes", &topic, "see that the topic exists".into(), false);
    call("sqs:GetQueueUrl", &queue, "see whether the queue exists already".into(), false);
    // A queue of the first name that is somebody else's was looked at, too.
    if !new || request.stored.is_none() && plan.queue_name != queue_name(&request.user, &request.host, &request.topic) {
        call("sqs:ListQueueTags", &queue, "see whose a queue that exists is".into(), false);
    }
    if let Some(step) = planned("queue") {
        if new {
            call("sqs:CreateQueue", &queue, format!("{}, with its tags", step.detail), true);
        } else if step.detail.contains('(') {
            call("sqs:SetQueueAttributes", &queue, step.detail.clone(), true);
        }
    }
    if let Some(step) = planned("policy") {
        call("sqs:SetQueueAttributes", &queue, step.detail.clone(), true);
    }
    if let Some(step) = planned("tags")
        && !new
    {
        call("sqs:TagQueue", &queue, step.detail.clone(), true);
    }
    call("sns:ListSubscriptionsByTopic", &topic, "see whether the topic sends to the queue already".into(), false);
    if let Some(step) = planned("subscription") {
        match &plan.subscription_arn {
            None => call("sns:Subscribe", &topic, step.detail.clone(), true),
            Some(_) => call("sns:SetSubscriptionAttributes", "*", step.detail.clone(), true),
        }
    }
    call("sqs:GetQueueAttributes", &queue, "read the policy back".into(), false);
    call("sns:GetSubscriptionAttributes", "*", "read the subscription back".into(), false);

    let who = &plan.topic_arn;
    let less = match request.filter {
        Filter::All => "every status change",
        Filter::Alerts => "failures and time-outs only",
    };
    Explained {
        calls,
        policy: serde_json::to_string_pretty(&queue_policy(&plan.queue_arn, who)).ok(),
        filter: filter_policy(request.filter).and_then(|policy| serde_json::to_string_pretty(&policy).ok()),
        grants: vec![
            format!("Only the topic {} may send to the queue; it sends {less}.", who.name()),
            format!("Watchbell reads and deletes messages of {} with your own rights.", plan.queue_name),
            format!(
                "Whoever may read queues in account {} can see this one and its messages, and in its tags your name, this machine's and who AWS says you are.",
                plan.queue_arn.account()
            ),
            "Nobody else gets a right from this, and nothing is sent to the topic.".to_owned(),
        ],
    }
}

fn adopted(plan: &SubscribePlan, queue: &str) -> Explained {
    let topic = plan.topic_arn.to_string();
    let read = |action, resource: &str, what: &str| PlannedCall {
        action,
        resource: resource.to_owned(),
        what: what.to_owned(),
        writes: false,
    };
    let mut calls =
        vec![read("sqs:GetQueueAttributes", queue, "see whether it has a redrive policy or a second reader")];
    if plan.receives {
        calls.push(read("sqs:ReceiveMessage", queue, "see that messages may be received; what comes is put back"));
    }
    calls.push(read("sqs:DeleteMessage", queue, "see that they may be deleted; none is"));
    calls.push(read("sns:ListSubscriptionsByTopic", &topic, "see whether the topic sends to the queue"));
    if plan.subscription_arn.is_some() {
        calls.push(read("sns:GetSubscriptionAttributes", "*", "see what its subscription holds back"));
    }
    Explained {
        calls,
        policy: None,
        filter: None,
        grants: vec![
            format!("Watchbell reads and deletes messages of {}; it changes nothing else.", plan.queue_name),
            "The queue and its subscription stay the administrator's, also when you leave.".to_owned(),
        ],
    }
}
