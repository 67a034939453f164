//! Who AWS says that we are.
//!
//! Never here: what that means for anything of ours.

use aws_config::Region;
use watchbell_core::health::SubscriptionState;

use super::{Access, Identity};
use crate::aws::identity::tools::login_of;
use crate::aws::refusal::{Refusal, named, refusal_in};
use crate::error::{Code, Problem};

/// Who AWS says that we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account, 12 digits.
    pub account: String,
    /// The user, the assumed role or the root.
    pub arn: String,
}

impl Access {
    /// Who the credentials belong to. Needs no permission (STS API reference, `GetCallerIdentity`).
    pub async fn caller(&self, region: &str) -> Result<Caller, Problem> {
        match (caller(&self.sts(region).await).await, &self.identity) {
            (Ok(told), _) => Ok(told),
            (Err(refused), Identity::Profile(name)) => Err(named(refused, &login_of(name.as_deref()).await).into()),
            (Err(refused), _) => Err(refused.into()),
        }
    }

    /// [`Access::caller`] at the pace of [`Access::asked`].
    ///
    /// # Errors
    /// Why there are no credentials, or what AWS refused.
    pub async fn caller_soon(&self, region: &str) -> Result<Caller, Problem> {
        self.asked(region).await?.caller(region).await
    }
}

/// Asks STS who we are.
pub(crate) async fn caller(sts: &aws_sdk_sts::Client) -> Result<Caller, Refusal> {
    let operation = "sts:GetCallerIdentity";
    let region = sts.config().region().map_or("", Region::as_ref);
    let told = sts.get_caller_identity().send().await.map_err(|error| refusal_in(region, operation, "*", &error))?;
    match (told.account, told.arn) {
        (Some(account), arn) => Ok(Caller { account, arn: arn.unwrap_or_default() }),
        (None, _) => Err(Refusal {
            problem: Problem::new(
                Code::AwsUnreachable,
                format!("{operation} named no account"),
                "a proxy or another service may have answered: check AWS_ENDPOINT_URL and --endpoint-url",
            ),
            state: SubscriptionState::Blind,
            transient: true,
        }),
    }
}
