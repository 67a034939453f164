//! A CloudFormation template in YAML.
//!
//! **Invariant:** no intrinsic function but `Ref` on our own resources and the stack's account, and every scalar quoted where YAML could read it
//! as anything but the text that it is. What belongs into a policy outside of the stack is metadata. Of two accounts a stack makes only what is
//! of its own.

use super::quote::{comment_line, yaml};
use crate::iam::document::{Document, Documents, Kind};
use crate::iam::{Ask, Policy, Statement};

/// The logical id of the role that the template makes.
const ROLE: &str = "SnsRole";

/// A value of YAML whose keys keep their order.
enum Node {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

pub(super) fn text(documents: &Documents) -> String {
    let ask = documents.ask();
    let twice =
        if ask.is_cross_account() { ", once in each account; a stack makes only what belongs there" } else { "" };
    let how =
        format!("A template of CloudFormation. Roles and policies get names, so it is deployed like this{twice}:");
    let mut text = super::preamble(documents, &how);
    text.push_str(&comment_line(
        "aws cloudformation deploy --stack-name NAME --template-file FILE --capabilities CAPABILITY_NAMED_IAM",
    ));
    text.push_str("AWSTemplateFormatVersion: \"2010-09-09\"\n");
    let description = format!("Roles and rights for notifications of Systems Manager through {}", ask.topic.name());
    write(&mut text, 0, "Description", &Node::text(description));
    let by_hand = documents.iter().filter(|document| document.is_by_hand(ask));
    let by_hand: Vec<_> = by_hand.map(|document| foreign(document, ask)).collect();
    if !by_hand.is_empty() {
        write(&mut text, 0, "Metadata", &Node::map([("ByHand", Node::List(by_hand))]));
    }
    if ask.is_cross_account() {
        let conditions =
            [ask.topic.account(), ask.person_account()].map(|account| (in_account(ask, account), is(account)));
        write(&mut text, 0, "Conditions", &Node::map(conditions));
    }
    text.push_str("Resources:\n");
    for document in documents.iter().filter(|document| !document.is_by_hand(ask)) {
        for line in super::introduction(document).lines() {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
        let (id, resource) = resource(document, ask);
        write(&mut text, 1, id, &resource);
    }
    text
}

fn resource(document: &Document, ask: &Ask) -> (&'static str, Node) {
    let policy = node(&document.policy);
    let name = || Node::text(document.name.clone().unwrap_or_default());
    let (id, kind, properties) = match document.kind {
        Kind::Trust => {
            let properties = vec![("RoleName", Node::text(ask.sns_role.name())), ("AssumeRolePolicyDocument", policy)];
            (ROLE, "AWS::IAM::Role", properties)
        }
        Kind::RolePermission => {
            let own = document.task == Some(2);
            let role = match super::attached(&document.attach_to) {
                Some(_) if own && !ask.sns_role.exists() => Node::map([("Ref", Node::text(ROLE))]),
                Some((_, role)) => Node::text(role),
                None => Node::text(""),
            };
            let id = if own { "SnsPublish" } else { "WindowPassRole" };
            (id, "AWS::IAM::RolePolicy", vec![("RoleName", role), ("PolicyName", name()), ("PolicyDocument", policy)])
        }
        Kind::PersonPermission | Kind::Key | Kind::Topic | Kind::Queue => {
            let id = if document.task == Some(4) { "SenderPassRole" } else { "Desktop" };
            let mut properties = vec![("ManagedPolicyName", name())];
            if let Some((kind, name)) = super::attached(&document.attach_to) {
                let list = match kind {
                    "role" => "Roles",
                    "group" => "Groups",
                    _ => "Users",
                };
                properties.push((list, Node::List(vec![Node::text(name)])));
            }
            properties.push(("PolicyDocument", policy));
            (id, "AWS::IAM::ManagedPolicy", properties)
        }
    };
    let mut fields = vec![("Type", Node::text(kind))];
    if ask.is_cross_account() {
        fields.push(("Condition", Node::text(in_account(ask, document.attach_to.account()))));
    }
    fields.push(("Properties", Node::map(properties)));
    (id, Node::map(fields))
}

/// The name of the condition that a stack is of this account.
fn in_account(ask: &Ask, account: &str) -> &'static str {
    if account == ask.topic.account() { "InAccountOfTopic" } else { "InAccountOfPerson" }
}

fn is(account: &str) -> Node {
    let own = Node::map([("Ref", Node::text("AWS::AccountId"))]);
    Node::map([("Fn::Equals", Node::List(vec![own, Node::text(account)]))])
}

fn foreign(document: &Document, ask: &Ask) -> Node {
    Node::map([
        ("What", Node::text(document.heading())),
        ("Where", Node::text(document.place(ask))),
        ("Why", Node::text(document.purpose.as_str())),
        ("Mind", Node::List(document.notes.iter().map(Node::text).collect())),
        ("Policy", node(&document.policy)),
    ])
}

fn node(policy: &Policy) -> Node {
    Node::map([
        ("Version", Node::text("2012-10-17")),
        ("Statement", Node::List(policy.statements().iter().map(statement).collect())),
    ])
}

fn statement(statement: &Statement) -> Node {
    let mut fields = vec![("Sid", Node::text(statement.sid())), ("Effect", Node::text("Allow"))];
    if let Some(principal) = statement.principal() {
        fields.push(("Principal", Node::map([(principal.kind(), Node::texts(principal.names()))])));
    }
    fields.push(("Action", Node::texts(statement.actions())));
    if !statement.resources().is_empty() {
        fields.push(("Resource", Node::texts(statement.resources())));
    }
    let mut conditions: Vec<(String, Node)> = Vec::new();
    for (operator, key, values) in statement.conditions() {
        let field = (key.to_owned(), Node::texts(values));
        match conditions.last_mut() {
            Some((last, Node::Map(keys))) if last == operator => keys.push(field),
            _ => conditions.push((operator.to_owned(), Node::Map(vec![field]))),
        }
    }
    if !conditions.is_empty() {
        fields.push(("Condition", Node::Map(conditions)));
    }
    Node::map(fields)
}

impl Node {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn texts(texts: &[String]) -> Self {
        match texts {
            [one] => Self::text(one),
            many => Self::List(many.iter().map(Self::text).collect()),
        }
    }

    fn map<'a>(fields: impl IntoIterator<Item = (&'a str, Node)>) -> Self {
        Self::Map(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

/// One field and what is in it. Keys are ours and plain, or condition keys such as `sns:Protocol`, which YAML takes plain as well.
fn write(text: &mut String, depth: usize, key: &str, value: &Node) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(key);
    text.push(':');
    match value {
        Node::Text(words) => {
            text.push(' ');
            text.push_str(&yaml(words));
            text.push('\n');
        }
        Node::List(items) if items.is_empty() => text.push_str(" []\n"),
        Node::Map(fields) => {
            text.push('\n');
            for (key, value) in fields {
                write(text, depth + 1, key, value);
            }
        }
        Node::List(items) => {
            text.push('\n');
            for item in items {
                write_item(text, depth + 1, item);
            }
        }
    }
}

fn write_item(text: &mut String, depth: usize, item: &Node) {
    let mut inner = String::new();
    match item {
        Node::Text(words) => {
            inner.push_str(&yaml(words));
            inner.push('\n');
        }
        Node::Map(fields) => fields.iter().for_each(|(key, value)| write(&mut inner, depth + 1, key, value)),
        Node::List(items) => items.iter().for_each(|item| write_item(&mut inner, depth + 1, item)),
    }
    text.push_str(&"  ".repeat(depth));
    text.push_str("- ");
    text.push_str(inner.trim_start_matches(' '));
}
