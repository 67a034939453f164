//! Terraform: the names as locals, each policy as an `aws_iam_policy_document`, as reviewers of Terraform expect it.
//!
//! **Invariant:** formatted as `terraform fmt` does, and names what it repeats once, in `locals`. What belongs into a policy outside of this
//! file is an output. Of two accounts each resource names the provider of its own.

use std::fmt::Write as _;

use super::quote::hcl;
use crate::iam::document::{Document, Documents, Kind};
use crate::iam::{Ask, PersonalQueue, Policy, Statement};

/// The alias of the provider for the person's account.
const PERSON: &str = "person";

pub(super) fn text(documents: &Documents) -> String {
    let ask = documents.ask();
    let locals = locals(ask);
    let how = "Terraform 1.x with the AWS provider. Names that repeat are locals; change them there.";
    let mut text = super::preamble(documents, how);
    if ask.is_cross_account() {
        text.push_str(&providers(ask));
    }
    text.push_str("\nlocals {\n");
    let fields: Vec<_> = locals.iter().map(|(name, value)| (*name, hcl(value))).collect();
    text.push_str(&aligned(1, &fields));
    text.push_str("}\n");
    for document in documents {
        text.push('\n');
        text.push_str(&super::introduction(document));
        text.push_str(&data(label(document), &document.policy, &known(ask, &locals)));
        text.push('\n');
        text.push_str(&resource(document, ask, &locals));
    }
    text
}

/// One provider an account, the topic's being the default: each refuses credentials of another account.
fn providers(ask: &Ask) -> String {
    let topic = ("topic_profile", ask.topic.account(), "of the topic and its roles");
    let person = ("person_profile", ask.person_account(), "of the person and their queue");
    let mut text = String::new();
    for (variable, account, whose) in [topic, person] {
        let description =
            format!("Profile of your AWS config with the rights of an administrator of account {account}, {whose}");
        let fields = [("description", hcl(&description)), ("type", "string".to_owned())];
        text.push('\n');
        text.push_str(&block(&format!("variable \"{variable}\""), &fields));
        let mut fields = Vec::new();
        if variable == person.0 {
            fields.push(("alias", hcl(PERSON)));
        }
        fields.extend([
            ("profile", format!("var.{variable}")),
            ("region", hcl(ask.topic.region())),
            ("allowed_account_ids", list([hcl(account)].into_iter(), 1)),
        ]);
        text.push('\n');
        text.push_str(&block("provider \"aws\"", &fields));
    }
    text
}

/// What is named once, with the value that is replaced by the name wherever it stands alone.
fn locals(ask: &Ask) -> Vec<(&'static str, String)> {
    let mut locals = vec![("topic_arn", ask.topic.to_string()), ("sns_role_name", ask.sns_role.name().to_owned())];
    if ask.sns_role.exists() {
        locals.push(("sns_role_arn", ask.sns_role_arn()));
    }
    if let Some(role) = &ask.window_role {
        locals.push(("window_role_name", role.name().to_owned()));
    }
    if let Some(person) = &ask.person {
        locals.push(("person_name", person.name().to_owned()));
    }
    if let Some(key) = &ask.key {
        locals.push(("key_arn", key.to_string()));
    }
    let queue = match &ask.queue {
        PersonalQueue::Own { .. } => "queue_arns",
        PersonalQueue::Provided(_) => "queue_arn",
    };
    locals.push((queue, ask.queue_pattern()));
    if let (PersonalQueue::Provided(_), Some(key)) = (&ask.queue, &ask.queue_key) {
        locals.push(("queue_key_arn", key.to_string()));
    }
    locals
}

/// The ARNs that have a name, with the expression that stands for each. The role that is made here has its ARN from there, so that
/// what names it comes after it.
fn known(ask: &Ask, locals: &[(&'static str, String)]) -> Vec<(String, String)> {
    let arns = locals.iter().filter(|(name, _)| name.contains("_arn"));
    let mut known: Vec<_> = arns.map(|(name, value)| (format!("local.{name}"), value.clone())).collect();
    if !ask.sns_role.exists() {
        known.push(("aws_iam_role.sns.arn".to_owned(), ask.sns_role_arn()));
    }
    known
}

fn label(document: &Document) -> &'static str {
    match (document.kind, document.task) {
        (Kind::Trust, _) => "trust",
        (Kind::Key, Some(_)) => "topic_key",
        (Kind::Key, None) => "queue_key",
        (Kind::Topic, _) => "topic",
        (Kind::Queue, _) => "queue",
        (Kind::RolePermission, Some(2)) => "publish",
        (Kind::RolePermission, _) => "window_pass_role",
        (Kind::PersonPermission, Some(4)) => "sender_pass_role",
        (Kind::PersonPermission, _) => "desktop",
    }
}

fn resource(document: &Document, ask: &Ask, locals: &[(&'static str, String)]) -> String {
    let label = label(document);
    let of_person = ask.is_cross_account() && document.attach_to.account() == ask.person_account();
    let provided = |mut fields: Vec<(&'static str, String)>| {
        if of_person {
            fields.insert(0, ("provider", format!("aws.{PERSON}")));
        }
        fields
    };
    let policy = format!("data.aws_iam_policy_document.{label}.json");
    let name = hcl(document.name.as_deref().unwrap_or_default());
    if document.is_by_hand(ask) {
        let description = hcl(&format!("Add this to {}; what is there stays", document.place(ask)));
        return block(&format!("output \"{label}_statement\""), &[("description", description), ("value", policy)]);
    }
    match document.kind {
        Kind::Trust => block(
            "resource \"aws_iam_role\" \"sns\"",
            &[("name", "local.sns_role_name".to_owned()), ("assume_role_policy", policy)],
        ),
        Kind::RolePermission => {
            let role = match document.task {
                Some(2) if !ask.sns_role.exists() => "aws_iam_role.sns.name",
                Some(2) => "local.sns_role_name",
                _ => "local.window_role_name",
            };
            let fields = [("name", name), ("role", role.to_owned()), ("policy", policy)];
            block(&format!("resource \"aws_iam_role_policy\" \"{label}\""), &fields)
        }
        Kind::PersonPermission | Kind::Key | Kind::Topic | Kind::Queue => {
            let fields = provided(vec![("name", name), ("policy", policy)]);
            let mut text = block(&format!("resource \"aws_iam_policy\" \"{label}\""), &fields);
            if let Some((kind, name)) = super::attached(&document.attach_to) {
                let policy = format!("aws_iam_policy.{label}.arn");
                let fields = provided(vec![(kind, value("person_name", name, locals)), ("policy_arn", policy)]);
                text.push('\n');
                text.push_str(&block(&format!("resource \"aws_iam_{kind}_policy_attachment\" \"{label}\""), &fields));
            }
            text
        }
    }
}

/// The local of this name when that is its value, so that two things which are equal by chance do not become one.
fn value(local: &str, text: &str, locals: &[(&'static str, String)]) -> String {
    let held = locals.iter().any(|(name, value)| *name == local && value == text);
    if held { format!("local.{local}") } else { hcl(text) }
}

fn data(label: &str, policy: &Policy, known: &[(String, String)]) -> String {
    let statements: Vec<_> = policy.statements().iter().map(|one| statement(one, known)).collect();
    format!("data \"aws_iam_policy_document\" \"{label}\" {{\n{}}}\n", statements.join("\n"))
}

fn statement(statement: &Statement, known: &[(String, String)]) -> String {
    let arn = |text: &String| {
        let found = known.iter().find(|(_, value)| value == text);
        found.map_or_else(|| hcl(text), |(expression, _)| expression.clone())
    };
    let mut text = "  statement {\n".to_owned();
    let mut fields =
        vec![("sid", hcl(statement.sid())), ("actions", list(statement.actions().iter().map(|text| hcl(text)), 2))];
    if !statement.resources().is_empty() {
        fields.push(("resources", list(statement.resources().iter().map(arn), 2)));
    }
    text.push_str(&aligned(2, &fields));
    if let Some(principal) = statement.principal() {
        let fields = [("type", hcl(principal.kind())), ("identifiers", list(principal.names().iter().map(arn), 3))];
        let _ = write!(text, "\n    principals {{\n{}    }}\n", aligned(3, &fields));
    }
    for (operator, key, values) in statement.conditions() {
        let fields = [("test", hcl(operator)), ("variable", hcl(key)), ("values", list(values.iter().map(arn), 3))];
        let _ = write!(text, "\n    condition {{\n{}    }}\n", aligned(3, &fields));
    }
    text.push_str("  }\n");
    text
}

/// `["one"]`, or one a line within a block of this depth.
fn list(texts: impl Iterator<Item = String>, depth: usize) -> String {
    let texts: Vec<_> = texts.collect();
    if let [one] = &texts[..] {
        return format!("[{one}]");
    }
    let indent = "  ".repeat(depth);
    let items: Vec<_> = texts.iter().map(|text| format!("{indent}  {text},\n")).collect();
    format!("[\n{}{indent}]", items.concat())
}

fn block(head: &str, fields: &[(&str, String)]) -> String {
    format!("{head} {{\n{}}}\n", aligned(1, fields))
}

/// Fields with their equals signs in one column, run by run: a value of several lines stands by itself.
fn aligned(depth: usize, fields: &[(&str, String)]) -> String {
    let mut text = String::new();
    for run in fields.chunk_by(|(_, one), (_, next)| !one.contains('\n') && !next.contains('\n')) {
        let width = run.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in run {
            let _ = writeln!(text, "{}{name:<width$} = {value}", "  ".repeat(depth));
        }
    }
    text
}
