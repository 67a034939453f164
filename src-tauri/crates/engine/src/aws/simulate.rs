//! What IAM says of our own rights, asked beforehand: `SimulatePrincipalPolicy`.
//!
//! **Invariant:** a question, never a proof: IAM leaves out the policies of resources, of sessions and of organizations here (IAM API
//! reference). Who may not ask is told which right that needs.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use watchbell_core::iam::{Policy, Statement};

use super::access::Caller;
use super::refusal::{Refusal, refusal};

const ACTION: &str = "iam:SimulatePrincipalPolicy";

/// Whose policies count for a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A user or a role, by ARN.
    Principal(String),
    /// The account's root, who may do everything.
    Root,
    /// Somebody of whom IAM cannot be asked.
    Other,
}

/// The user or role behind a caller. The path of a role is not in the ARN of its session, so IAM is asked for it.
pub(crate) async fn subject(iam: &Client, caller: &Caller) -> Result<Subject, Refusal> {
    let resource = caller.arn.splitn(6, ':').nth(5).unwrap_or_default();
    if resource == "root" {
        return Ok(Subject::Root);
    }
    if resource.starts_with("user/") {
        return Ok(Subject::Principal(caller.arn.clone()));
    }
    let Some(role) = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next()) else {
        return Ok(Subject::Other);
    };
    let told = iam.get_role().role_name(role).send().await.map_err(|error| refusal("iam:GetRole", role, &error))?;
    Ok(told.role().map_or(Subject::Other, |role| Subject::Principal(role.arn().to_owned())))
}

/// The actions of a policy that the principal may not do, each with its resource; what is optional is not asked for. `actual` stands for the policy's own resources
/// where those are patterns.
pub(crate) async fn denied(
    iam: &Client,
    principal: &str,
    policy: &Policy,
    actual: impl Fn(&str) -> String,
) -> Result<Vec<(String, String)>, Refusal> {
    let mut denied = Vec::new();
    for statement in policy.statements().iter().filter(|one| !one.is_optional()) {
        for resource in statement.resources() {
            let resource = actual(resource);
            let asked = iam
                .simulate_principal_policy()
                .policy_source_arn(principal)
                .set_action_names(Some(statement.actions().to_vec()))
                .resource_arns(&resource)
                .set_context_entries(Some(context(statement, &actual)));
            let told = asked.send().await.map_err(|error| refusal(ACTION, principal, &error))?;
            let refused = told.evaluation_results.unwrap_or_default().into_iter();
            let refused = refused.filter(|one| one.eval_decision != PolicyEvaluationDecisionType::Allowed);
            denied.extend(refused.map(|one| (one.eval_action_name, resource.clone())));
        }
    }
    Ok(denied)
}

/// The call as the statement's conditions want it: whether those are met when we call is ours to see to.
fn context(statement: &Statement, actual: &impl Fn(&str) -> String) -> Vec<ContextEntry> {
    let entry = |(_, key, values): (&str, &str, &[String])| {
        let values = values.iter().map(|value| actual(value)).collect();
        ContextEntry::builder()
            .context_key_name(key)
            .set_context_key_values(Some(values))
            .context_key_type(ContextKeyTypeEnum::String)
            .build()
    };
    statement.conditions().map(entry).collect()
}
