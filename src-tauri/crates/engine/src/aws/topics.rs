//! The topics of an account in one region: listed, searched, and made where that is permitted.
//!
//! **Invariant:** bounded: at most [`MOST`] topics are fetched, and whether there are more is said. FIFO topics are left out, since
//! Systems Manager publishes to standard ones only (SSM user guide, "Monitoring status changes"), and counted.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use watchbell_core::arn::TopicArn;

use super::access::Access;
use super::refusal::refusal_in;
use crate::error::{Code, Problem};

/// The most topics that are fetched: `ListTopics` gives 100 a page and can neither search nor sort.
pub const MOST: usize = 3_000;

/// What one region has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topics {
    /// Standard topics, by name.
    pub topics: Vec<TopicArn>,
    /// How many FIFO topics were left out.
    pub fifo: u32,
    /// Whether there are more than were fetched.
    pub more: bool,
}

impl Topics {
    /// Those whose name contains every word of the search, not minding case; those that begin with it first.
    pub fn search(&self, search: &str) -> Vec<&TopicArn> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let name = |topic: &TopicArn| topic.name().to_lowercase();
        let mut found: Vec<&TopicArn> =
            self.topics.iter().filter(|topic| words.iter().all(|word| name(topic).contains(word))).collect();
        if let Some(first) = words.first() {
            found.sort_by_key(|topic| !name(topic).starts_with(first));
        }
        found
    }
}

/// Lists the topics of a region.
///
/// # Errors
/// When `sns:ListTopics` is denied or AWS cannot be reached.
pub async fn topics(access: &Access, region: &str) -> Result<Topics, Problem> {
    let sns = access.asked(region).await?.sns(region).await;
    let mut pages = sns.list_topics().into_paginator().send();
    let (mut found, mut fetched) = (Topics::default(), 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refusal_in(region, "sns:ListTopics", "*", &error).problem)?;
        let topics = page.topics.unwrap_or_default();
        fetched += topics.len();
        for arn in topics.into_iter().filter_map(|topic| topic.topic_arn) {
            match arn.parse() {
                Ok(topic) => found.topics.push(topic),
                Err(watchbell_core::arn::ArnError::Fifo { .. }) => found.fifo += 1,
                Err(error) => tracing::debug!(%error, "a topic of the list has no ARN that we know"),
            }
        }
        if fetched >= MOST {
            found.more = true;
            break;
        }
    }
    found.topics.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(found)
}

/// Makes a standard topic. One of this name that is there already is used.
///
/// # Errors
/// When the name is not one, or AWS refuses.
pub async fn create(access: &Access, region: &str, name: &str) -> Result<TopicArn, Problem> {
    let name = name.trim();
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 256 || !name.chars().all(letters) {
        return Err(Problem::new(
            Code::Usage,
            format!("\"{}\" cannot be a topic's name", watchbell_core::words::clean_to(name, 80)),
            "use 1 to 256 of the letters A-Z, a-z, 0-9, - and _, such as ssm-notify",
        ));
    }
    let sns = access.asked(region).await?.sns(region).await;
    let made = sns.create_topic().name(name).send().await.map_err(|error| {
        if error.message().is_some_and(|said| said.contains("different tags")) {
            let message = format!("a topic {name} exists already, with tags of its own");
            return Problem::new(Code::No, message, "choose it from the list");
        }
        refusal_in(region, "sns:CreateTopic", name, &error).problem
    })?;
    made.topic_arn
        .unwrap_or_default()
        .parse()
        .map_err(|error: watchbell_core::arn::ArnError| Problem::new(Code::AwsRefused, error.to_string(), error.hint()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_wants_every_word_and_puts_beginnings_first() {
        let topic = |name: &str| format!("arn:aws:sns:us-east-1:123456789012:{name}").parse().unwrap();
        let all =
            Topics { topics: ["alarms", "prod-ssm", "ssm-notify", "SSM-prod"].map(topic).into(), fifo: 0, more: false };
        let names = |search: &str| all.search(search).iter().map(|topic| topic.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("ssm"), ["ssm-notify", "SSM-prod", "prod-ssm"], "beginnings first, case does not count");
        assert_eq!(names("prod ssm"), ["prod-ssm", "SSM-prod"], "every word, in any order");
        assert_eq!(names(" ").len(), 4, "nothing typed shows all");
        assert!(names("none").is_empty());
    }
}
