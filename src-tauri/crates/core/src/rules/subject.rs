//! What a rule is asked about.

use super::SUBJECT_MAX;
use crate::status::{Bucket, Status, bucket};
use crate::words::bare_document;

/// One failure, at the level of one node or of the command as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The document's name or ARN, once heard.
    pub document: Option<&'a str>,
    /// The id of the managed node; `None` for a command as a whole.
    pub node: Option<&'a str>,
    /// The status in one word, from [`status_word`].
    pub status: &'a str,
    /// The topic's ARN or name, where it is known.
    pub topic: Option<&'a str>,
    /// Whether a maintenance window is open for it.
    pub in_window: bool,
}

/// The word by which rules know a status: `failed`, `timed_out`, `cancelled`, `not_run`, `success`, `in_progress`,
/// `pending`, or AWS's own text where this program does not know it.
pub fn status_word<'a>(status: &'a Status, detail: Option<&str>) -> &'a str {
    match bucket(status, detail) {
        Bucket::Other => status.as_str(),
        known => known.as_str(),
    }
}

/// One name that a pattern may fit in full or in short.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) full: &'a str,
    /// The end of an ARN; for a plain name the same as `full`.
    pub(super) short: &'a str,
}

impl<'a> Name<'a> {
    fn new(full: &'a str, short: &'a str) -> Option<Self> {
        (full.len() <= SUBJECT_MAX).then_some(Self { full, short })
    }
}

/// A subject with its ARNs taken apart, once for all the rules of a book. What is too long to be a name is not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) document: Option<Name<'a>>,
    pub(super) node: Option<Name<'a>>,
    pub(super) status: Option<Name<'a>>,
    pub(super) topic: Option<Name<'a>>,
    pub(super) in_window: bool,
}

impl<'a> Names<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        Self {
            document: subject.document.and_then(|document| Name::new(document, bare_document(document))),
            node: subject.node.and_then(|node| Name::new(node, node)),
            status: Name::new(subject.status, subject.status),
            topic: subject.topic.and_then(|topic| Name::new(topic, bare_topic(topic))),
            in_window: subject.in_window,
        }
    }
}

/// The name at the end of a topic's ARN; any other text as it came.
fn bare_topic(topic: &str) -> &str {
    match topic.rsplit_once(':') {
        Some((arn, name)) if arn.starts_with("arn:") && !name.is_empty() => name,
        _ => topic,
    }
}
