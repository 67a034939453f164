//! The search line by example and by law.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use super::{Glob, Search, parse};
use crate::status::Status;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, Zoned};
use proptest::prelude::*;
use rstest::rstest;

fn now() -> Zoned {
    "2026-11-23T02:00:00Z".parse::<Timestamp>().unwrap().to_zoned(TimeZone::fixed(offset(2)))
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_filter_and_free_words_are_read() {
    let line = r#"status:failed,timedout document:AWS-RunPatch* node:i-0c4e…91 topic:ssm-* since:7d until:yesterday kernel "disk full""#;
    let expected = Search {
        status: vec![Status::Failed, Status::TimedOut],
        document: Some(Glob::new("AWS-RunPatch*")),
        node: Some(Glob::new("i-0c4e…91")),
        topic: Some(Glob::new("ssm-*")),
        since: Some(time("2026-11-16T02:00:00Z")),
        until: Some(time("2026-11-22T21:59:59.999999999Z")),
        text: vec!["kernel".into(), "disk full".into()],
    };
    assert_eq!(parse(line, &now()).unwrap(), expected, "the whole grammar in one line");
}

#[rstest]
#[case("since:30m", "2026-11-23T01:30:00Z")]
#[case("since:12h", "2026-11-22T14:00:00Z")]
#[case("since:2w", "2026-11-09T02:00:00Z")]
#[case("since:today", "2026-11-22T22:00:00Z")]
#[case("since:2026-11-20", "2026-11-19T22:00:00Z")]
#[case("since:2026-11-20T02:30", "2026-11-20T00:30:00Z")]
#[case("since:2026-11-20T02:30:00Z", "2026-11-20T02:30:00Z")]
#[case("since:2026-11-20T02:30:00+05:00", "2026-11-19T21:30:00Z")]
#[case(r#"SINCE:"2026-11-20 02:30""#, "2026-11-20T00:30:00Z")]
fn times_are_read_in_the_persons_zone(#[case] line: &str, #[case] at: &str) {
    assert_eq!(parse(line, &now()).unwrap().since, Some(time(at)), "{line}");
}

#[rstest]
#[case("status:failing", &[Status::Failed, Status::TimedOut])]
#[case("status:failed status:failed", &[Status::Failed])]
#[case("status:Canceled,running", &[Status::Cancelled, Status::InProgress])]
#[case(r#"status:"Rebooting""#, &[Status::Other("Rebooting".into())])]
fn statuses_are_read_leniently(#[case] line: &str, #[case] statuses: &[Status]) {
    assert_eq!(parse(line, &now()).unwrap().status, statuses, "{line}");
}

#[rstest]
#[case("arn:aws:ssm:eu-west-1:1:document/X", &["arn:aws:ssm:eu-west-1:1:document/X"])]
#[case("02:14", &["02:14"])]
#[case(r#""foo:bar""#, &["foo:bar"])]
#[case(r#""a \"b\" \\c""#, &[r#"a "b" \c"#])]
#[case("", &[])]
#[case(r#" "" "#, &[])]
fn what_is_no_filter_is_text(#[case] line: &str, #[case] text: &[&str]) {
    assert_eq!(parse(line, &now()).unwrap().text, text, "{line}");
}

#[test]
fn errors_point_at_the_place_and_say_what_to_write() {
    let lines = [
        "status:faild",
        "x status:",
        "documnet:AWS*",
        "since:soon",
        "since:99999999999999999999d",
        "since:9999999999d",
        "since:2026-13-40",
        "since:7d until:30d",
        "node:i-1 node:i-2",
        r#"a document:"AWS"#,
        "status:naïve y",
    ];
    let said: Vec<String> = lines
        .iter()
        .map(|line| {
            let error = parse(line, &now()).expect_err(line);
            format!("{line}\n  [{}] {}", &line[error.range.clone()], error.message)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

fn globs() -> impl Strategy<Value = Option<Glob>> {
    proptest::option::of("[^\0]{1,12}".prop_map(Glob::new))
}

fn searches() -> impl Strategy<Value = Search> {
    let status = prop_oneof![
        Just(Status::Pending),
        Just(Status::InProgress),
        Just(Status::Success),
        Just(Status::Failed),
        Just(Status::TimedOut),
        Just(Status::Cancelled),
        "[A-Z][a-z \"\\\\,:]{1,9}".prop_map(|text| Status::parse(&text)),
    ];
    let statuses = proptest::collection::vec(status, 0..4).prop_map(|found| {
        found.into_iter().fold(Vec::new(), |mut unique, status| {
            if !unique.contains(&status) {
                unique.push(status);
            }
            unique
        })
    });
    let times = proptest::option::of((0_i64..4_000_000_000, 0_i32..1_000_000_000, 0_i64..1_000_000_000));
    (statuses, globs(), globs(), globs(), times, proptest::collection::vec(".{1,12}", 0..4)).prop_map(
        |(status, document, node, topic, times, text)| {
            let since = times.map(|(seconds, nanos, _)| Timestamp::new(seconds, nanos).unwrap());
            let until = times.map(|(seconds, nanos, more)| Timestamp::new(seconds + more, nanos).unwrap());
            Search { status, document, node, topic, since, until, text }
        },
    )
}

proptest! {
    #[test]
    fn a_search_reads_back_as_itself(search in searches()) {
        let line = search.to_string();
        prop_assert_eq!(parse(&line, &now()), Ok(search), "{}", line);
    }

    #[test]
    fn no_line_makes_it_panic(line in r#"((status|document|node|since|until|topic|x|é)?:?["\\ a-z0-9*é,-]{0,8} ?){0,6}"#) {
        if let Err(error) = parse(&line, &now()) {
            prop_assert!(line.get(error.range.clone()).is_some(), "{:?} is no place in {line:?}", error.range);
            prop_assert!(error.message.ends_with('.'), "an error is a sentence: {}", error.message);
        }
    }

    #[test]
    fn no_text_makes_it_panic(line in any::<String>()) {
        if let Err(error) = parse(&line, &now()) {
            prop_assert!(line.get(error.range.clone()).is_some(), "{:?} is no place in {line:?}", error.range);
        }
    }
}
