//! Lines for the aws CLI, version 2, in bash or zsh.
//!
//! **Invariant:** a policy comes over stdin from a heredoc with a quoted end, in which a shell obeys nothing, and no line of indented
//! JSON can be that end. Everything else is single-quoted. What belongs into a foreign policy is a comment. Of two accounts each part is done
//! with credentials of its own alone.

use super::quote::{comment, comment_line, shell};
use crate::iam::document::{Document, Kind, Target};
use crate::iam::{Ask, Documents, Policy};

pub(super) fn text(documents: &Documents) -> String {
    let ask = documents.ask();
    // A role has to be made before something can be put into it.
    let (trust, others): (Vec<_>, Vec<_>) = documents.iter().partition(|document| document.kind == Kind::Trust);
    let list: Vec<_> = trust.into_iter().chain(others).collect();
    let exists = "A role or policy that exists already is refused; an inline policy of the same name is replaced.";
    if !ask.is_cross_account() {
        let how = format!(
            "For bash or zsh with the aws CLI 2 and the rights of an administrator of account {}. {exists}",
            ask.topic.account()
        );
        return list.iter().fold(super::preamble(documents, &how), |text, one| text + "\n" + &part(one, ask));
    }
    let how = format!(
        "For bash or zsh with the aws CLI 2. Run it once with the rights of an administrator of each account: each part runs only with \
         credentials of its own. {exists}"
    );
    let mut text = super::preamble(documents, &how);
    let mut accounts: Vec<&str> = Vec::new();
    for document in &list {
        let account = document.attach_to.account();
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    for account in accounts {
        text.push('\n');
        text.push_str(&of_account(account, &list, ask));
    }
    text
}

/// What is of one account, and done only there.
fn of_account(account: &str, list: &[&Document], ask: &Ask) -> String {
    let those = || list.iter().filter(|document| document.attach_to.account() == account);
    let parts: Vec<_> = those().map(|document| part(document, ask)).collect();
    let parts = parts.join("\n");
    let heading = comment_line(&format!("==== Account {account} ===="));
    // A shell takes no branch that holds comments alone.
    if those().all(|document| document.is_by_hand(ask)) {
        return format!("{heading}\n{parts}");
    }
    let asked = "\"$(aws sts get-caller-identity --query Account --output text)\"";
    format!("{heading}if [ {asked} = {} ]; then\n\n{parts}\nfi\n", shell(account))
}

fn part(document: &Document, ask: &Ask) -> String {
    format!("{}{}", super::introduction(document), lines(document, ask))
}

fn lines(document: &Document, ask: &Ask) -> String {
    if document.is_by_hand(ask) {
        return by_hand(document);
    }
    let name = shell(document.name.as_deref().unwrap_or_default());
    match document.kind {
        Kind::Trust => {
            let role = shell(ask.sns_role.name());
            fed(&format!("aws iam create-role --role-name {role} --assume-role-policy-document"), &document.policy)
        }
        Kind::RolePermission => {
            let role = super::attached(&document.attach_to).map_or_else(String::new, |(_, name)| shell(name));
            fed(
                &format!("aws iam put-role-policy --role-name {role} --policy-name {name} --policy-document"),
                &document.policy,
            )
        }
        Kind::PersonPermission => {
            let made = fed(&format!("aws iam create-policy --policy-name {name} --policy-document"), &document.policy);
            format!("{made}{}", attach(document, ask))
        }
        Kind::Key | Kind::Topic | Kind::Queue => by_hand(document),
    }
}

/// A policy is made in the account of whom it is attached to.
fn attach(document: &Document, ask: &Ask) -> String {
    let target = &document.attach_to;
    let name = document.name.as_deref().unwrap_or_default();
    let policy = shell(&format!("arn:{}:iam::{}:policy/{name}", ask.topic.partition(), target.account()));
    match (super::attached(target), target) {
        (Some((kind, name)), _) => {
            format!("aws iam attach-{kind}-policy --{kind}-name {} --policy-arn {policy}\n", shell(name))
        }
        (None, Target::Anyone { .. }) => {
            comment_line(&format!("aws iam attach-user-policy --user-name NAME --policy-arn {policy}"))
        }
        (None, _) => String::new(),
    }
}

/// The policy on the command's stdin: zsh, bash and the old bash of macOS all read this the same.
fn fed(command: &str, policy: &Policy) -> String {
    format!("{command} file:///dev/stdin <<'JSON'\n{}\nJSON\n", policy.to_json())
}

fn by_hand(document: &Document) -> String {
    let mut text = comment(&format!("By hand, into {}:", document.attach_to.in_words()));
    for line in document.policy.to_json().lines() {
        text.push_str("#   ");
        text.push_str(line);
        text.push('\n');
    }
    text
}
