//! Rules by example: what they fit, what is refused and in which words, and the file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use super::{
    FILE_MAX, Field, FileError, InWindow, NAME_MAX, PATTERN_MAX, RULES_MAX, Route, Rule, RuleBook, RuleError,
    SUBJECT_MAX, Subject, When, export, import, status_word,
};
use crate::status::Status;
use rstest::rstest;

const FAILED: Subject<'static> = Subject {
    document: Some("AWS-RunPatchBaseline"),
    node: Some("i-0c4e5a7be8f012391"),
    status: "failed",
    topic: Some("arn:aws:sns:us-east-1:123456789012:ssm-notify"),
    in_window: false,
};

fn rule(name: &str, when: When, then: Route) -> Rule {
    Rule { name: name.into(), enabled: true, when, then }
}

fn when(field: Field, pattern: &str) -> When {
    let mut when = When::default();
    match field {
        Field::Document => when.document = Some(pattern.into()),
        Field::Node => when.node = Some(pattern.into()),
        Field::Status => when.status = Some(pattern.into()),
        Field::Topic => when.topic = Some(pattern.into()),
        Field::Name => {}
    }
    when
}

fn refused(field: Field, pattern: &str) -> RuleError {
    let rules = [rule("r", when(field, pattern), Route::Mute)];
    let mut errors = RuleBook::compile(&rules).expect_err(pattern);
    assert_eq!(errors.len(), 1, "{pattern:?} is one mistake: {errors:?}");
    errors.remove(0)
}

#[rstest]
#[case(Field::Document, "AWS-RunPatch*", true)]
#[case(Field::Document, "AWS-RunPatch", false)]
#[case(Field::Document, "/patch/", true)]
#[case(Field::Document, "/^patch/", false)]
#[case(Field::Document, "/(?-i)patch/", false)]
#[case(Field::Node, "i-0c4e…91", true)]
#[case(Field::Node, "mi-*", false)]
#[case(Field::Node, r"/^m?i-\w{17}$/", true)]
#[case(Field::Status, "failed", true)]
#[case(Field::Status, "failing", true)]
#[case(Field::Status, "Timed Out", false)]
#[case(Field::Status, "f*", true)]
#[case(Field::Status, "/^(failed|timed_out)$/", true)]
#[case(Field::Topic, "ssm-notify", true)]
#[case(Field::Topic, "arn:aws:sns:us-east-1:*:ssm-*", true)]
#[case(Field::Topic, "*:123456789012:*", true)]
#[case(Field::Topic, "/^ssm/", true)]
#[case(Field::Topic, "notify", false)]
fn a_pattern_fits_its_field(#[case] field: Field, #[case] pattern: &str, #[case] fits: bool) {
    let book = RuleBook::compile(&[rule("r", when(field, pattern), Route::Mute)]).unwrap();
    assert_eq!(book.judge(&FAILED).rule.is_some(), fits, "{field} {pattern}");
}

#[rstest]
#[case("Timed Out", "timed_out")]
#[case("TimedOut", "timed_out")]
#[case("Canceled", "cancelled")]
#[case("NotRun", "not_run")]
#[case("not_run", "not_run")]
#[case("failing", "timed_out")]
#[case("running", "in_progress")]
#[case("SUCCESS", "success")]
fn a_status_is_read_in_every_spelling(#[case] pattern: &str, #[case] status: &str) {
    let book = RuleBook::compile(&[rule("r", when(Field::Status, pattern), Route::Mute)]).unwrap();
    assert!(book.speaks_of(0, &Subject { status, ..FAILED }), "{pattern} is {status}");
    assert!(!book.speaks_of(0, &Subject { status: "pending", ..FAILED }), "{pattern} is not pending");
}

#[test]
fn a_node_that_never_ran_is_not_failed_to_a_rule_either() {
    assert_eq!(status_word(&Status::Failed, Some("Terminated")), "not_run", "never ran is a word of its own");
    assert_eq!(status_word(&Status::Failed, None), "failed", "failed is failed");
    let unknown = Status::Other("Rebooting".into());
    assert_eq!(status_word(&unknown, None), "Rebooting", "AWS's own text is what a pattern sees");
}

#[test]
fn a_shared_document_is_known_by_its_arn_and_by_its_name() {
    let shared = Subject { document: Some("arn:aws:ssm:us-east-1:123456789012:document/Patch-Linux"), ..FAILED };
    for (pattern, fits) in
        [("Patch-*", true), ("arn:*:document/Patch-*", true), ("/^Patch/", true), ("*:Patch-*", false)]
    {
        let book = RuleBook::compile(&[rule("r", when(Field::Document, pattern), Route::Mute)]).unwrap();
        assert_eq!(book.speaks_of(0, &shared), fits, "{pattern}");
    }
}

#[test]
fn what_is_not_known_fits_no_pattern() {
    let nothing = Subject { status: "failed", ..Subject::default() };
    for field in [Field::Document, Field::Node, Field::Topic] {
        let book = RuleBook::compile(&[rule("r", when(field, "*"), Route::Mute)]).unwrap();
        assert!(!book.speaks_of(0, &nothing), "a rule must not silence what it cannot see: {field}");
        assert!(book.speaks_of(0, &FAILED), "and * fits whatever is there: {field}");
    }
}

#[test]
fn a_text_longer_than_any_name_fits_nothing_and_is_loud() {
    let document = "a".repeat(100_000);
    let hostile = Subject { document: Some(&document), ..FAILED };
    let book = RuleBook::compile(&[
        rule("glob", when(Field::Document, "*"), Route::Mute),
        rule("expression", when(Field::Document, "/(a+)+$/"), Route::Mute),
    ]);
    let book = book.unwrap();
    assert_eq!(book.judge(&hostile).route, Route::Loud, "what is no name must not be silenced by one");
    let longest = "a".repeat(SUBJECT_MAX);
    assert_eq!(book.judge(&Subject { document: Some(&longest), ..FAILED }).route, Route::Mute, "the longest ARN fits");
}

#[test]
fn windows_have_an_inside_and_an_outside() {
    let sides = |side| When { window: Some(side), ..When::default() };
    let book = RuleBook::compile(&[
        rule("in", sides(InWindow::Inside), Route::Quiet),
        rule("out", sides(InWindow::Outside), Route::Mute),
    ]);
    let book = book.unwrap();
    assert_eq!(book.judge(&Subject { in_window: true, ..FAILED }).route, Route::Quiet, "inside is inside");
    assert_eq!(book.judge(&Subject { in_window: false, ..FAILED }).route, Route::Mute, "outside is outside");
}

#[test]
fn all_conditions_must_hold_and_the_first_rule_that_fits_decides() {
    let patch = When { document: Some("*Patch*".into()), status: Some("timed_out".into()), ..When::default() };
    let book = RuleBook::compile(&[
        rule("Patches over time", patch, Route::Loud),
        Rule { enabled: false, ..rule("Off", When::default(), Route::Mute) },
        rule("Patches", when(Field::Document, "*Patch*"), Route::Quiet),
        rule("All", When::default(), Route::Mute),
    ]);
    let book = book.unwrap();
    let said = |subject: &Subject<'_>| (book.judge(subject).route, book.judge(subject).reason().unwrap());
    assert_eq!(
        said(&FAILED),
        (Route::Quiet, "Kept quiet by rule \"Patches\": tray and history only.".into()),
        "half of the first rule is not enough, and the second is off"
    );
    assert_eq!(
        said(&Subject { status: "timed_out", ..FAILED }),
        (Route::Loud, "Loud by rule \"Patches over time\".".into()),
        "loud is a decision too"
    );
    assert_eq!(
        said(&Subject { document: None, ..FAILED }),
        (Route::Mute, "Muted by rule \"All\".".into()),
        "a rule without conditions speaks of everything"
    );
    assert_eq!(RuleBook::default().judge(&FAILED).reason(), None, "without rules it is loud and needs no reason");
}

#[test]
fn every_mistake_is_marked_with_words_and_a_hint() {
    let patterns = [
        (Field::Document, ""),
        (Field::Document, "  "),
        (Field::Document, "//"),
        (Field::Document, "/AWS-Run"),
        (Field::Document, "/AWS-Run/i"),
        (Field::Document, "AWS-{Run,Apply}*"),
        (Field::Document, "AWS-Run "),
        (Field::Document, "AWS Run"),
        (Field::Document, "AWS-\u{202e}nuR"),
        (Field::Document, "/AWS-\u{200b}Run/"),
        (Field::Document, "/(AWS/"),
        (Field::Document, "/AWS)/"),
        (Field::Document, "/[AWS/"),
        (Field::Document, "/[z-a]/"),
        (Field::Document, "/*Patch/"),
        (Field::Document, "/AWS{,/"),
        (Field::Document, "/a{5,3}/"),
        (Field::Document, "/a{99999999999}/"),
        (Field::Document, "/é{1000000}/"),
        (Field::Document, "/((((a{90}){90}){90}){90})/"),
        (Field::Document, r"/AWS\/"),
        (Field::Document, r"/AWS\é/"),
        (Field::Document, "/(?=AWS)/"),
        (Field::Document, r"/(a)\1/"),
        (Field::Document, "/(?k)a/"),
        (Field::Document, r"/\p{Greek}/"),
        (Field::Document, r"/[a\pL]/"),
        (Field::Document, r"/(?-u:\W)/"),
        (Field::Document, "/(?P<>a)/"),
        (Field::Status, "faild"),
        (Field::Status, "failed,timed_out"),
        (Field::Topic, "/ssm|/x"),
        (Field::Node, "i-0c4e[0-9]*"),
    ];
    let said: Vec<String> = patterns
        .iter()
        .map(|(field, pattern)| {
            let error = refused(*field, pattern);
            let place = &pattern[error.range.clone()];
            format!("{} {}\n  [{}] {error}\n  {}", field, pattern.escape_debug(), place.escape_debug(), error.hint)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_pattern_has_a_length_and_a_depth() {
    let long = "é".repeat(PATTERN_MAX + 1);
    assert_eq!(refused(Field::Document, &long).range, 2 * PATTERN_MAX..long.len(), "what is too much is marked");
    let deep = format!("/{}a{}/", "(".repeat(100), ")".repeat(100));
    assert!(refused(Field::Document, &deep).message.contains("deep"), "nesting has a limit");
}

#[test]
fn all_patterns_together_have_a_limit_too() {
    let heavy = |n| rule(&format!("r{n}"), when(Field::Node, r"/^m?i-\w{17}$/"), Route::Mute);
    let rules: Vec<Rule> = (0..100).map(heavy).collect();
    assert!(RuleBook::compile(&rules[..5]).is_ok(), "a few heavy ones are fine");
    let errors = RuleBook::compile(&rules).expect_err("together they are too large");
    assert!(errors[0].message.starts_with("Together"), "{}", errors[0]);
    let usual = |n| {
        let all = When {
            document: Some("AWS-RunPatch*".into()),
            node: Some("/^i-0[0-9a-f]+$/".into()),
            ..when(Field::Topic, "ssm-*")
        };
        rule(&format!("r{n}"), all, Route::Quiet)
    };
    assert!(
        RuleBook::compile(&(0..RULES_MAX).map(usual).collect::<Vec<_>>()).is_ok(),
        "a full book of usual rules fits"
    );
}

#[test]
fn names_are_there_distinct_short_and_visible() {
    let named = |name: &str| rule(name, When::default(), Route::Mute);
    let long = "é".repeat(NAME_MAX + 1);
    let rules = [named("A"), named("\u{200b}\t"), named(&long), named("A\u{7} ")];
    let errors = RuleBook::compile(&rules).expect_err("three names are wrong");
    let said: Vec<String> = errors.iter().map(|error| format!("{error} {}", error.hint)).collect();
    let words = [
        "Rule 2, name: The rule has no name. Name it for what it does: decisions are stored with it.",
        "Rule 3, name: A name has at most 80 characters. Shorten it.",
        "Rule 4, name: Rule 1 has this name already. Give each rule its own name: decisions are stored with it.",
    ];
    assert_eq!(said, words, "each wrong name has its sentence");
    assert_eq!(errors[1].range, 2 * NAME_MAX..long.len(), "what is too much of a name is marked");
    let book = RuleBook::compile(&[named(" Agent\u{202e}  updates\n")]).unwrap();
    assert_eq!(book.judge(&FAILED).rule.unwrap().name, "Agent updates", "a stored reason holds no trick");
}

#[test]
fn a_book_has_a_last_page() {
    let rules: Vec<Rule> = (0..=RULES_MAX).map(|n| rule(&format!("r{n}"), When::default(), Route::Mute)).collect();
    assert!(RuleBook::compile(&rules[..RULES_MAX]).is_ok(), "the limit itself is allowed");
    let errors = RuleBook::compile(&rules).expect_err("one too many");
    assert_eq!(
        (errors.len(), errors[0].rule),
        (1, RULES_MAX),
        "the first rule that is too many is named: {}",
        errors[0]
    );
}

#[test]
fn every_field_of_every_rule_is_looked_at() {
    let wrong = When {
        document: Some("(".into()),
        node: Some("/(/".into()),
        status: Some("faild".into()),
        topic: Some("".into()),
        window: None,
    };
    let off = Rule { enabled: false, ..rule("off", wrong.clone(), Route::Mute) };
    let errors = RuleBook::compile(&[rule("on", wrong, Route::Mute), off]).expect_err("everything is wrong");
    let places: Vec<_> = errors.iter().map(|error| (error.rule, error.field)).collect();
    let fields = [Field::Document, Field::Node, Field::Status, Field::Topic];
    let expected: Vec<_> = (0..2).flat_map(|rule| fields.map(|field| (rule, field))).collect();
    assert_eq!(places, expected, "all mistakes are told at once, and a disabled rule is no hiding place");
}

#[test]
fn the_file_is_plain_and_stable() {
    let all = When {
        document: Some("AWS-RunPatch*".into()),
        node: Some(r#"/^i-0"\\/"#.into()),
        status: Some("failing".into()),
        topic: Some("ssm-*".into()),
        window: Some(InWindow::Outside),
    };
    let rules = [
        rule("Agent updates", when(Field::Document, "AWS-UpdateSSMAgent"), Route::Mute),
        Rule { enabled: false, ..rule("Patches", all, Route::Quiet) },
        rule("All the rest", When::default(), Route::Loud),
    ];
    insta::assert_snapshot!(export(&rules));
}

#[test]
fn a_file_by_hand_may_leave_out_what_goes_without_saying() {
    let text = "\u{feff}{\"rules\": [{\"then\": \"mute\", \"name\": \" A\\u0000ll \"}], \"watchbell_rules\": 1}";
    assert_eq!(import(text).unwrap(), [rule("All", When::default(), Route::Mute)], "enabled, and about everything");
    assert_eq!(import(r#"{"watchbell_rules": 1, "rules": []}"#).unwrap(), [], "no rules are rules too");
}

#[test]
fn a_file_that_is_not_taken_says_where_and_why() {
    let file = |rule: &str| format!("{{\n  \"watchbell_rules\": 1,\n  \"rules\": [\n    {rule}\n  ]\n}}\n");
    let files = [
        String::new(),
        "rules".into(),
        "[]".into(),
        "{\"watchbell_rules\": 1".into(),
        "{\"rules\": []}".into(),
        "{\"watchbell_rules\": 0, \"rules\": []}".into(),
        "{\"watchbell_rules\": \"1\", \"rules\": []}".into(),
        "{\"watchbell_rules\": 2, \"rules\": {\"new\": true}, \"groups\": []}".into(),
        "{\"watchbell_rules\": 1, \"rules\": [], \"groups\": []}".into(),
        "{\"watchbell_rules\": 1}".into(),
        file(r#"{"name": "a", "when": {"nodes": "i-*"}, "then": "mute"}"#),
        file(r#"{"name": "a", "when": {"no\u202edes\u0007": "i-*"}, "then": "mute"}"#),
        file(r#"{"name": "a", "then": "silent"}"#),
        file(r#"{"name": "a"}"#),
        file(r#"{"name": "a", "name": "b", "then": "mute"}"#),
        file(r#"{"name": "a", "when": {"window": "during"}, "then": "mute"}"#),
        file(r#"{"name": "a", "when": {"node": ["i-*"]}, "then": "mute"}"#),
        file(r#"{"name": "a", "enabled": "yes", "then": "mute"}"#),
        file("null"),
        file(
            r#"{"name": "a", "when": {"node": "/(/"}, "then": "mute"}, {"name": "a", "when": {"status": "faild"}, "then": "mute"}"#,
        ),
        file(&format!("{}{}", "[".repeat(200), "]".repeat(200))),
    ];
    let said: Vec<String> = files
        .iter()
        .map(|file| {
            let error = import(file).expect_err(file);
            format!("{}\n  {error}\n  {}", file.replace('\n', " "), error.hint())
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_has_a_size() {
    let large = format!("{{\"watchbell_rules\": 1, \"rules\": []}}{}", " ".repeat(FILE_MAX));
    assert_eq!(import(&large), Err(FileError::TooLarge { bytes: large.len() }), "1 MiB is enough for 200 rules");
}
