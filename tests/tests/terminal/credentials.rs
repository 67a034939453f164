//! Credentials that are missing, broken, expired or wrong: each is told by its cause, with its own way out.

use jiff::SignedDuration;
use serde_json::json;
use watchbell_engine::clock;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::world::World;

const CONFIG: &str = "
[profile failing]
region = us-east-1
credential_process = sh -c 'echo the session is over >&2; exit 3'
[profile talking]
credential_process = echo hello
[profile missing]
credential_process = /nonexistent/helper
[profile empty]
region = us-east-1
[profile half]
aws_access_key_id = AKIAHALF
[profile chained]
role_arn = arn:aws:iam::000000000000:role/r
source_profile = nowhere
[profile sso]
sso_session = s
sso_account_id = 123456789012
sso_role_name = r
[profile over]
role_arn = arn:aws:iam::000000000000:role/r
source_profile = sso
[profile over-half]
role_arn = arn:aws:iam::000000000000:role/r
source_profile = half
[profile console]
login_session = arn:aws:iam::123456789012:user/ann
[sso-session s]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
";

async fn with_config(endpoint: &str, config: &str) -> Terminal {
    let mut terminal = Terminal::without_credentials(endpoint).await.unwrap();
    let file = terminal.session.path("aws-config");
    std::fs::write(&file, config).unwrap();
    terminal.session.set("AWS_CONFIG_FILE", file);
    terminal
}

fn refused(ran: &Ran, what: &str, words: &[&str]) {
    assert_eq!((ran.code, &ran.document()["error"]["code"]), (3, &"aws_refused".into()), "{what}: {ran:?}");
    for word in words {
        assert!(ran.words().contains(word), "{what} is told with {word:?}: {}", ran.words());
    }
}

#[tokio::test]
async fn each_cause_has_its_own_way_out() {
    let world = World::new(Auth::Enforced).await;
    let terminal = with_config(&world.aws.url, CONFIG).await;
    let cases: [(&str, &[&str]); 11] = [
        ("unheard-of", &["unheard-of", "aws configure list-profiles", "--profile"]),
        ("failing", &["the session is over", "credential_process failed", "by hand"]),
        ("talking", &["credential_process failed", "by hand"]),
        ("missing", &["/nonexistent/helper", "credential_process failed"]),
        ("empty", &["neither the environment nor the profile has any", "--access-key-id"]),
        ("half", &["aws_secret_access_key", "aws configure --profile half"]),
        ("over-half", &["aws configure --profile half"]),
        ("chained", &["nowhere", "aws configure list-profiles"]),
        ("sso", &["aws sso login --profile sso"]),
        // The tools sign in with the profile that has the sign-in.
        ("console", &["aws login --profile console"]),
        ("over", &["aws sso login --profile sso"]),
    ];
    for (profile, words) in cases {
        let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--profile", profile];
        let ran = terminal.run(&line).await.unwrap();
        refused(&ran, profile, words);
    }
    let ran = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    refused(&ran, "nothing at all", &["neither the environment nor the profile has any", "AWS_PROFILE"]);
    assert_eq!(world.queues().await, Vec::<String>::new(), "nothing was made");

    let broken = with_config(&world.aws.url, "[profile x\nnonsense").await;
    let ran = broken.run(&["subscribe", "--topic-arn", &world.topic, "--yes", "--profile", "x"]).await.unwrap();
    refused(&ran, "a file that cannot be parsed", &["~/.aws/config", "mend"]);
}

#[tokio::test]
async fn a_profile_that_works_works_for_watching_too_until_it_does_not() {
    let world = World::new(Auth::Enforced).await;
    let (id, secret) = world.all_but(&[]).await;
    let terminal = with_config(&world.aws.url, "[profile p]\ncredential_process = cat creds.json\n").await;
    let answer = json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": secret });
    std::fs::write(terminal.session.path("creds.json"), answer.to_string()).unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes", "--profile", "p"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(terminal.run(&["watch", "--once"]).await.unwrap().code, 0, "the profile is remembered");
    std::fs::remove_file(terminal.session.path("creds.json")).unwrap();
    let ran = terminal.run(&["watch", "--once"]).await.unwrap();
    refused(&ran, "a helper that fails later", &["credential_process failed"]);
}

/// Where the tools keep the session of `arn:aws:iam::000000000000:user/ann`: its SHA-256.
const CONSOLE: &str = "home/.aws/login/cache/68a7600550a06643f23704b08b589301457436fe704dc9e468074d7357a5cfd3.json";

#[tokio::test]
async fn a_console_session_of_aws_login_is_used_and_its_end_names_the_way_back() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let config = "[profile console]\nlogin_session = arn:aws:iam::000000000000:user/ann\n";
    let terminal = with_config(&gate.url, config).await;
    let cache = terminal.session.path(CONSOLE);
    std::fs::create_dir_all(cache.parent().unwrap()).unwrap();
    let session = json!({
        "accessToken": {
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": "s3cret", "sessionToken": "of-the-console",
            "accountId": "000000000000", "expiresAt": (clock::now() + SignedDuration::from_mins(15)).to_string(),
        },
        "tokenType": "aws_sigv4", "refreshToken": "r", "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "none is needed before the end",
    });
    std::fs::write(&cache, session.to_string()).unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--profile", "console"];
    let made = terminal.run(&line).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(terminal.run(&["watch", "--once"]).await.unwrap().code, 0, "and for receiving");
    let signed = gate.signed();
    assert!(
        !signed.is_empty() && signed.iter().all(|call| call.token == "of-the-console"),
        "each call is the session's"
    );

    std::fs::remove_file(&cache).unwrap();
    let ran = terminal.run(&["watch", "--once"]).await.unwrap();
    refused(&ran, "a session that was ended", &["aws login --profile console"]);
}

#[tokio::test]
async fn a_program_that_waits_for_the_person_is_waited_for() {
    let world = World::new(Auth::Enforced).await;
    let (id, secret) = world.all_but(&[]).await;
    // As one that asks for a touch: longer than a source that hangs is given.
    let config = "[profile p]\ncredential_process = sh -c 'sleep 6; cat creds.json'\n";
    let terminal = with_config(&world.aws.url, config).await;
    let answer = json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": secret });
    std::fs::write(terminal.session.path("creds.json"), answer.to_string()).unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes", "--profile", "p"]).await.unwrap();
    assert_eq!(made.code, 0, "it is waited for where a person waits: {made:?}");
    let ran = terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!(ran.code, 0, "and where nobody does: {ran:?}");
}

#[tokio::test]
async fn expired_unknown_and_late_are_told_apart() {
    let world = World::new(Auth::Enforced).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let mut terminal = Terminal::start(&gate.url).await.unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes"];
    let sts = |code: &str| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        )
    };
    for (code, status, words) in [
        ("ExpiredToken", 403, &["expired", "aws sso login"][..]),
        ("InvalidClientTokenId", 403, &["does not know the access key"]),
        ("RequestTimeTooSkewed", 403, &["clock", "timedatectl"]),
    ] {
        gate.answer("GetCallerIdentity", status, sts(code));
        refused(&terminal.run(&line).await.unwrap(), code, words);
        gate.pass("GetCallerIdentity");
    }
    gate.answer("GetCallerIdentity", 503, sts("ServiceUnavailable"));
    let ran = terminal.run(&line).await.unwrap();
    assert_eq!(ran.code, 4, "a service that is away was not reached: {ran:?}");
    gate.pass("GetCallerIdentity");

    // A token that ends while the subscription lives.
    assert_eq!(terminal.run(&line).await.unwrap().code, 0, "now it is made");
    let expired = json!({ "__type": "com.amazonaws.sqs#ExpiredToken", "message": "The security token included in the request is expired" });
    gate.answer("ReceiveMessage", 403, expired.to_string());
    refused(&terminal.run(&["watch", "--once"]).await.unwrap(), "an expired token", &["expired", "aws sso login"]);
    gate.pass("ReceiveMessage");

    let (id, _) = world.all_but(&[]).await;
    terminal.credentials(&id, "not-the-secret");
    refused(&terminal.run(&line).await.unwrap(), "a wrong secret", &["secret", "wrong"]);
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_named_with_both_things_it_needs() {
    let world = World::new(Auth::Enforced).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let mut terminal = Terminal::start(&gate.url).await.unwrap();
    let (id, secret) = world.all_but(&["sts:AssumeRole"]).await;
    terminal.credentials(&id, &secret);
    let role = "arn:aws:iam::000000000000:role/watchbell-reader";
    let said = format!(
        "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: sts:AssumeRole on resource: {role}"
    );
    gate.answer(
        "AssumeRole",
        403,
        format!("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{said}</Message></Error></ErrorResponse>"),
    );
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--role-arn", role];
    let ran = terminal.run(&line).await.unwrap();
    refused(&ran, "a denied role", &["sts:AssumeRole", role, "trust policy"]);

    // And as the stand-in itself denies it.
    gate.pass("AssumeRole");
    let ran = terminal.run(&line).await.unwrap();
    refused(&ran, "a denied role", &["sts:AssumeRole"]);
    let ran = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes", "--role-arn", "reader"]).await.unwrap();
    assert_eq!(ran.code, 2, "what is no role's ARN is refused before any call: {ran:?}");
}
