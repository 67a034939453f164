//! What AWS itself says was denied: a call may need more than the action of its own name.
//!
//! **Invariant:** pure. What is not understood changes nothing: then the call's own action and resource are named.

/// What to ask the administrator for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Denial {
    /// The IAM action.
    pub(super) action: String,
    /// Its resource.
    pub(super) resource: String,
    /// Whether a policy denies it, so that allowing it is not enough.
    pub(super) explicit: bool,
}

/// Reads `… is not authorized to perform: kms:Decrypt on resource: arn:… because …`; the call's own where AWS says less.
pub(super) fn read(operation: &str, resource: &str, said: &str) -> Denial {
    let after = |mark: &str| {
        let rest = said.split_once(mark)?.1.trim_start();
        let word = rest.split(|c: char| c.is_whitespace() || c == ',' || c == ';').next()?;
        Some(word.trim_matches(|c: char| c == '"' || c == '\'' || c == '.').to_owned()).filter(|word| !word.is_empty())
    };
    let own = || operation.to_owned();
    let action =
        after("to perform: ").filter(|action| is_action(action)).map_or_else(own, |named| spelt(named, operation));
    // The resource that belongs to the action: another action's is only in AWS's words.
    let resource = match after("on resource: ").filter(|named| named.starts_with("arn:")) {
        Some(named) if resource == PLACEHOLDER || action != operation => named,
        _ => resource.to_owned(),
    };
    Denial { action, resource, explicit: said.contains("explicit deny") }
}

/// Stands for a resource that only AWS's words can name.
const PLACEHOLDER: &str = "ROLE_ARN";

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, action)| {
        let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        letters(service) && letters(action)
    })
}

/// As IAM's reference spells it. SQS and SNS have no actions for batches: `sqs:DeleteMessage` allows `DeleteMessageBatch`.
fn spelt(named: String, operation: &str) -> String {
    let bare = named.strip_suffix("Batch").unwrap_or(&named);
    if bare.eq_ignore_ascii_case(operation) {
        return operation.to_owned();
    }
    match named.split_once(':') {
        Some((service, action)) => format!("{}:{action}", service.to_ascii_lowercase()),
        None => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(action: &str, rest: &str) -> String {
        format!("User: arn:aws:iam::123456789012:user/ann is not authorized to perform: {action}{rest}")
    }

    #[test]
    fn the_action_that_aws_names_is_the_one_to_ask_for() {
        let queue = "arn:aws:sqs:us-east-1:123456789012:q";
        let key = "arn:aws:kms:us-east-1:123456789012:key/1";
        let said = user("kms:Decrypt", &format!(" on resource: {key} because no identity-based policy allows it"));
        let denied = read("sqs:ReceiveMessage", queue, &said);
        assert_eq!((denied.action.as_str(), denied.resource.as_str()), ("kms:Decrypt", key), "the key, not the queue");
        let denied = read("sqs:CreateQueue", queue, &user("sqs:TagQueue", &format!(" on resource: {queue}")));
        assert_eq!(denied.action, "sqs:TagQueue", "making a queue with tags needs two actions");
    }

    #[test]
    fn spelling_and_batches_are_those_of_iam() {
        for (said, own) in [
            ("sqs:deletemessage", "sqs:DeleteMessage"),
            ("SQS:DeleteMessageBatch", "sqs:DeleteMessage"),
            ("SNS:Subscribe", "sns:Subscribe"),
        ] {
            let denied = read(own, "*", &user(said, " on resource: arn:aws:sns:us-east-1:123456789012:t"));
            assert_eq!((denied.action.as_str(), denied.resource.as_str()), (own, "*"), "{said}");
        }
    }

    #[test]
    fn less_said_is_no_harm() {
        for said in ["", "Access to the resource is denied.", "not authorized to perform: ", "to perform: the thing"] {
            let denied = read("sqs:ReceiveMessage", "q", said);
            assert_eq!((denied.action.as_str(), denied.resource.as_str()), ("sqs:ReceiveMessage", "q"), "{said}");
        }
        assert!(
            read("sns:Subscribe", "t", &user("sns:Subscribe", " with an explicit deny in a service control policy"))
                .explicit
        );
    }
}
