//! Every policy of a user, group or role, inline and attached, read from IAM.
//!
//! **Invariant:** all of it or a reason: with one policy unread, what it allows is not known, and nothing is called missing.

use aws_sdk_iam::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use watchbell_core::iam::{HeldPolicy, Target};

use super::{Held, Unread};
use crate::aws::refusal::refusal;
use crate::error::{Code, Problem};

/// IAM, asked about identities.
pub(super) struct Identities {
    iam: Client,
}

/// A call's failure in words. Something that does not exist is told as such.
fn refused<E>(action: &str, on: &str, error: &SdkError<E, HttpResponse>) -> Unread
where
    E: ProvideErrorMetadata + std::error::Error + std::fmt::Debug + 'static,
{
    if error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("NoSuchEntity") {
        return Unread::Absent(on.to_owned());
    }
    refusal(action, on, error).into()
}

pub(crate) fn unreadable(what: &str) -> Problem {
    Problem::new(Code::AwsRefused, format!("{what} is no policy that can be read"), "look at it in the console")
}

/// Collects the pages of a list of IAM's, and reads each policy that it names.
macro_rules! inline {
    ($self:ident, $name:expr, $on:expr, $list:ident, $get:ident, $setter:ident, $list_action:literal, $get_action:literal) => {{
        let mut held = Vec::new();
        let mut names = $self.iam.$list().$setter($name).into_paginator().items().send();
        while let Some(name) = names.next().await {
            let name = name.map_err(|error| refused($list_action, $on, &error))?;
            let told = $self.iam.$get().$setter($name).policy_name(&name).send().await;
            let told = told.map_err(|error| refused($get_action, $on, &error))?;
            held.push(read(told.policy_document(), &name)?);
        }
        held
    }};
}

macro_rules! attached {
    ($self:ident, $name:expr, $on:expr, $list:ident, $setter:ident, $action:literal) => {{
        let mut arns = Vec::new();
        let mut pages = $self.iam.$list().$setter($name).into_paginator().items().send();
        while let Some(policy) = pages.next().await {
            arns.extend(policy.map_err(|error| refused($action, $on, &error))?.policy_arn);
        }
        $self.managed(&arns).await?
    }};
}

impl Identities {
    pub(super) fn new(iam: Client) -> Self {
        Self { iam }
    }

    /// Who may assume a role.
    pub(super) async fn trust(&self, role: &str) -> Held {
        let on = format!("the role {role}");
        let told = self.iam.get_role().role_name(role).send().await;
        let told = told.map_err(|error| refused("iam:GetRole", &on, &error))?;
        let document = told.role().and_then(|role| role.assume_role_policy_document()).unwrap_or_default();
        Ok(vec![read(document, "the trust policy")?])
    }

    /// What an identity may do.
    pub(super) async fn permissions(&self, of: &Target) -> Held {
        match of {
            Target::Role { name, .. } => self.role(name).await,
            Target::User { name, .. } => self.user(name).await,
            Target::Group { name, .. } => self.group(name).await,
            Target::Anyone { .. } => Err(Problem::new(
                Code::No,
                "nobody was named whose rights could be read",
                "say whom: --user with a name or an ARN, or the field Person of the window",
            )
            .into()),
            Target::Key { .. } | Target::Topic { .. } | Target::Queue { .. } => Err(unreadable("that").into()),
        }
    }

    async fn role(&self, name: &str) -> Held {
        let on = &format!("the role {name}");
        let mut held = inline!(
            self,
            name,
            on,
            list_role_policies,
            get_role_policy,
            role_name,
            "iam:ListRolePolicies",
            "iam:GetRolePolicy"
        );
        held.extend(attached!(self, name, on, list_attached_role_policies, role_name, "iam:ListAttachedRolePolicies"));
        Ok(held)
    }

    async fn user(&self, name: &str) -> Held {
        let on = &format!("the user {name}");
        let mut held = inline!(
            self,
            name,
            on,
            list_user_policies,
            get_user_policy,
            user_name,
            "iam:ListUserPolicies",
            "iam:GetUserPolicy"
        );
        held.extend(attached!(self, name, on, list_attached_user_policies, user_name, "iam:ListAttachedUserPolicies"));
        let mut groups = Vec::new();
        let mut pages = self.iam.list_groups_for_user().user_name(name).into_paginator().items().send();
        while let Some(group) = pages.next().await {
            groups.push(group.map_err(|error| refused("iam:ListGroupsForUser", on, &error))?.group_name);
        }
        for group in groups {
            held.extend(self.group(&group).await?);
        }
        Ok(held)
    }

    async fn group(&self, name: &str) -> Held {
        let on = &format!("the group {name}");
        let mut held = inline!(
            self,
            name,
            on,
            list_group_policies,
            get_group_policy,
            group_name,
            "iam:ListGroupPolicies",
            "iam:GetGroupPolicy"
        );
        held.extend(attached!(
            self,
            name,
            on,
            list_attached_group_policies,
            group_name,
            "iam:ListAttachedGroupPolicies"
        ));
        Ok(held)
    }

    /// The default version of each managed policy.
    async fn managed(&self, arns: &[String]) -> Held {
        let mut held = Vec::new();
        for arn in arns {
            let told = self.iam.get_policy().policy_arn(arn).send().await;
            let told = told.map_err(|error| refused("iam:GetPolicy", arn, &error))?;
            let version = told.policy().and_then(|policy| policy.default_version_id()).unwrap_or("v1");
            let told = self.iam.get_policy_version().policy_arn(arn).version_id(version).send().await;
            let told = told.map_err(|error| refused("iam:GetPolicyVersion", arn, &error))?;
            let document = told.policy_version().and_then(|version| version.document()).unwrap_or_default();
            held.push(read(document, arn)?);
        }
        Ok(held)
    }
}

fn read(document: &str, what: &str) -> Result<HeldPolicy, Problem> {
    HeldPolicy::read(document).ok_or_else(|| unreadable(&format!("\"{}\"", watchbell_core::words::clean_to(what, 200))))
}
