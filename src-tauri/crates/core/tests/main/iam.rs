use rstest::rstest;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::iam::{
    Ask, AskError, Document, Documents, Format, KeyArn, Kind, PersonalQueue, Principal, documents, render,
};
use watchbell_core::plan::queue_policy;

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn topic(partition: &str, region: &str) -> TopicArn {
    format!("arn:{partition}:sns:{region}:123456789012:ssm-notify").parse().unwrap()
}

fn about() -> Ask {
    Ask::about(topic("aws", "eu-central-1")).unwrap()
}

/// Everything that an administrator may name, with a role that is to be made.
fn everything() -> Ask {
    Ask {
        window_role: Some(Principal::role("patch-window").unwrap()),
        person: Some(Principal::person("ann@example.org").unwrap()),
        key: Some(KEY.parse().unwrap()),
        read_commands: true,
        confine_trust: true,
        ..about()
    }
}

const QUEUE_KEY: &str = "arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Roles that exist, an encrypted queue that the administrator made, and a person of another account.
fn provided() -> Ask {
    Ask {
        sns_role: Principal::role("arn:aws:iam::123456789012:role/ops/notify").unwrap(),
        person: Some(Principal::person("arn:aws:iam::210987654321:group/on-call").unwrap()),
        queue: PersonalQueue::Provided("arn:aws:sqs:eu-west-1:210987654321:on-call".parse().unwrap()),
        queue_key: Some(QUEUE_KEY.parse().unwrap()),
        ..about()
    }
}

fn find(documents: &Documents, wanted: impl Fn(&Document) -> bool) -> &Document {
    documents.iter().find(|document| wanted(document)).expect("the document is there")
}

fn refused(ask: &Ask) -> AskError {
    documents(ask).expect_err("it is refused")
}

#[rstest]
#[case("least", about())]
#[case("everything", everything())]
#[case("provided", provided())]
fn each_format_reads_as_reviewed(#[case] name: &str, #[case] ask: Ask) {
    let documents = documents(&ask).unwrap();
    for format in Format::ALL {
        insta::assert_snapshot!(format!("{name}_{}", format.as_str()), render(&documents, format));
    }
}

#[rstest]
#[case("aws-cn", "cn-north-1")]
#[case("aws-us-gov", "us-gov-west-1")]
#[case("aws-eusc", "eusc-de-east-1")]
#[case("aws-iso-b", "us-isob-east-1")]
fn each_partition_reads_as_reviewed(#[case] partition: &str, #[case] region: &str) {
    let ask = Ask { confine_trust: true, ..Ask::about(topic(partition, region)).unwrap() };
    let documents = documents(&ask).unwrap();
    let text = render(&documents, Format::Json);
    assert!(!text.contains("arn:aws:"), "no ARN of another partition: {text}");
    insta::assert_snapshot!(format!("partition_{partition}"), text);
}

#[test]
fn the_guides_tasks_come_in_order() {
    let documents = documents(&everything()).unwrap();
    let tasks: Vec<_> = documents.iter().map(|document| (document.task, document.kind)).collect();
    let own = [(None, Kind::PersonPermission)];
    let guide = [
        (Some(2), Kind::RolePermission),
        (Some(2), Kind::Key),
        (Some(3), Kind::Trust),
        (Some(4), Kind::PersonPermission),
        (Some(5), Kind::RolePermission),
    ];
    assert_eq!(tasks, [&guide[..], &own].concat(), "the guide's tasks, then the desktop's");
}

#[test]
fn passing_is_for_one_role_and_one_service() {
    let documents = documents(&everything()).unwrap();
    for task in [4, 5] {
        let policy = serde_json::to_value(&find(&documents, |one| one.task == Some(task)).policy).unwrap();
        let statement = &policy["Statement"][0];
        assert_eq!(statement["Resource"], "arn:aws:iam::123456789012:role/ssm-sns-publish", "task {task}: one role");
        let service = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
        assert_eq!(service, "ssm.amazonaws.com", "task {task}: one service");
    }
}

#[test]
fn in_china_both_names_of_the_service_are_trusted_and_the_doubt_is_said() {
    let documents = documents(&Ask::about(topic("aws-cn", "cn-north-1")).unwrap()).unwrap();
    let trust = find(&documents, |one| one.kind == Kind::Trust);
    let policy = serde_json::to_value(&trust.policy).unwrap();
    let named = serde_json::json!(["ssm.amazonaws.com", "ssm.amazonaws.com.cn"]);
    assert_eq!(policy["Statement"][0]["Principal"]["Service"], named);
    assert!(trust.notes.iter().any(|note| note.contains("China")), "what is not confirmed is said: {:?}", trust.notes);
}

#[test]
fn a_confined_trust_warns_that_it_may_silence_everything() {
    let trust = |confine_trust| {
        let documents = documents(&Ask { confine_trust, ..about() }).unwrap();
        find(&documents, |one| one.kind == Kind::Trust).clone()
    };
    let policy = serde_json::to_value(&trust(true).policy).unwrap();
    let condition = &policy["Statement"][0]["Condition"];
    assert_eq!(condition["StringEquals"]["aws:SourceAccount"], "123456789012");
    assert_eq!(condition["ArnLike"]["aws:SourceArn"], "arn:aws:ssm:eu-central-1:123456789012:*");
    assert!(trust(true).notes[0].contains("not confirmed"), "its risk is said");
    let plain = serde_json::to_value(&trust(false).policy).unwrap();
    assert!(plain["Statement"][0].get("Condition").is_none(), "the form that is known to work is the default");
}

#[test]
fn a_provided_queue_is_only_read_and_lets_one_topic_in() {
    let ask = provided();
    let documents = documents(&ask).unwrap();
    let desktop = find(&documents, |one| one.kind == Kind::PersonPermission && one.task.is_none());
    let writes = ["Create", "Set", "Tag", "Delete", "Subscribe", "Unsubscribe"];
    let actions: Vec<_> = desktop.policy.statements().iter().flat_map(|one| one.actions().to_vec()).collect();
    let written: Vec<_> = actions
        .iter()
        .filter(|action| writes.iter().any(|verb| action.split(':').nth(1).is_some_and(|name| name.starts_with(verb))))
        .collect();
    assert_eq!(written, ["sqs:DeleteMessage"], "nothing is made, changed or removed but messages that were read");
    let queue: QueueArn = "arn:aws:sqs:eu-west-1:210987654321:on-call".parse().unwrap();
    let made = serde_json::to_value(&find(&documents, |one| one.kind == Kind::Queue).policy).unwrap();
    let planned = queue_policy(&queue, &ask.topic);
    assert_eq!(made["Statement"][0], planned["Statement"][0], "the statement is the one that subscribe writes");
    let confirms = desktop.policy.statements().iter().find(|one| one.actions() == ["sns:ConfirmSubscription"]).unwrap();
    assert_eq!(confirms.resources(), [ask.topic.as_str()], "the one topic's request may be confirmed");
    assert!(
        confirms.is_optional() && desktop.notes.iter().any(|note| note.contains("optional")),
        "and what for is said"
    );
    let topics = documents.iter().filter(|one| one.kind == Kind::Topic).count();
    assert_eq!(topics, 1, "another account has to be let in by the topic");
}

#[test]
fn an_encrypted_queue_is_decrypted_by_its_reader_and_its_key_lets_sns_in() {
    let documents = documents(&provided()).unwrap();
    let desktop = find(&documents, |one| one.kind == Kind::PersonPermission && one.task.is_none());
    let decrypts = desktop.policy.statements().iter().find(|one| one.actions() == ["kms:Decrypt"]).unwrap();
    assert_eq!(decrypts.resources(), [QUEUE_KEY]);
    let key = find(&documents, |one| one.kind == Kind::Key);
    let policy = serde_json::to_value(&key.policy).unwrap();
    assert_eq!(policy["Statement"][0]["Principal"]["Service"], "sns.amazonaws.com");
    assert_eq!(policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"], provided().topic.as_str());
    assert!(key.attach_to.in_words().contains(QUEUE_KEY));
    let note = |ask: &Ask| {
        let documents = watchbell_core::iam::documents(ask).unwrap();
        find(&documents, |one| one.kind == Kind::PersonPermission && one.task.is_none()).notes.join(" ")
    };
    assert!(note(&provided()).contains("leaves access to IAM"), "{}", note(&provided()));
    let far = QUEUE_KEY.replace("210987654321", "345678901234");
    let said = note(&Ask { queue_key: Some(far.parse().unwrap()), ..provided() });
    assert!(said.contains("account 345678901234") && said.contains("account 210987654321"), "{said}");
    let own = Ask { queue_key: Some(QUEUE_KEY.parse().unwrap()), ..about() };
    let text = render(&watchbell_core::iam::documents(&own).unwrap(), Format::Json);
    assert!(!text.contains("kms:"), "Watchbell's own queue has no key of KMS");
}

#[test]
fn people_of_one_account_hear_topics_of_one_name_in_many() {
    let name = |topic: &str| {
        let queue = PersonalQueue::Own { region: "eu-central-1".into(), account: "210987654321".into() };
        let ask = Ask { queue, ..Ask::about(topic.parse().unwrap()).unwrap() };
        let documents = documents(&ask).unwrap();
        find(&documents, |one| one.kind == Kind::PersonPermission && one.task.is_none()).name.clone().unwrap()
    };
    let mut names = Vec::new();
    for topic_name in ["ssm-notify".to_owned(), "t".repeat(200)] {
        for account in ["123456789012", "345678901234", "210987654321"] {
            names.push(name(&format!("arn:aws:sns:eu-central-1:{account}:{topic_name}")));
        }
    }
    let told: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(told.len(), names.len(), "no policy takes another's name: {names:?}");
    assert_eq!(names[0], "watchbell-desktop-ssm-notify-eu-central-1-123456789012");
    assert_eq!(names[2], "watchbell-desktop-ssm-notify-eu-central-1", "within one account it is as short as it was");
}

#[rstest]
#[case(
    "arn:aws:iam::123456789012:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM",
    "service-linked"
)]
#[case("aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM", "service-linked")]
#[case("AWSServiceRoleForAmazonSSM", "service-linked")]
#[case(
    "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    "Identity Center"
)]
#[case("arn:aws:sts::123456789012:assumed-role/notify/session", "session")]
#[case("arn:aws:iam::123456789012:user/ann", "ARN of a user")]
#[case("arn:aws:iam::123456789012:instance-profile/nodes", "no user, group or role")]
#[case("arn:aws:iam::123456789012:root", "no user, group or role")]
#[case("arn:aws:sns:eu-central-1:123456789012:ssm-notify", "\"sns\", not \"iam\"")]
#[case("arn:aws:iam:eu-central-1:123456789012:role/notify", "no regions")]
#[case("arn:aws:iam::12345:role/notify", "not 12 digits")]
#[case("arn:aws-moon:iam::123456789012:role/notify", "not an AWS partition")]
#[case("arn:aws:iam::123456789012:role/", "not 1 to 64")]
#[case("arn:aws:iam::123456789012:role/a*/notify", "stand for other letters")]
#[case("arn:aws:iam::123456789012:role/${aws:username}/notify", "stand for other letters")]
#[case("arn:aws:iam::123456789012:role/two words/notify", "without spaces")]
#[case("arn:aws:iam", "cut short")]
#[case("", "not 1 to 64")]
#[case("notify role", "not 1 to 64")]
#[case("notify';rm -rf ~", "not 1 to 64")]
#[case("ops/notify", "not 1 to 64")]
fn a_role_that_cannot_work_is_refused_with_the_reason(#[case] text: &str, #[case] reason: &str) {
    let refused = Principal::role(text).expect_err("it is refused");
    assert!(refused.to_string().contains(reason), "{text}: {refused}");
    assert!(!refused.hint().is_empty(), "{text}: and what to do instead");
}

#[test]
fn a_name_may_have_64_letters_and_a_path_512() {
    assert!(Principal::role(&"r".repeat(64)).is_ok() && Principal::role(&"r".repeat(65)).is_err());
    let with_path =
        |letters: usize| Principal::role(&format!("arn:aws:iam::123456789012:role/{}/n", "p".repeat(letters)));
    assert!(with_path(510).is_ok() && with_path(511).is_err(), "both slashes count");
    assert!(Principal::person(&format!("arn:aws:iam::123456789012:group/{}", "g".repeat(128))).is_ok());
}

#[rstest]
#[case("arn:aws:kms:eu-central-1:123456789012:alias/topics", "is an alias")]
#[case("alias/aws/sns", "is an alias")]
#[case("1234abcd-12ab-34cd-56ef-1234567890ab", "not the ARN of a KMS key")]
#[case("arn:aws:kms:eu-central-1:123456789012:key/*", "not the ARN of a KMS key")]
#[case("arn:aws:kms:eu-central-1:123456789012:key/", "not the ARN of a KMS key")]
#[case("arn:aws:s3:eu-central-1:123456789012:key/1", "not the ARN of a KMS key")]
fn a_key_is_named_by_its_arn_alone(#[case] text: &str, #[case] reason: &str) {
    let refused = text.parse::<KeyArn>().expect_err("it is refused");
    assert!(refused.to_string().contains(reason), "{text}: {refused}");
}

#[test]
fn a_fifo_topic_is_refused_with_the_reason() {
    let refused =
        "arn:aws:sns:eu-central-1:123456789012:ssm-notify.fifo".parse::<TopicArn>().expect_err("it is refused");
    assert!(refused.to_string().contains("standard topics only"), "{refused}");
}

#[test]
fn what_does_not_fit_together_is_refused_with_both_places() {
    let role = |text: &str| Principal::role(text).unwrap();
    let elsewhere = "arn:aws:iam::210987654321:role/notify";
    let key = "arn:aws:kms:us-east-1:123456789012:key/1".parse().unwrap();
    let cases = [
        Ask { sns_role: role(elsewhere), ..about() },
        Ask { sns_role: role("arn:aws-cn:iam::123456789012:role/notify"), ..about() },
        Ask { window_role: Some(role(elsewhere)), ..about() },
        Ask { person: Some(Principal::person("arn:aws:iam::210987654321:user/ann").unwrap()), ..about() },
        Ask { key: Some(key), ..about() },
        Ask { queue_key: Some(KEY.parse().unwrap()), ..provided() },
        Ask { queue: PersonalQueue::Provided("arn:aws-cn:sqs:cn-north-1:123456789012:q".parse().unwrap()), ..about() },
        Ask { read_commands: true, person: None, ..provided() },
        Ask { queue: PersonalQueue::Own { region: "Frankfurt".into(), account: "123456789012".into() }, ..about() },
        Ask { queue: PersonalQueue::Own { region: "eu-west-1".into(), account: "12".into() }, ..about() },
    ];
    let said: Vec<_> = cases.iter().map(refused).map(|error| format!("{error}\n  {}", error.hint())).collect();
    insta::assert_snapshot!(said.join("\n"));
}
