//! What holds for every question: documents are valid, fit, repeat themselves, and are obeyed by no reader.

mod read_back;

use proptest::prelude::*;
use serde_json::Value;
use watchbell_core::iam::{
    Ask, Document, Documents, Format, KeyArn, Kind, PersonalQueue, Principal, documents, render,
};

use read_back::{from_template, from_terraform, json_in, plain, sorted};

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

/// A user, group or role of this account.
fn person(account: &'static str) -> impl Strategy<Value = Principal> {
    (path(), "[A-Za-z0-9_+=,.@-]{1,64}", "user|group|role")
        .prop_filter_map("IAM takes it", move |(path, name, kind)| {
            Principal::person(&format!("arn:aws-us-gov:iam::{account}:{kind}/{path}{name}")).ok()
        })
}

const HOME: &str = "123456789012";
const AWAY: &str = "210987654321";

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![Just(HOME), Just(AWAY)].prop_flat_map(ask_from)
}

/// By somebody of this account about a topic of `HOME`.
fn ask_from(account: &'static str) -> impl Strategy<Value = Ask> {
    let topic = "[A-Za-z0-9_-]{1,256}".prop_map(|name| format!("arn:aws-us-gov:sns:us-gov-west-1:{HOME}:{name}"));
    let queue = proptest::option::of("[A-Za-z0-9_-]{1,80}");
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let people = (role(), proptest::option::of(role()), proptest::option::of(person(account)));
    (topic, people, queue, switches).prop_map(
        move |(topic, (sns_role, window_role, person), queue, (key, queue_key, read, confine))| {
            let key_of = |region: &str, account: &str| {
                format!("arn:aws-us-gov:kms:{region}:{account}:key/mrk-1234abcd12ab34cd56ef1234567890ab")
                    .parse()
                    .unwrap()
            };
            let about = Ask::about(topic.parse().unwrap()).unwrap();
            let queue = match queue {
                Some(name) => PersonalQueue::Provided(
                    format!("arn:aws-us-gov:sqs:us-gov-east-1:{account}:{name}").parse().unwrap(),
                ),
                None => PersonalQueue::Own { region: "us-gov-west-1".into(), account: account.into() },
            };
            Ask {
                sns_role,
                window_role,
                person,
                // The key may be of a third account.
                key: key.then(|| key_of("us-gov-west-1", if queue_key { HOME } else { "345678901234" })),
                queue_key: queue_key.then(|| key_of("us-gov-east-1", account)),
                queue,
                read_commands: read && account == HOME,
                confine_trust: confine,
                ..about
            }
        },
    )
}

/// Every policy as JSON, by the place where it stands.
fn policies(documents: &Documents) -> Vec<Value> {
    documents.iter().map(|document| serde_json::to_value(&document.policy).unwrap()).collect()
}

/// What keeps a part from another account than its own.
fn guard(account: &str) -> String {
    format!("if [ \"$(aws sts get-caller-identity --query Account --output text)\" = '{account}' ]; then")
}

/// The documents that are applied rather than shown, each with its account.
fn applied(documents: &Documents) -> Vec<(&str, &Document)> {
    let shown = |one: &&Document| match one.kind {
        Kind::Key | Kind::Topic | Kind::Queue => false,
        Kind::Trust => !documents.ask().sns_role.exists(),
        _ => true,
    };
    documents.iter().filter(shown).map(|one| (one.attach_to.account(), one)).collect()
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
    fn of_two_accounts_each_takes_what_is_its_own(ask in ask()) {
        let documents = documents(&ask).unwrap();
        let cross = matches!(&ask.queue, PersonalQueue::Own { account, .. } if account == AWAY)
            || matches!(&ask.queue, PersonalQueue::Provided(queue) if queue.account() == AWAY);
        let template: Value = serde_yaml_ng::from_str(&render(&documents, Format::CloudFormation)).unwrap();
        let terraform = render(&documents, Format::Terraform);
        let body: hcl::Body = hcl::from_str(&terraform).unwrap();
        let lines = render(&documents, Format::AwsCli);
        if !cross {
            prop_assert!(template.get("Conditions").is_none() && !lines.contains("get-caller-identity"), "{lines}");
            prop_assert!(!body.blocks().any(|one| one.identifier() == "provider"), "{terraform}");
            return Ok(());
        }
        for account in [HOME, AWAY] {
            let meant = sorted(applied(&documents).into_iter().filter(|(of, _)| *of == account).map(|(_, one)| serde_json::to_value(&one.policy).unwrap()).collect());
            // CloudFormation: the resources of whose condition this account is the value.
            let holds = |name: &Value| template["Conditions"][name.as_str().unwrap()]["Fn::Equals"][1] == account;
            let resources = template["Resources"].as_object().unwrap().values().filter(|one| holds(&one["Condition"]));
            let mut found = Vec::new();
            resources.for_each(|one| from_template(one, &mut found));
            prop_assert_eq!(&meant, &sorted(found), "as a template in {}", account);
            // The aws CLI: what is between the account's guard and its end, and called.
            let inside = lines.split_once(&guard(account)).unwrap().1.split_once("\nfi\n").unwrap().0;
            prop_assert_eq!(&meant, &sorted(json_in(inside)), "as lines in {}", account);
        }
        // Terraform: what is made for the person has the person's provider, and nothing else has.
        let provided = |block: &&hcl::Block| block.body().attributes().any(|one| one.key() == "provider");
        let made: Vec<_> = body.blocks().filter(|one| one.identifier() == "resource").filter(provided).collect();
        prop_assert!(made.iter().all(|one| one.labels()[1].as_str() == "desktop"), "{terraform}");
        prop_assert_eq!(made.len(), 1 + usize::from(ask.person.is_some()), "{}", terraform);
        let accounts = body.blocks().filter(|one| one.identifier() == "provider").flat_map(|one| one.body().attributes());
        let allowed = accounts.filter(|one| one.key() == "allowed_account_ids").map(|one| plain(one.expr(), &|_| Value::Null));
        prop_assert_eq!(allowed.collect::<Vec<_>>(), [serde_json::json!([HOME]), serde_json::json!([AWAY])]);
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
                (false, line) if line == "fi" || [HOME, AWAY].iter().any(|account| line == guard(account)) => {}
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
