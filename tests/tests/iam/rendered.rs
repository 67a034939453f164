//! The documents as CloudFormation and as lines of the aws CLI: valid, obeyed by no name, and each account takes what is its own.

use std::path::PathBuf;

use serde_json::Value;
use tokio::process::Command;
use watchbell_tests::harness::terminal::Terminal;

const ROLE: &str = "ssm-sns-publish";
/// Everything that a path of IAM may hold and a shell might obey.
const HOSTILE: &str = "arn:aws:iam::000000000000:role/'`>owned`;>owned;\"\\'/JSON/notify";
const AWAY: &str = "210987654321";

/// Questions that lead to other documents, each with its name and its flags: somebody of the topic's account, and somebody of another, with a
/// queue of their own or one that the administrator made.
const QUESTIONS: [(&str, &[&str]); 5] = [
    ("plain", &["--user", "ann"]),
    (
        "everything",
        &[
            "--user",
            "ann",
            "--window-role",
            "patching",
            "--kms-key",
            "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "--read-commands",
            "--confine-trust",
        ],
    ),
    (
        "a provided queue",
        &[
            "--queue-arn",
            "arn:aws:sqs:us-east-1:000000000000:on-call",
            "--queue-kms-key",
            "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ],
    ),
    ("another account", &["--queue-account", AWAY, "--user", "arn:aws:iam::210987654321:user/ann", "--confine-trust"]),
    (
        "another account's queue",
        &[
            "--queue-arn",
            "arn:aws:sqs:eu-west-1:210987654321:on-call",
            "--queue-kms-key",
            "arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "--user",
            "arn:aws:iam::210987654321:group/on-call",
        ],
    ),
];

/// The text of a `--format`.
async fn text(format: &str, sns_role: &str, more: &[&str]) -> String {
    let topic = "arn:aws:sns:us-east-1:000000000000:ssm-notify";
    let terminal = Terminal::without_credentials("http://127.0.0.1:1").await.unwrap();
    let asked = ["iam", "--topic-arn", topic, "--sns-role", sns_role, "--format", format];
    let ran = terminal.run(&[&asked[..], more].concat()).await.unwrap();
    ran.document()["text"].as_str().expect("the text is beside the documents").to_owned()
}

#[tokio::test]
async fn the_template_passes_the_linter_of_cloudformation() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (at, (_, more)) in QUESTIONS.iter().enumerate() {
        for (role, name) in [(ROLE, "made"), ("arn:aws:iam::000000000000:role/ops/notify", "there")] {
            let file = folder.path().join(format!("{at}-{name}.yaml"));
            std::fs::write(&file, text("cloudformation", role, more).await).unwrap();
            files.push(file);
        }
    }
    let linter = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/py/bin/cfn-lint");
    let ran = Command::new(linter).args(&files).output().await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

/// The lines as bash runs them with credentials of this account: what `aws` was called with, and what it was fed. No name is obeyed.
async fn called(lines: &str, account: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    // `aws` tells who it is, or what it was called with; that its stdin is JSON is looked at below.
    let stub = format!(
        "aws() {{ if [ \"$1\" = sts ]; then echo {account}; return; fi; printf 'CALL'; printf '\\t%s' \"$@\"; printf '\\n'; \
         case \" $* \" in *' file:///dev/stdin '*) cat;; esac; }}\n"
    );
    let script = format!("set -eu\n{stub}{lines}");
    let ran = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().await.unwrap();
    assert!(ran.status.success(), "{}: {lines}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no name was obeyed: {lines}");
    let told = String::from_utf8(ran.stdout).unwrap();
    let split = |call: &str| call.split_once('\n').map(|(line, fed)| (line.to_owned(), fed.to_owned())).unwrap();
    told.split("CALL\t").skip(1).map(split).collect()
}

#[tokio::test]
async fn the_lines_call_aws_each_account_for_itself_and_obey_no_name() {
    // Calls with a role that is to be made; with one that is there, one fewer. Then those of the other account.
    let expected = [
        ("plain", 6, 0),
        ("everything", 7, 0),
        ("a provided queue", 4, 0),
        ("another account", 3, 2),
        ("another account's queue", 3, 2),
    ];
    for ((name, more), (of, here, away)) in QUESTIONS.into_iter().zip(expected) {
        assert_eq!(name, of);
        for (role, fewer) in [(ROLE, 0), (HOSTILE, 1)] {
            let lines = text("cli", role, more).await;
            // Without a second account there is nothing to tell apart.
            let (own, other) = (called(&lines, "000000000000").await, called(&lines, AWAY).await);
            assert_eq!(own.len(), here - fewer, "{name}, {role}: {own:?}");
            if away > 0 {
                assert_eq!(other.len(), away, "{name}, {role}: {other:?}");
                assert!(called(&lines, "345678901234").await.is_empty(), "{name}: a third account has no part in it");
            }
            for (line, fed) in own.iter().chain(&other) {
                assert!(line.starts_with("iam\t"), "{name}, {role}: only IAM is called: {line}");
                if line.ends_with("file:///dev/stdin") {
                    let policy: Value =
                        serde_json::from_str(fed).unwrap_or_else(|error| panic!("{line}: {error}: {fed}"));
                    assert_eq!(policy["Version"], "2012-10-17", "{name}, {role}: {line}");
                }
            }
            for (calls, account, taken) in [(&own, "000000000000", true), (&other, AWAY, away > 0)] {
                let attached: Vec<_> =
                    calls.iter().filter(|(line, _)| taken && line.contains("--policy-arn")).collect();
                assert!(
                    attached.iter().all(|(line, _)| line.contains(&format!("arn:aws:iam::{account}:policy/"))),
                    "{name}: a policy is attached where it was made: {attached:?}"
                );
            }
        }
    }
}
