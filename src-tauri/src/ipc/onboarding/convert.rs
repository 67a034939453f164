//! From the engine's words of a set-up to the window's, and back.

use watchbell_core::arn::TopicArn;
use watchbell_core::plan::Filter;
use watchbell_engine::aws::access;
use watchbell_engine::aws::leave::LeaveReport;
use watchbell_engine::aws::profiles::{ProfileFound, ProfileKind};
use watchbell_engine::aws::subscribe::{Explained, Step, StepState, SubscribePlan};
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::setup;
use watchbell_engine::store::SubscriptionRecord;

use super::rights::RoleForm;
use super::types::{
    CallRow, Caller, Draft, LeftRow, Plan, Portal, ProfileRow, Receipt, StepRow, SubscriptionRow, TopicRow, Wanted,
};

impl From<ProfileFound> for ProfileRow {
    fn from(found: ProfileFound) -> Self {
        let (kind, source) = match found.kind {
            ProfileKind::Key => ("key", None),
            ProfileKind::Sso => ("sso", None),
            ProfileKind::Environment => ("environment", None),
            ProfileKind::Login => ("login", None),
            ProfileKind::Process => ("process", None),
            ProfileKind::Role { source } => ("role", Some(source)),
            ProfileKind::WebIdentity => ("web_identity", None),
            ProfileKind::Unusable => ("unusable", None),
        };
        Self { name: found.name, region: found.region, kind: kind.into(), source, trouble: found.trouble }
    }
}

impl TopicRow {
    pub(super) fn of(topic: &TopicArn, held: &[SubscriptionRecord]) -> Self {
        let held = held.iter().find(|record| record.topic_arn == *topic);
        Self {
            arn: topic.to_string(),
            name: topic.name().into(),
            region: topic.region().into(),
            account: topic.account().into(),
            subscribed: held.is_some(),
            filter: held.map(|record| record.filter.as_str().into()),
        }
    }
}

impl From<access::Caller> for Caller {
    fn from(told: access::Caller) -> Self {
        Self { account: told.account, arn: told.arn }
    }
}

impl From<&Step> for StepRow {
    fn from(step: &Step) -> Self {
        let state = match step.state {
            StepState::Planned => "planned",
            StepState::Running => "running",
            StepState::Done => "done",
            StepState::Unchanged => "unchanged",
            StepState::Failed => "failed",
            StepState::Undone => "undone",
        };
        Self { name: step.name.into(), state: state.into(), detail: step.detail.clone() }
    }
}

impl Plan {
    pub(super) fn of(plan: &SubscribePlan, explained: Explained) -> Self {
        let calls = explained.calls.into_iter().map(|call| CallRow {
            action: call.action.into(),
            resource: call.resource,
            what: call.what,
            writes: call.writes,
        });
        Self {
            topic_arn: plan.topic_arn.to_string(),
            queue_name: plan.queue_name.clone(),
            queue_arn: plan.queue_arn.to_string(),
            adopted: plan.adopted,
            steps: plan.steps.iter().map(Into::into).collect(),
            calls: calls.collect(),
            policy: explained.policy,
            filter: explained.filter,
            grants: explained.grants,
            risks: plan.risks.clone(),
        }
    }
}

impl From<LeaveReport> for Receipt {
    fn from(report: LeaveReport) -> Self {
        let left = report.could_not.into_iter().map(|one| LeftRow { what: one.what, problem: one.problem.into() });
        Self {
            at: clock::now().to_string(),
            removed: report.removed,
            kept: report.kept,
            left: left.collect(),
            forgotten: report.forgotten,
            by_hand: report.by_hand,
        }
    }
}

impl From<SubscriptionRecord> for SubscriptionRow {
    fn from(record: SubscriptionRecord) -> Self {
        Self {
            topic_arn: record.topic_arn.to_string(),
            filter: record.filter.as_str().into(),
            adopted: record.adopted,
            paused: record.paused,
            leaving: record.leaving,
            sign_in: record.credentials.into(),
            role: RoleForm::of(record.role_arn, record.role_terms),
            created_at: record.created_at.to_string(),
        }
    }
}

pub(super) fn filter_of(text: &str) -> Result<Filter, Problem> {
    match text {
        "all" => Ok(Filter::All),
        "alerts" => Ok(Filter::Alerts),
        other => Err(Problem::new(Code::Usage, format!("no filter is called {other:?}"), "choose all or alerts")),
    }
}

/// The topic of a text that was typed or pasted, or what is wrong with it in words.
pub(super) fn topic_of(text: &str) -> Result<TopicArn, Problem> {
    text.parse()
        .map_err(|error: watchbell_core::arn::ArnError| Problem::new(Code::Usage, error.to_string(), error.hint()))
}

/// What can stand in a host's name; whether AWS has such a region, AWS says.
pub(super) fn region_of(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_lowercase();
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 40 || !text.chars().all(letters) || !text.contains('-') {
        return Err(Problem::new(
            Code::Usage,
            format!("\"{}\" is not a region", watchbell_core::words::clean_to(&text, 60)),
            "type its code, such as eu-central-1",
        ));
    }
    Ok(text)
}

pub(super) fn wanted_of(asked: Wanted, endpoint_url: Option<String>) -> Result<setup::Wanted, Problem> {
    let rights = setup::Rights::try_from(asked.rights)?;
    Ok(setup::Wanted {
        topic: topic_of(&asked.topic_arn)?,
        queue_region: None,
        filter: filter_of(&asked.filter)?,
        queue_url: asked.queue_url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()),
        credentials: rights.credentials,
        role_arn: rights.role_arn,
        role_terms: rights.role_terms,
        endpoint_url,
        // What would be taken over is in the plan that was shown before.
        take_over: true,
    })
}

impl From<setup::Draft> for Draft {
    fn from(held: setup::Draft) -> Self {
        let step = match held.step {
            setup::DraftStep::SignIn => "sign_in",
            setup::DraftStep::Topic => "topic",
            setup::DraftStep::Plan => "plan",
            setup::DraftStep::Check => "check",
            setup::DraftStep::Preferences => "preferences",
        };
        Self {
            step: step.into(),
            sign_in: held.credentials.map(Into::into),
            role: RoleForm::of(held.role_arn, held.role_terms),
            portal: held.portal.map(|told| Portal { start_url: told.start_url, region: told.region }),
            region: held.region,
            topic_arn: held.topic_arn,
            filter: held.filter.as_str().into(),
            queue_url: held.queue_url,
        }
    }
}

/// What the window says of the draft, over what the shell knows of it alone: what it put into the keychain.
pub(super) fn draft_of(told: Draft, held: setup::Draft) -> Result<setup::Draft, Problem> {
    let step = match told.step.as_str() {
        "topic" => setup::DraftStep::Topic,
        "plan" | "apply" => setup::DraftStep::Plan,
        "check" => setup::DraftStep::Check,
        "preferences" => setup::DraftStep::Preferences,
        _ => setup::DraftStep::SignIn,
    };
    let (role_arn, role_terms) = told.role.map(RoleForm::kept).unwrap_or_default();
    Ok(setup::Draft {
        step,
        credentials: told.sign_in.map(TryInto::try_into).transpose()?,
        kept_key: held.kept_key,
        kept_places: held.kept_places,
        opened_for: held.opened_for,
        portal: told.portal.map(|told| setup::Portal { start_url: told.start_url, region: told.region }),
        role_arn,
        role_terms,
        region: told.region,
        topic_arn: told.topic_arn,
        filter: filter_of(&told.filter)?,
        queue_url: told.queue_url,
    })
}

#[cfg(test)]
mod tests {
    use super::region_of;

    #[test]
    fn a_region_is_a_name_and_never_a_host() {
        assert_eq!(region_of(" EU-central-1 ").unwrap(), "eu-central-1", "as it is pasted");
        for text in ["", "frankfurt", "eu-central-1.evil.example/", "eu central-1"] {
            assert!(region_of(text).is_err(), "{text:?} would become part of an address");
        }
    }
}
