//! Quiet hours by example and by law, also in the nights when the clock is changed.

use jiff::civil::{DateTime, Time, Weekday};
use jiff::{SignedDuration, Timestamp, Zoned};
use proptest::prelude::*;
use rstest::rstest;
use watchbell_core::glob::Glob;
use watchbell_core::quiet::{Break, BreakThrough, QuietHours, QuietSpan, SPAN_LIMIT, Subject, Until, Weekdays};

use crate::zones::{STRETCHES, zone};

fn span(days: impl IntoIterator<Item = Weekday>, from: &str, to: &str) -> QuietSpan {
    QuietSpan { days: Weekdays::of(days), from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn daily(from: &str, to: &str) -> QuietSpan {
    QuietSpan { days: Weekdays::ALL, ..span([], from, to) }
}

fn quiet(spans: impl Into<Vec<QuietSpan>>) -> QuietHours {
    QuietHours { spans: spans.into(), ..QuietHours::default() }
}

/// When the quiet of that instant ends, on the zone's clock.
fn ends(hours: &QuietHours, now: &str, name: &str) -> Option<String> {
    let now: Zoned = now.parse::<Timestamp>().unwrap().to_zoned(zone(name));
    let until = hours.at(&now)?;
    Some(until.ends.map_or("never".into(), |end| end.to_zoned(zone(name)).strftime("%a %H:%M %Z").to_string()))
}

#[rstest]
#[case::before("2026-11-20T20:59:59Z", None)]
#[case::begins("2026-11-20T21:00:00Z", Some("Sat 07:00 CET"))]
#[case::after_midnight("2026-11-21T02:00:00Z", Some("Sat 07:00 CET"))]
#[case::over("2026-11-21T06:00:00Z", None)]
fn a_night_is_quiet_across_midnight(#[case] now: &str, #[case] until: Option<&str>) {
    assert_eq!(ends(&quiet([daily("22:00", "07:00")]), now, "Europe/Berlin").as_deref(), until, "{now}");
}

#[test]
fn a_span_belongs_to_the_day_on_which_it_begins() {
    let hours = quiet([span([Weekday::Friday], "22:00", "07:00")]);
    assert_eq!(ends(&hours, "2026-11-21T03:00:00Z", "Etc/UTC").as_deref(), Some("Sat 07:00 UTC"), "Friday's night");
    assert_eq!(ends(&hours, "2026-11-20T03:00:00Z", "Etc/UTC"), None, "Thursday's night is not meant");
}

#[test]
fn spans_that_touch_or_overlap_are_one() {
    let hours = quiet([
        span([Weekday::Friday], "20:00", "00:00"),
        span([Weekday::Saturday, Weekday::Sunday], "00:00", "00:00"),
        span([Weekday::Sunday], "22:00", "07:00"),
    ]);
    assert_eq!(ends(&hours, "2026-11-20T21:00:00Z", "Etc/UTC").as_deref(), Some("Mon 07:00 UTC"), "one weekend");
}

#[rstest]
#[case::the_night_of_spring("2026-03-28T23:00:00Z", "Sun 03:00 CEST", "02:30")]
#[case::the_night_of_autumn("2026-10-24T22:00:00Z", "Sun 02:30 CET", "02:30")]
#[case::still_quiet_in_the_second_hour("2026-10-25T01:15:00Z", "Sun 02:30 CET", "02:30")]
#[case::ends_after_the_change("2026-10-24T22:00:00Z", "Sun 07:00 CET", "07:00")]
fn quiet_holds_right_across_the_change(#[case] now: &str, #[case] until: &str, #[case] to: &str) {
    let hours = quiet([daily("22:00", to)]);
    assert_eq!(ends(&hours, now, "Europe/Berlin").as_deref(), Some(until), "{now} until {to}");
}

#[test]
fn a_clock_set_back_over_midnight_breaks_no_span() {
    // Sunday showed 00:00 for a minute from 02:30 UTC, then Saturday came back at 23:01.
    let friday = quiet([span([Weekday::Friday], "23:45", "23:30")]);
    let until = ends(&friday, "2010-11-07T02:30:30Z", "America/St_Johns");
    assert_eq!(until.as_deref(), Some("Sat 23:30 NST"), "Friday's span runs to the last 23:30 of Saturday");
    let sunday = quiet([span([Weekday::Sunday], "00:00", "01:00")]);
    let until = ends(&sunday, "2010-11-07T02:45:00Z", "America/St_Johns");
    assert_eq!(until.as_deref(), Some("Sun 01:00 NST"), "Sunday's span has begun although it is Saturday again");
}

#[test]
fn a_span_that_the_clock_skips_is_no_span() {
    let hours = quiet([daily("02:15", "02:45")]);
    assert_eq!(ends(&hours, "2026-03-29T01:00:00Z", "Europe/Berlin"), None, "03:00 is not between 02:15 and 02:45");
    assert_eq!(ends(&hours, "2026-03-30T00:30:00Z", "Europe/Berlin").as_deref(), Some("Mon 02:45 CEST"));
    let edge = |hours: &QuietHours, now: &str, name: &str| {
        hours.next_edge(&now.parse::<Timestamp>().unwrap().to_zoned(zone(name))).map(|edge| edge.to_string())
    };
    let next = edge(&hours, "2026-03-29T00:30:00Z", "Europe/Berlin");
    assert_eq!(next.as_deref(), Some("2026-03-30T00:15:00Z"), "nothing begins in the night that skips it");
    let friday = quiet([span([Weekday::Friday], "00:00", "00:00")]);
    let next = edge(&friday, "2011-12-24T10:00:00Z", "Pacific/Apia");
    assert_eq!(next.as_deref(), Some("2012-01-05T10:00:00Z"), "Samoa had no Friday the 30th");
}

#[test]
fn a_gap_that_vanishes_in_one_week_is_not_the_end_of_all_gaps() {
    let hours = quiet([
        span([Weekday::Sunday], "02:45", "02:15"),
        span(
            [
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
                Weekday::Saturday,
            ],
            "02:15",
            "02:15",
        ),
    ]);
    assert_eq!(hours.check(), Ok(()), "half an hour a week is left");
    assert_eq!(
        ends(&hours, "2026-03-23T12:00:00Z", "Europe/Berlin").as_deref(),
        Some("Sun 02:15 CEST"),
        "two weeks on"
    );
}

#[test]
fn quiet_for_ever_is_refused_and_still_answered() {
    for spans in [
        vec![daily("00:00", "00:00")],
        vec![daily("22:00", "10:00"), daily("10:00", "22:00")],
        vec![daily("09:30", "09:30")],
    ] {
        let hours = quiet(spans);
        let error = hours.check().expect_err("a week without a gap is refused");
        assert_eq!(
            error.message,
            "These quiet hours never end; leave some time of the week, or turn alerts off instead."
        );
        let now = "2026-11-20T00:00:00Z".parse::<Timestamp>().unwrap().to_zoned(zone("America/New_York"));
        assert_eq!(hours.at(&now), Some(Until { ends: None }), "the search for an end ends");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let no_day = quiet([daily("22:00", "07:00"), span([], "12:00", "13:00")]);
    assert_eq!(no_day.check().unwrap_err().span, Some(1), "the span without a day is named");
    let many = quiet(vec![daily("22:00", "07:00"); SPAN_LIMIT + 1]);
    assert_eq!(many.check().unwrap_err().message, "Quiet hours have at most 50 spans.");
    for break_through in [
        BreakThrough { documents: vec![Glob::new(" ")], ..BreakThrough::default() },
        BreakThrough { failing_nodes: Some(0), ..BreakThrough::default() },
    ] {
        let hours = QuietHours { spans: vec![], break_through };
        assert!(hours.check().unwrap_err().message.ends_with('.'), "an error is a sentence");
    }
    assert_eq!(QuietHours::default().check(), Ok(()), "never quiet is fine");
}

fn command(watched: bool, document: Option<&str>, failing_nodes: u32) -> Subject<'_> {
    Subject::Command { watched, document, failing_nodes }
}

#[test]
fn only_a_rule_breaks_through_and_it_is_named() {
    let hours = QuietHours {
        spans: vec![],
        break_through: BreakThrough {
            blind: true,
            watched: true,
            documents: vec![Glob::new("AWS-RunPatch*")],
            failing_nodes: Some(5),
        },
    };
    let said = |subject| hours.breaks_through(&subject).map(|reason| reason.to_string());
    assert_eq!(said(Subject::Blind { needs_person: false }), None, "what heals by itself can wait");
    let told = [
        (Subject::Blind { needs_person: true }, "Rings in quiet hours: Watchbell cannot hear until you act."),
        (command(true, None, 0), "Rings in quiet hours: this command is watched."),
        (command(false, Some("AWS-RunPatchBaseline"), 1), "Rings in quiet hours: its document fits AWS-RunPatch*."),
        (
            command(false, Some("arn:aws:ssm:us-east-1:123456789012:document/AWS-RunPatchOurs"), 1),
            "Rings in quiet hours: its document fits AWS-RunPatch*.",
        ),
        (command(false, Some("Other"), 5), "Rings in quiet hours: 5 nodes failing, and 5 are enough."),
    ];
    for (subject, sentence) in told {
        assert_eq!(said(subject).as_deref(), Some(sentence), "{subject:?}");
    }
    assert_eq!(said(command(false, Some("Other"), 4)), None, "four nodes are not enough");
    assert_eq!(said(command(false, None, 4)), None, "an unheard document fits nothing");
}

#[test]
fn by_default_failures_wait_and_what_the_person_asked_for_does_not() {
    let hours = QuietHours::default();
    assert_eq!(hours.breaks_through(&command(false, Some("AWS-RunPatchBaseline"), 500)), None, "failures wait");
    assert_eq!(hours.breaks_through(&command(true, None, 0)), Some(Break::Watched), "a watch was asked for");
}

#[test]
fn quiet_hours_are_stored_in_plain_words() {
    let text = r#"{"spans":[{"days":["mon","sun"],"from":"22:00:00","to":"07:00:00"}],"break_through":{"blind":true,"watched":false,"documents":["AWS-*"],"failing_nodes":5}}"#;
    let hours: QuietHours = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&hours).unwrap(), text, "what is read is written again");
    let short: QuietHours =
        serde_json::from_str(r#"{"spans":[{"days":["fri"],"from":"22:00","to":"07:00"}]}"#).unwrap();
    assert_eq!(short, quiet([span([Weekday::Friday], "22:00", "07:00")]), "minutes are enough");
    assert!(
        serde_json::from_str::<QuietHours>(r#"{"spans":[{"days":["noday"],"from":"22:00","to":"07:00"}]}"#).is_err()
    );
}

fn spans() -> impl Strategy<Value = Vec<QuietSpan>> {
    let time = (0_i8..24, 0_i8..12).prop_map(|(hour, five)| Time::new(hour, five * 5, 0, 0).unwrap());
    let days = proptest::collection::vec(0_i8..7, 1..5)
        .prop_map(|days| Weekdays::of(days.into_iter().map(|day| Weekday::from_monday_zero_offset(day).unwrap())));
    let span = (days, time.clone(), time).prop_map(|(days, from, to)| QuietSpan { days, from, to });
    proptest::collection::vec(span, 1..6)
}

/// Whether the clock shows a time inside a span.
fn shown_inside(spans: &[QuietSpan], now: DateTime) -> bool {
    spans.iter().any(|span| {
        let today = span.days.contains(now.weekday());
        let yesterday = span.days.contains(now.weekday().previous());
        let (from, to, time) = (span.from, span.to, now.time());
        if from < to { today && from <= time && time < to } else { (today && time >= from) || (yesterday && time < to) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_clock_and_the_quiet_agree(spans in spans(), place in 0..STRETCHES.len(), minutes in 0_i64..25_000) {
        let (name, day) = STRETCHES[place];
        let zone = zone(name);
        let begin = zone.to_timestamp(day.parse::<DateTime>().unwrap()).unwrap();
        let now = (begin + SignedDuration::from_mins(minutes)).to_zoned(zone.clone());
        let hours = quiet(spans);
        let until = hours.at(&now);
        // The other way round need not hold: a night in which the clock goes back is quiet to the last time it is shown.
        let shown = shown_inside(&hours.spans, now.datetime());
        prop_assert!(until.is_some() || !shown, "{} is inside and must be quiet", now);
        if let Some(Until { ends: Some(end) }) = until {
            prop_assert!(end > now.timestamp(), "quiet ends after it holds");
            prop_assert_eq!(hours.at(&end.to_zoned(zone.clone())), None, "{} is the end of what began before {}", end, now);
            let middle = now.timestamp() + (end.duration_since(now.timestamp()) / 2);
            prop_assert_eq!(hours.at(&middle.to_zoned(zone.clone())), until, "quiet is not broken in two");
        }
        if let Some(edge) = hours.next_edge(&now) {
            prop_assert!(edge > now.timestamp(), "an edge lies ahead");
            let after = hours.at(&edge.to_zoned(now.time_zone().clone()));
            prop_assert_ne!(after.is_some(), until.is_some(), "{} is where quiet begins or ends", edge);
            let middle = now.timestamp() + (edge.duration_since(now.timestamp()) / 2);
            let between = hours.at(&middle.to_zoned(now.time_zone().clone()));
            prop_assert_eq!(between.is_some(), until.is_some(), "nothing changes before it");
        } else {
            prop_assert!(until.is_some_and(|until| until.ends.is_none()) || hours.spans.iter().all(|span| span.days.is_empty()));
        }
        if hours.check().is_ok() {
            prop_assert!(until.is_none_or(|until| until.ends.is_some()), "what was checked has an end");
        }
    }
}
