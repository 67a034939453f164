//! What differs between AWS's partitions for Systems Manager's role, and how sure that is.
//!
//! **Invariant:** what is not confirmed for a partition is said in a note, never passed off as known.

use super::policy::OneOrMany;

/// The service principal of Systems Manager, for trust policies and `iam:PassedToService`.
///
/// `ssm.amazonaws.com` everywhere but in China, where the amazonaws.cn edition of the guide has `ssm.amazonaws.com.cn` on one page and
/// nothing confirms which of them counts. There both are named: IAM says at once when it knows no such principal, while the
/// wrong one alone would be taken without a word and no notification would ever come.
pub(super) fn ssm(partition: &str) -> OneOrMany {
    match partition {
        "aws-cn" => vec!["ssm.amazonaws.com".to_owned(), "ssm.amazonaws.com.cn".to_owned()].into(),
        _ => "ssm.amazonaws.com".into(),
    }
}

/// What is not confirmed about that principal here.
pub(super) fn doubt(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" | "aws-us-gov" => None,
        "aws-cn" => Some(
            "In China one page of the guide says ssm.amazonaws.com.cn and the others ssm.amazonaws.com, so both are named. If IAM \
             refuses one of them as an invalid principal, take that one out everywhere.",
        ),
        _ => Some(
            "That Systems Manager is called ssm.amazonaws.com in this partition, too, is not confirmed. If IAM refuses it as an \
             invalid principal, put the name from that partition's own guide.",
        ),
    }
}
