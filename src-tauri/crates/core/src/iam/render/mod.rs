//! The documents as text to hand in: JSON with headings, Terraform, CloudFormation, or lines for the aws CLI.
//!
//! **Invariant:** every value is escaped for the language that it stands in, comments included, so that no name can end a string, a
//! comment or a command. What belongs into a policy that somebody else wrote is shown and never applied.

mod aws_cli;
mod cloudformation;
mod json;
mod quote;
mod terraform;

pub(super) use quote::shell;

use super::Documents;
use super::document::{Document, Target};

/// A language for the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The policies as the IAM console takes them, each under a heading.
    Json,
    /// HCL for Terraform 1.x and the AWS provider.
    Terraform,
    /// A template in YAML.
    CloudFormation,
    /// Lines for the aws CLI in bash or zsh.
    AwsCli,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Json, Self::Terraform, Self::CloudFormation, Self::AwsCli];

    /// `json`, `terraform`, `cloudformation` or `cli`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::AwsCli => "cli",
        }
    }
}

/// The documents in this language; the text ends in a line break.
pub fn render(documents: &Documents, format: Format) -> String {
    match format {
        Format::Json => json::text(documents),
        Format::Terraform => terraform::text(documents),
        Format::CloudFormation => cloudformation::text(documents),
        Format::AwsCli => aws_cli::text(documents),
    }
}

/// Heading, purpose and notes as `#` comments.
fn introduction(document: &Document) -> String {
    let mut text = quote::comment(&document.heading());
    text.push_str(&quote::comment(&document.purpose));
    for note in &document.notes {
        text.push_str(&quote::comment(&format!("Mind: {note}")));
    }
    text
}

/// For whom and where all of it is, as `#` comments.
fn preamble(documents: &Documents, how: &str) -> String {
    let ask = documents.ask();
    let mut text = quote::comment(&format!(
        "Notifications of Systems Manager through {}: roles and rights, made by watchbellctl iam.",
        ask.topic.name()
    ));
    if ask.is_cross_account() {
        text.push_str(&quote::comment(&format!(
            "Two accounts are concerned: {} of the topic and its roles, {} of the person and their queue.",
            ask.topic.account(),
            ask.person_account()
        )));
    }
    text.push_str(&quote::comment(how));
    text
}

/// Roles, users and groups by the words that the languages have for them.
fn attached(target: &Target) -> Option<(&'static str, &str)> {
    match target {
        Target::Role { name, .. } => Some(("role", name)),
        Target::User { name, .. } => Some(("user", name)),
        Target::Group { name, .. } => Some(("group", name)),
        Target::Anyone { .. } | Target::Key { .. } | Target::Topic { .. } | Target::Queue { .. } => None,
    }
}
