//! Lines for the aws CLI, version 2, in bash or zsh.
//!
//! **Invariant:** a policy comes over stdin from a heredoc with a quoted end, in which a shell obeys nothing, and no line of indented
//! JSON can be that end. Everything else is single-quoted. What belongs into a foreign policy is a comment.

use super::quote::{comment, comment_line, shell};
use crate::iam::document::{Document, Kind, Target};
use crate::iam::{Ask, Documents, Policy};

pub(super) fn text(documents: &Documents) -> String {
    let ask = documents.ask();
    let mut text = super::preamble(
        documents,
        &format!(
            "For bash or zsh with the aws CLI 2 and the rights of an administrator of account {}. A role or policy that exists already \
             is refused; an inline policy of the same name is replaced.",
            ask.topic.account()
        ),
    );
    // A role has to be made before something can be put into it.
    let (trust, others): (Vec<_>, Vec<_>) = documents.iter().partition(|document| document.kind == Kind::Trust);
    for document in trust.into_iter().chain(others) {
        text.push('\n');
        text.push_str(&super::introduction(document));
        text.push_str(&lines(document, ask));
    }
    text
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

fn attach(document: &Document, ask: &Ask) -> String {
    let name = document.name.as_deref().unwrap_or_default();
    let policy = |account: &str| shell(&format!("arn:{}:iam::{account}:policy/{name}", ask.topic.partition()));
    match (super::attached(&document.attach_to), &document.attach_to) {
        (Some((kind, name)), _) => {
            // A person's policy is made in the account that the person is in.
            let policy = policy(ask.person_account());
            format!("aws iam attach-{kind}-policy --{kind}-name {} --policy-arn {policy}\n", shell(name))
        }
        (None, Target::Anyone { account }) => {
            comment_line(&format!("aws iam attach-user-policy --user-name NAME --policy-arn {}", policy(account)))
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
