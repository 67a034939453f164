use super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";

fn form() -> IamForm {
    IamForm { topic_arn: TOPIC.into(), ..IamForm::default() }
}

#[test]
fn every_field_reaches_the_documents_and_every_language_is_there() {
    let key = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let told = filled(&IamForm {
        topic_arn: format!("  {TOPIC} "),
        sns_role: "notify".into(),
        window_role: "patching".into(),
        person: "ann".into(),
        kms_key: key.into(),
        queue_region: "eu-west-1".into(),
        read_commands: true,
        confine_trust: true,
        ..form()
    });
    assert_eq!(told.mistakes, [], "nothing is wrong with it");
    assert_eq!(
        told.texts.iter().map(|one| one.format.as_str()).collect::<Vec<_>>(),
        ["json", "terraform", "cloudformation", "cli"]
    );
    let cli = &told.texts[3].text;
    for word in ["'notify'", "'patching'", "'ann'", key, "ssm:ListCommands", "aws:SourceAccount", "sqs:eu-west-1:"] {
        assert!(cli.contains(word), "{word} is in the documents: {cli}");
    }
    let tasks: Vec<_> = told.documents.iter().filter_map(|one| one.task).collect();
    assert!([2, 3, 4, 5].iter().all(|task| tasks.contains(task)), "each task of the guide: {tasks:?}");
    assert_eq!(filled(&IamForm::default()), IamFilled::default(), "without a topic there is nothing to say yet");
}

#[test]
fn the_key_of_a_queue_counts_with_its_queue_alone() {
    let key = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1";
    let told = |queue_arn: &str| {
        let told = filled(&IamForm { queue_arn: queue_arn.into(), queue_kms_key: key.into(), ..form() });
        assert_eq!(told.mistakes, [], "nothing is wrong with it");
        told.texts[0].text.contains(key)
    };
    assert!(told("arn:aws:sqs:eu-west-1:123456789012:on-call"), "its reader decrypts with it");
    assert!(!told(""), "Watchbell's own queue has none, and the field is hidden then");
}

#[test]
fn each_wrong_name_is_told_at_its_field_and_all_at_once() {
    let mistakes = filled(&IamForm {
        topic_arn: format!("{TOPIC}.fifo"),
        sns_role: "arn:aws:iam::123456789012:user/ann".into(),
        window_role: "AWSServiceRoleForAmazonSSM".into(),
        person: "an n".into(),
        kms_key: "alias/topic".into(),
        queue_arn: TOPIC.into(),
        ..form()
    })
    .mistakes;
    let fields: Vec<_> = mistakes.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["topic_arn", "sns_role", "window_role", "person", "kms_key", "queue_arn"]);
    for (at, word) in [(0, "FIFO"), (1, "ARN of a user"), (2, "service-linked"), (4, "alias")] {
        assert!(mistakes[at].message.contains(word), "{word}: {:?}", mistakes[at]);
    }
    assert!(mistakes.iter().all(|one| !one.hint.is_empty()), "each says what to do instead: {mistakes:?}");
}

#[test]
fn what_does_not_fit_together_is_told_where_it_can_be_mended() {
    let role = || "arn:aws:iam::210987654321:role/far".to_owned();
    let queue_arn = || "arn:aws:sqs:eu-west-1:123456789012:on-call".to_owned();
    let elsewhere = "arn:aws:kms:us-east-1:123456789012:key/mrk-1";
    let wrong: [(&str, IamForm); 10] = [
        ("sns_role", IamForm { sns_role: role(), ..form() }),
        ("window_role", IamForm { window_role: role(), ..form() }),
        ("person", IamForm { person: role(), ..form() }),
        ("kms_key", IamForm { kms_key: elsewhere.into(), ..form() }),
        ("queue_kms_key", IamForm { queue_arn: queue_arn(), queue_kms_key: elsewhere.into(), ..form() }),
        ("queue_kms_key", IamForm { queue_arn: queue_arn(), queue_kms_key: "alias/q".into(), ..form() }),
        ("queue_arn", IamForm { queue_arn: "arn:aws-cn:sqs:cn-north-1:123456789012:q".into(), ..form() }),
        ("queue_region", IamForm { queue_region: "Frankfurt am Main".into(), ..form() }),
        ("queue_account", IamForm { queue_account: "12".into(), ..form() }),
        ("read_commands", IamForm { read_commands: true, queue_account: "210987654321".into(), ..form() }),
    ];
    for (field, form) in wrong {
        let mistakes = filled(&form).mistakes;
        assert_eq!(mistakes.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), [field], "{mistakes:?}");
    }
}
