//! The policies themselves, each under a heading that says what it is for and where to paste it.
//!
//! **Invariant:** what stands between two headings is one JSON document, as the IAM console takes it.

use crate::iam::document::{Document, Kind};
use crate::iam::{Ask, Documents};

pub(super) fn text(documents: &Documents) -> String {
    documents.iter().map(|document| one(document, documents.ask())).collect::<Vec<_>>().join("\n")
}

fn one(document: &Document, ask: &Ask) -> String {
    let mut text = super::introduction(document);
    text.push_str(&super::quote::comment(&format!("Put it {}.", place(document, ask))));
    text.push_str(&document.policy.to_json());
    text.push('\n');
    text
}

fn place(document: &Document, ask: &Ask) -> String {
    let target = document.place(ask);
    let name = document.name.as_deref().unwrap_or_default();
    match document.kind {
        Kind::Trust if ask.sns_role.exists() => format!("into the trust policy of {target}"),
        Kind::Trust => format!("as the trust policy of {target}, which is to be made"),
        Kind::RolePermission => format!("into {target} as the inline policy {name}"),
        Kind::PersonPermission => format!("into IAM as the policy {name}, attached to {target}"),
        Kind::Key | Kind::Topic | Kind::Queue => format!("into {target}, beside what is there"),
    }
}
