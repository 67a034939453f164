//! What AWS refused, in words: what failed, why, what to do next, and what it means for hearing.
//!
//! **Invariant:** a denied call names its IAM action and resource, so that the sentence can be sent to an administrator as it is.
//! Never here: retries, or printing.

mod answered;
mod credentials;
mod denial;

use std::error::Error;
use std::fmt::Debug;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use watchbell_core::health::SubscriptionState;

use crate::error::{Code, Problem};
use answered::{Call, answered};
pub use credentials::login_in;
pub(crate) use credentials::{Login, NoCredentials, OfProfile, named};

/// A call that AWS refused or that did not reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For the person.
    pub problem: Problem,
    /// What it means for the subscription.
    pub state: SubscriptionState,
    /// It may heal without the person.
    pub transient: bool,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        refusal.problem
    }
}

/// What to do about an AWS that cannot answer now, where somebody asked.
const BUSY: &str = "try again in a moment";

impl Refusal {
    /// The same for what is tried again without anybody asking.
    #[must_use]
    pub(crate) fn tried_again(mut self) -> Self {
        let hint = &mut self.problem.hint;
        match hint.as_str() {
            _ if !self.transient || hint.contains("by itself") => {}
            BUSY => "nothing to do: Watchbell tries again by itself".clone_into(hint),
            _ => hint.push_str("; Watchbell goes on trying by itself"),
        }
        self
    }
}

/// Puts one SDK error into words. `operation` is the IAM action (`sqs:ReceiveMessage`), `resource` its ARN or URL.
pub fn refusal<E>(operation: &str, resource: &str, error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + Error + Debug + 'static,
{
    // An ARN says where the call went.
    let region = resource.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2)).unwrap_or_default();
    refusal_in(region, operation, resource, error)
}

/// The same of a call whose resource does not say the region: some regions have to be switched on first.
pub(crate) fn refusal_in<E>(region: &str, operation: &str, resource: &str, error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + Error + Debug + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let code = context.err().code().unwrap_or("unknown");
            let said = context.err().message().unwrap_or_default();
            answered(&Call { operation, resource, region }, code, said, context.raw().status().as_u16())
        }
        SdkError::TimeoutError(_) => unreachable(operation, resource, "it did not answer in time"),
        SdkError::DispatchFailure(_) => not_sent(operation, resource, error),
        other => Refusal {
            problem: Problem::new(
                Code::AwsUnreachable,
                format!("{operation} got an answer that is not AWS's: {}", innermost(other)),
                "a proxy or captive portal may stand between; check AWS_ENDPOINT_URL and the network",
            ),
            state: SubscriptionState::Blind,
            transient: true,
        },
    }
}

/// Why there are no credentials to sign a call with, asked for by themselves.
pub(crate) fn unsigned(operation: &str, error: &CredentialsError) -> Refusal {
    not_sent(operation, "*", error)
}

/// A request that never left: no connection, or no credentials to sign it with. The cause lies deep, since credentials may
/// themselves come from AWS (SSO, a role), and being offline there is not being signed out.
fn not_sent(operation: &str, resource: &str, error: &(dyn Error + 'static)) -> Refusal {
    let causes = || std::iter::successors(Some(error), |cause: &&(dyn Error + 'static)| (*cause).source());
    if let Some(of) = causes().find_map(|cause| cause.downcast_ref::<OfProfile>()) {
        return of.name(not_sent(operation, resource, &of.why));
    }
    if let Some(NoCredentials(refusal)) = causes().find_map(|cause| cause.downcast_ref::<NoCredentials>()) {
        return (**refusal).clone();
    }
    let offline = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<ConnectorError>().is_some_and(|failed| failed.is_io() || failed.is_timeout())
            || matches!(cause.downcast_ref::<CredentialsError>(), Some(CredentialsError::ProviderTimedOut(_)))
    };
    if causes().any(offline) {
        return unreachable(operation, resource, &innermost(error));
    }
    // The time-out of a call for credentials, as of `AssumeRole`. The SDK's own error for it has no type that could be asked for.
    let said = innermost(error);
    if ["operation timeout", "operation attempt timeout"].iter().any(|late| said.starts_with(late)) {
        return unreachable(operation, resource, "it did not answer in time");
    }
    let role = |cause: &'_ (dyn Error + 'static)| {
        let refused = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>()?.as_service_error()?;
        Some((refused.code()?.to_owned(), refused.message().unwrap_or_default().to_owned()))
    };
    if let Some((code, said)) = causes().find_map(role) {
        let call = Call { operation: "sts:AssumeRole", resource: "ROLE_ARN", region: "" };
        return not_assumed(answered(&call, &code, &said, 403));
    }
    let unsigned = causes().any(<dyn Error>::is::<CredentialsError>);
    // The SDK's own wrapper around a failed identity has no type that could be asked for.
    if unsigned || DisplayErrorContext(error).to_string().contains("credentials") {
        return credentials::missing(operation, error);
    }
    unreachable(operation, resource, &innermost(error))
}

/// Two things let one assume a role, and AWS does not say which of them is lacking.
fn not_assumed(mut refused: Refusal) -> Refusal {
    if refused.state == SubscriptionState::Denied {
        refused.problem.hint.push_str(", and to name you in the role's trust policy");
    }
    refused
}

fn unreachable(operation: &str, resource: &str, why: &str) -> Refusal {
    Refusal {
        problem: Problem::new(
            Code::AwsUnreachable,
            format!("could not reach AWS for {operation} ({resource}): {why}"),
            "check the network, VPN, proxy and --endpoint-url",
        ),
        state: SubscriptionState::Blind,
        transient: true,
    }
}

fn signed_out(operation: &str, why: &str) -> Refusal {
    Refusal {
        problem: Problem::new(
            Code::AwsRefused,
            format!("signed out of AWS: {operation} has no valid credentials ({why})"),
            "sign in again (aws sso login --profile NAME), or mend the profile's credential_process",
        ),
        state: SubscriptionState::SignedOut,
        transient: false,
    }
}

/// The last cause of a chain says what happened; those before it only where.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: &str, http: u16) -> Refusal {
        answered(&Call { operation: "sns:Subscribe", resource: "t", region: "" }, code, "", http)
    }

    #[test]
    fn only_what_is_tried_again_says_so() {
        for (code, http) in [("ThrottlingException", 400), ("InternalError", 500)] {
            let asked = told(code, http);
            assert!(!asked.problem.hint.contains("by itself"), "nobody repeats what a person asked: {asked:?}");
            assert!(asked.tried_again().problem.hint.contains("tries again by itself"), "the poller does");
        }
        let lost = unreachable("sqs:ReceiveMessage", "q", "it did not answer in time");
        assert!(!lost.problem.hint.contains("by itself"), "{lost:?}");
        assert!(lost.tried_again().problem.hint.ends_with("; Watchbell goes on trying by itself"));
        let denied = told("AccessDenied", 403);
        assert_eq!(denied.clone().tried_again(), denied, "what waits for the person says nothing of it");
    }

    #[test]
    fn words_of_a_refused_key_hold_in_a_window_and_in_a_terminal() {
        for code in ["InvalidClientTokenId", "SignatureDoesNotMatch"] {
            let hint = told(code, 403).problem.hint;
            for only in ["stdin", "standard input", "--access-key-id", "subscribe again"] {
                assert!(!hint.contains(only), "{code}: {hint}");
            }
        }
    }

    #[test]
    fn a_profile_is_named_in_the_commands_of_its_own_tools() {
        let of = |profile: &str, console| Login { profile: profile.to_owned(), console };
        let told = |login: Login, said: &'static str| {
            unsigned(OfProfile::because(login, CredentialsError::provider_error(said))).problem.hint
        };
        let named = |profile: &str, said: &'static str| told(of(profile, false), said);
        assert_eq!(named("acme-prod", "the SSO token has expired"), "sign in again: aws sso login --profile acme-prod");
        let spaced = named("it's mine", "the SSO token has expired");
        assert_eq!(spaced, r"sign in again: aws sso login --profile 'it'\''s mine'");
        assert_eq!(login_in(&spaced), Some(r"aws sso login --profile 'it'\''s mine'"), "as a shell reads it");
        let console = named("console", "cached Login token is expired");
        assert_eq!(login_in(&console), Some("aws login --profile console"));
        let elsewhere = told(of("console", true), "failed to read `/cache/0.json`");
        assert_eq!(
            login_in(&elsewhere),
            Some("aws login --profile console"),
            "by its kind, whatever was said: {elsewhere}"
        );
        let general = named("p", "nobody knows");
        assert_eq!(login_in(&general), Some("aws sso login --profile p"), "without what stands around it: {general}");
        assert_eq!(login_in("sign in again (aws sso login --profile NAME)"), None, "a name that is none is no command");
        let lost = OfProfile::because(of("p", false), CredentialsError::not_loaded("no"));
        assert!(matches!(lost, CredentialsError::CredentialsNotLoaded(_)), "a chain asks elsewhere then");
    }

    type Failed = SdkError<aws_sdk_sqs::operation::receive_message::ReceiveMessageError, HttpResponse>;

    fn unsigned(cause: CredentialsError) -> Refusal {
        let failed: Failed = SdkError::dispatch_failure(ConnectorError::other(cause.into(), None));
        refusal("sqs:ReceiveMessage", "q", &failed)
    }

    #[test]
    fn credentials_that_cannot_be_had_mean_signed_out() {
        let said = "Error retrieving credentials: external process exited with code exit status: 1. Stderr: no session";
        let refusal = unsigned(CredentialsError::provider_error(said));
        assert_eq!(refusal.state, SubscriptionState::SignedOut, "a failing credential_process needs the person");
        assert_eq!(refusal.problem.code, Code::AwsRefused, "it is no matter of the network");
        assert!(refusal.problem.message.contains("no session"), "what the process said is passed on");
        let refusal = unsigned(CredentialsError::not_loaded("no profile of that name"));
        assert_eq!(refusal.state, SubscriptionState::SignedOut, "no credentials at all need the person");
    }

    #[test]
    fn offline_is_not_signed_out() {
        let gone = || std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "connection refused");
        let direct: Failed = SdkError::dispatch_failure(ConnectorError::io(gone().into()));
        let refused = refusal("sqs:ReceiveMessage", "q", &direct);
        assert_eq!((refused.problem.code, refused.transient), (Code::AwsUnreachable, true), "no connection may heal");

        let inner: Failed = SdkError::dispatch_failure(ConnectorError::io(gone().into()));
        let refused = unsigned(CredentialsError::provider_error(inner));
        assert_eq!(
            (refused.problem.code, refused.transient),
            (Code::AwsUnreachable, true),
            "credentials that come over the network and cannot while it is away are no reason to sign in again"
        );
        let silent = "operation timeout (all attempts including retries) occurred after 4s";
        let silent: Failed = SdkError::timeout_error(silent);
        let refused = unsigned(CredentialsError::provider_error(silent));
        assert_eq!((refused.problem.code, refused.transient), (Code::AwsUnreachable, true), "nor is a silent endpoint");
        let late = unsigned(CredentialsError::provider_timed_out(std::time::Duration::from_secs(5)));
        assert!(late.transient, "a late source of credentials may heal");
    }

    #[test]
    fn a_denied_role_names_the_action_that_is_missing() {
        let denied = AssumeRoleError::generic(
            aws_smithy_types::error::ErrorMetadata::builder().code("AccessDenied").message("not authorized").build(),
        );
        let raw = HttpResponse::new(403.try_into().unwrap(), aws_smithy_types::body::SdkBody::empty());
        let denied: SdkError<AssumeRoleError, HttpResponse> = SdkError::service_error(denied, raw);
        let refused = unsigned(CredentialsError::provider_error(denied));
        assert_eq!(refused.state, SubscriptionState::Denied, "the person is signed in, and lacks a permission");
        assert!(
            refused.problem.hint.contains("sts:AssumeRole"),
            "the action is named, not the call that waited for it"
        );
    }
}
