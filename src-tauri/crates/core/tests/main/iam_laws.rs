//! What holds for every question: documents are valid, fit, repeat themselves, and are obeyed by no reader.

use proptest::prelude::*;
use serde_json::Value;
use watchbell_core::iam::{Ask, Documents, Format, KeyArn, Kind, PersonalQueue, Principal, documents, render};

/// As long as IAM takes it, or hostile to every language it is written in.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(format!("{}/", "p".repeat(500))),
        Just("'\"`;&|<>(){}[]#!%{x}\\n/".to_owned()),
        Just("JSON/EOF/'JSON'/".to_owned()),
        "[!-~&&[^*?$]]{1,60}"
            .prop_filter("no service's own", |path| !path.contains("aws-"))
            .prop_map(|path| path + "/"),
    ]
}

fn role() -> impl Strategy<Value = Principal> {
    (path(), "[A-Za-z0-9_+=,.@-]{1,64}", any::<bool>()).prop_filter_map("IAM takes it", |(path, name, plain)| {
        let text = if plain { name } else { format!("arn:aws-us-gov:iam::123456789012:role/{path}{name}") };
        Principal::role(&text).ok()
    })
}

fn person() -> impl Strategy<Value = Principal> {
    (path(), "[A-Za-z0-9_+=,.@-]{1,64}", "user|group|role").prop_filter_map("IAM takes it", |(path, name, kind)| {
        Principal::person(&format!("arn:aws-us-gov:iam::123456789012:{kind}/{path}{name}")).ok()
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let topic = "[A-Za-z0-9_-]{1,256}".prop_map(|name| format!("arn:aws-us-gov:sns:us-gov-west-1:123456789012:{name}"));
    let queue = proptest::option::of("[A-Za-z0-9_-]{1,80}");
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    let people = (role(), proptest::option::of(role()), proptest::option::of(person()));
    (topic, people, queue, switches).prop_map(
        |(topic, (sns_role, window_role, person), queue, (key, read, confine))| {
            let key = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
                .parse()
                .ok()
                .filter(|_| key);
            let about = Ask::about(topic.parse().unwrap()).unwrap();
            let queue = match queue {
                Some(name) => PersonalQueue::Provided(
                    format!("arn:aws-us-gov:sqs:us-gov-east-1:123456789012:{name}").parse().unwrap(),
                ),
                None => about.queue.clone(),
            };
            Ask { sns_role, window_role, person, key, queue, read_commands: read, confine_trust: confine, ..about }
        },
    )
}

/// Every policy as JSON, by the place where it stands.
fn policies(documents: &Documents) -> Vec<Value> {
    documents.iter().map(|document| serde_json::to_value(&document.policy).unwrap()).collect()
}

/// The whole of a heredoc, or the JSON between comments.
fn json_in(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut held = String::new();
    for line in text.lines() {
        if line == "{" || !held.is_empty() {
            held.push_str(line);
            held.push('\n');
        }
        if line == "}" {
            found.push(serde_json::from_str(&held).expect("what begins and ends with a brace is JSON"));
            held.clear();
        }
    }
    found
}

/// `aws_iam_policy_document` back to what it stands for, as the provider does it.
fn from_terraform(text: &str) -> Vec<Value> {
    let body: hcl::Body = hcl::from_str(text).expect("it is HCL");
    let locals: Vec<_> = body.blocks().filter(|block| block.identifier() == "locals").collect();
    let local = |name: &str| {
        let value = locals.iter().flat_map(|block| block.body().attributes()).find(|one| one.key() == name);
        plain(value.expect("each local that is used is named").expr(), &|_| Value::Null)
    };
    let data = body.blocks().filter(|block| block.identifier() == "data");
    data.map(|block| {
        let statements: Vec<_> = block.body().blocks().map(|one| statement(one.body(), &local)).collect();
        serde_json::json!({ "Version": "2012-10-17", "Statement": statements })
    })
    .collect()
}

fn statement(body: &hcl::Body, local: &dyn Fn(&str) -> Value) -> Value {
    let field = |body: &hcl::Body, name: &str| {
        let found = body.attributes().find(|one| one.key() == name);
        found.map(|one| one_or_many(plain(one.expr(), local)))
    };
    let mut out = serde_json::Map::new();
    out.insert("Sid".into(), field(body, "sid").unwrap());
    out.insert("Effect".into(), "Allow".into());
    out.insert("Action".into(), field(body, "actions").unwrap());
    out.extend(field(body, "resources").map(|resources| ("Resource".to_owned(), resources)));
    let mut conditions = serde_json::Map::new();
    for block in body.blocks() {
        let text = |name: &str| field(block.body(), name).unwrap().as_str().unwrap().to_owned();
        if block.identifier() == "principals" {
            let names = field(block.body(), "identifiers").unwrap();
            out.insert("Principal".into(), serde_json::json!({ text("type"): names }));
        } else {
            let values = field(block.body(), "values").unwrap();
            conditions.insert(text("test"), serde_json::json!({ text("variable"): values }));
        }
    }
    if !conditions.is_empty() {
        out.insert("Condition".into(), conditions.into());
    }
    out.into()
}

fn plain(expression: &hcl::Expression, local: &dyn Fn(&str) -> Value) -> Value {
    match expression {
        hcl::Expression::String(text) => text.clone().into(),
        hcl::Expression::Array(items) => items.iter().map(|item| plain(item, local)).collect(),
        hcl::Expression::Traversal(path) => match &path.operators[..] {
            [hcl::TraversalOperator::GetAttr(name)] => local(name.as_str()),
            // The role that is made: IAM gives it this ARN.
            [_, hcl::TraversalOperator::GetAttr(_)] => {
                format!("arn:aws-us-gov:iam::123456789012:role/{}", local("sns_role_name").as_str().unwrap()).into()
            }
            other => panic!("a local is named, not {other:?}"),
        },
        other => panic!("texts and lists only, not {other:?}"),
    }
}

fn one_or_many(value: Value) -> Value {
    match value {
        Value::Array(mut one) if one.len() == 1 => one.remove(0),
        other => other,
    }
}

/// Every `PolicyDocument`, `AssumeRolePolicyDocument` and `Policy` of a template.
fn from_template(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key.ends_with("PolicyDocument") || key == "Policy" {
                    out.push(value.clone());
                } else {
                    from_template(value, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| from_template(item, out)),
        _ => {}
    }
}

fn sorted(mut values: Vec<Value>) -> Vec<String> {
    let mut texts: Vec<_> = values.drain(..).map(|value| ordered(&value).to_string()).collect();
    texts.sort();
    texts
}

/// With keys in order, whatever features of `serde_json` the build has switched on.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.iter().collect();
            keys.sort_by_key(|(key, _)| key.as_str());
            Value::Object(keys.into_iter().map(|(key, value)| (key.clone(), ordered(value))).collect())
        }
        Value::Array(values) => values.iter().map(ordered).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_document_fits_where_it_goes(ask in ask()) {
        for document in &documents(&ask).unwrap() {
            if let Some(limit) = document.kind.limit() {
                prop_assert!(document.policy.size() <= limit, "{:?} has {} of {limit}", document.kind, document.policy.size());
            }
            let name = document.name.clone().unwrap_or_else(|| "n".into());
            prop_assert!((1..=128).contains(&name.len()), "IAM takes a policy's name of 128 at most: {name}");
        }
    }

    #[test]
    fn each_statement_says_what_iam_needs(ask in ask()) {
        for document in &documents(&ask).unwrap() {
            let mut sids = Vec::new();
            for statement in document.policy.statements() {
                let resource_policy = !matches!(document.kind, Kind::RolePermission | Kind::PersonPermission);
                prop_assert_eq!(statement.principal().is_some(), resource_policy, "a principal is in a resource's policy alone");
                prop_assert_eq!(statement.resources().is_empty(), document.kind == Kind::Trust, "a trust policy has no resource");
                prop_assert!(!statement.actions().is_empty(), "nothing is allowed by saying nothing");
                prop_assert!(statement.sid().bytes().all(|b| b.is_ascii_alphanumeric()), "IAM takes letters and digits as Sid");
                prop_assert!(!sids.contains(&statement.sid()), "each Sid is there once");
                sids.push(statement.sid());
            }
        }
    }

    #[test]
    fn equal_questions_have_equal_answers(ask in ask()) {
        for format in Format::ALL {
            let text = render(&documents(&ask).unwrap(), format);
            prop_assert_eq!(&text, &render(&documents(&ask.clone()).unwrap(), format));
            prop_assert!(text.ends_with('\n') && !text.contains('\r') && text.is_ascii(), "plain text: {text}");
        }
    }

    #[test]
    fn every_format_says_the_same_policies(ask in ask()) {
        let documents = documents(&ask).unwrap();
        let meant = sorted(policies(&documents));
        prop_assert_eq!(&meant, &sorted(json_in(&render(&documents, Format::Json))), "as JSON");

        let terraform = render(&documents, Format::Terraform);
        prop_assert_eq!(&meant, &sorted(from_terraform(&terraform)), "as Terraform: {}", terraform);

        let template = render(&documents, Format::CloudFormation);
        let read: Value = serde_yaml_ng::from_str(&template).expect("it is YAML");
        let mut found = Vec::new();
        from_template(&read, &mut found);
        prop_assert_eq!(&meant, &sorted(found), "as a template: {}", template);

        let lines = render(&documents, Format::AwsCli);
        let by_hand: Vec<_> = lines.lines().map(|line| line.strip_prefix("#   ").unwrap_or(line)).collect();
        prop_assert_eq!(&meant, &sorted(json_in(&by_hand.join("\n"))), "as lines: {}", lines);
    }

    #[test]
    fn no_name_becomes_a_command(ask in ask()) {
        let lines = render(&documents(&ask).unwrap(), Format::AwsCli);
        let mut within = false;
        for line in lines.lines() {
            match (within, line) {
                (true, "JSON") => within = false,
                (true, _) => {}
                (false, line) if line.is_empty() || line.starts_with('#') => {}
                (false, line) => {
                    prop_assert!(line.starts_with("aws iam "), "nothing but aws is called: {line}");
                    within = line.ends_with(" file:///dev/stdin <<'JSON'");
                    let bare: String = line.split('\'').step_by(2).collect();
                    let harmless = |c: char| c.is_ascii_alphanumeric() || " -:/.<\\".contains(c);
                    prop_assert!(bare.chars().all(harmless), "outside of quotes there are plain words only: {line}");
                }
            }
        }
        prop_assert!(!within, "every heredoc ends");
    }

    #[test]
    fn whatever_is_typed_is_understood_or_refused_in_clean_words(text in any::<String>()) {
        let key = text.parse::<KeyArn>().err();
        for refused in [Principal::role(&text).err(), Principal::person(&text).err(), key].into_iter().flatten() {
            let said = refused.to_string();
            prop_assert!(said.chars().count() < 400 && !said.contains(char::is_control), "{said:?}");
        }
    }
}
