//! What AWS answered, by its code: the cause and the way out.
//!
//! **Invariant:** pure. One code may have several causes; the message that came with it decides, and where that does not, all of them
//! are told. Codes are those of the SNS, SQS and STS API references, with their "Common errors".

use watchbell_core::arn::is_opt_in;
use watchbell_core::health::SubscriptionState;

use super::denial::{self, Denial};
use super::{Refusal, signed_out};
use crate::error::{Code, Problem};

/// The call that was refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// The IAM action.
    pub(super) operation: &'a str,
    /// Its ARN or URL.
    pub(super) resource: &'a str,
    /// Where it went; empty when that is not known.
    pub(super) region: &'a str,
}

pub(super) fn answered(call: &Call<'_>, code: &str, said: &str, http: u16) -> Refusal {
    let &Call { operation, resource, region } = call;
    let bare = code.strip_prefix("AWS.SimpleQueueService.").unwrap_or(code);
    match bare {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "KmsAccessDenied"
        | "KMSAccessDenied"
        | "KMSAccessDeniedException" => {
            let Denial { action, resource, explicit } = denial::read(operation, resource, said);
            let lift =
                if explicit { "; a policy denies it explicitly, so that one has to be changed, too" } else { "" };
            refused(
                SubscriptionState::Denied,
                format!("AWS denied {action} on {resource}"),
                format!(
                    "ask your administrator for: {{\"Effect\":\"Allow\",\"Action\":\"{action}\",\"Resource\":\"{resource}\"}}{lift}"
                ),
            )
        }
        "RequestTimeTooSkewed" => clock(operation),
        // It is the date of the signature that is meant, in the common errors of SNS and SQS.
        "RequestExpired" if !said.contains("token") => clock(operation),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => signed_out(operation, "the session token has expired"),
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "InvalidSignature" if is_of_another_time(said) => {
            clock(operation)
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "InvalidSignature" => refused(
            SubscriptionState::SignedOut,
            format!("the secret for this access key is wrong: AWS refused the signature of {operation}"),
            "subscribe again and give the right secret on stdin; if it is right, check this machine's clock".into(),
        ),
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => unknown_key(operation, region),
        "OptInRequired" | "RegionDisabledException" => refused(
            SubscriptionState::SignedOut,
            format!("AWS refused {operation}: the region {region} is not switched on for this account"),
            switch_on(region),
        ),
        "NonExistentQueue" | "QueueDoesNotExist" => refused(
            SubscriptionState::QueueMissing,
            format!("the queue {resource} does not exist"),
            "somebody deleted it: press Repair in the window's settings, or run watchbellctl subscribe again, to make a new one; messages sent meanwhile are gone"
                .into(),
        ),
        "NotFound" | "NotFoundException" => refused(
            SubscriptionState::SubscriptionMissing,
            format!("{resource} does not exist: {operation} found nothing"),
            "check the ARN, its region and its account; if a colleague deleted it, press Repair in the window's settings or run watchbellctl subscribe again"
                .into(),
        ),
        "QueueDeletedRecently" => refused(
            SubscriptionState::QueueMissing,
            format!("a queue of this name was deleted less than 60 s ago: {resource}"),
            "wait a minute and try again".into(),
        ),
        "FilterPolicyLimitExceeded" | "FilterPolicyLimitExceededException" => refused(
            SubscriptionState::Denied,
            format!("there are as many filter policies as SNS allows: it refused {operation} on {resource}"),
            "subscribe to everything, which needs no filter (in a terminal with --filter all), or ask for a higher SNS quota"
                .into(),
        ),
        "SubscriptionLimitExceeded" | "SubscriptionLimitExceededException" => refused(
            SubscriptionState::Denied,
            format!("there are as many subscriptions as SNS allows: it refused {operation} on {resource}"),
            "have those removed that nobody uses, or ask for a higher SNS quota in the topic's account".into(),
        ),
        "TopicLimitExceeded" | "TopicLimitExceededException" => refused(
            SubscriptionState::Denied,
            format!("there are as many topics as SNS allows in this account: it refused {operation} on {resource}"),
            "choose a topic that exists, have those removed that nobody uses, or ask for a higher SNS quota".into(),
        ),
        _ if http >= 500 || bare.contains("Throttl") || bare == "ServiceUnavailable" => Refusal {
            problem: Problem::new(
                Code::AwsUnreachable,
                format!("AWS could not answer {operation} now ({code}, HTTP {http})"),
                "wait a minute and try again; what listens already does so by itself",
            ),
            state: SubscriptionState::Connecting,
            transient: true,
        },
        _ => refused(
            SubscriptionState::Blind,
            format!("AWS refused {operation} on {resource}: {code}. {said}"),
            "try again, with WATCHBELL_LOG=debug in the environment for the whole answer in the log".into(),
        ),
    }
}

fn refused(state: SubscriptionState, message: String, hint: String) -> Refusal {
    Refusal { problem: Problem::new(Code::AwsRefused, message, hint), state, transient: false }
}

fn clock(operation: &str) -> Refusal {
    refused(
        SubscriptionState::SignedOut,
        format!("this machine's clock is off: AWS refused {operation}"),
        "set the clock (timedatectl set-ntp true)".into(),
    )
}

/// `Signature expired: 20261129T… is now earlier than 20261129T…`, or `Signature not yet current: … is still later than …`.
fn is_of_another_time(said: &str) -> bool {
    ["Signature expired", "Signature not yet current"].iter().any(|mark| said.contains(mark))
}

/// AWS knows no key in a region that the account has not switched on, and says the same as of a key that is none.
fn unknown_key(operation: &str, region: &str) -> Refusal {
    let mistyped = "the key was deleted, made inactive or mistyped: subscribe again with a valid one";
    let (place, hint) = if is_opt_in(region) {
        let hint = format!("the region may not be switched on for this account: {}; or {mistyped}", switch_on(region));
        (format!(" in {region}"), hint)
    } else {
        (String::new(), mistyped.to_owned())
    };
    refused(
        SubscriptionState::SignedOut,
        format!("AWS does not know the access key that {operation} was signed with{place}"),
        hint,
    )
}

fn switch_on(region: &str) -> String {
    format!("an administrator can (aws account enable-region --region-name {region}), which takes some minutes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(operation: &str, resource: &str, code: &str, said: &str) -> Refusal {
        answered(&Call { operation, resource, region: "us-east-1" }, code, said, 403)
    }

    #[test]
    fn a_denied_call_names_action_resource_and_statement() {
        let refusal = told("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:1:q", "AccessDenied", "");
        assert_eq!(refusal.state, SubscriptionState::Denied, "a denied poll is denied, not blind");
        assert!(
            refusal.problem.message.contains("sqs:ReceiveMessage on arn:aws:sqs:us-east-1:1:q"),
            "the action is named"
        );
        assert!(
            refusal.problem.hint.contains(r#""Action":"sqs:ReceiveMessage""#),
            "the statement can be sent as it is"
        );
        assert!(!refusal.transient, "a denial does not heal by itself");
    }

    #[test]
    fn each_code_means_one_thing() {
        let cases = [
            ("ExpiredToken", 403, SubscriptionState::SignedOut, false),
            ("SignatureDoesNotMatch", 403, SubscriptionState::SignedOut, false),
            ("InvalidClientTokenId", 403, SubscriptionState::SignedOut, false),
            ("AWS.SimpleQueueService.NonExistentQueue", 400, SubscriptionState::QueueMissing, false),
            ("NotFound", 404, SubscriptionState::SubscriptionMissing, false),
            ("ThrottlingException", 400, SubscriptionState::Connecting, true),
            ("RequestThrottled", 403, SubscriptionState::Connecting, true),
            ("InternalError", 500, SubscriptionState::Connecting, true),
            ("SomethingNew", 400, SubscriptionState::Blind, false),
        ];
        for (code, http, state, transient) in cases {
            let call = Call { operation: "sns:Subscribe", resource: "t", region: "" };
            let refusal = answered(&call, code, "said", http);
            assert_eq!((refusal.state, refusal.transient), (state, transient), "{code} with HTTP {http}");
            assert!(!refusal.problem.hint.is_empty(), "{code} tells what to do next");
        }
    }

    #[test]
    fn a_signature_of_another_time_is_the_clock_and_no_wrong_secret() {
        let early = "Signature not yet current: 20261129T220000Z is still later than 20261129T211500Z";
        let late = "Signature expired: 20261129T200000Z is now earlier than 20261129T205500Z";
        for (code, said, clock) in [
            ("SignatureDoesNotMatch", late, true),
            ("SignatureDoesNotMatch", early, true),
            ("InvalidSignatureException", late, true),
            ("RequestExpired", "Request has expired.", true),
            ("RequestTimeTooSkewed", "", true),
            ("SignatureDoesNotMatch", "The request signature we calculated does not match", false),
            ("RequestExpired", "The security token included in the request is expired", false),
        ] {
            let refusal = told("sts:GetCallerIdentity", "*", code, said);
            assert_eq!(refusal.problem.message.contains("clock is off"), clock, "{code} {said}: {refusal:?}");
        }
    }

    #[test]
    fn a_key_that_is_unknown_where_regions_are_switched_on_has_two_causes() {
        for code in ["InvalidClientTokenId", "UnrecognizedClientException"] {
            let call = Call { operation: "sqs:CreateQueue", resource: "q", region: "me-south-1" };
            let Problem { message, hint, .. } = answered(&call, code, "", 403).problem;
            assert!(message.contains("does not know the access key") && message.contains("in me-south-1"), "{message}");
            for cause in ["not be switched on", "enable-region --region-name me-south-1", "mistyped"] {
                assert!(hint.contains(cause), "{code}: {cause} is told: {hint}");
            }
            let hint = told("sqs:CreateQueue", "q", code, "").problem.hint;
            assert!(!hint.contains("switched on"), "us-east-1 is always on: {hint}");
        }
    }

    #[test]
    fn only_the_limit_of_filters_is_helped_by_having_none() {
        for (code, helps) in
            [("FilterPolicyLimitExceeded", true), ("SubscriptionLimitExceeded", false), ("TopicLimitExceeded", false)]
        {
            let Problem { message, hint, .. } = told("sns:Subscribe", "t", code, "").problem;
            assert!(message.contains("as many") && hint.contains("higher SNS quota"), "{code}: {message}; {hint}");
            assert_eq!(hint.contains("--filter all"), helps, "{code}: {hint}");
        }
    }
}
