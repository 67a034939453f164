//! Schedules by example: the guide's own, what SSM refuses and where, and the nights when the clock is changed.

use insta::assert_snapshot;
use jiff::Timestamp;
use rstest::rstest;
use watchbell_core::schedule::{Run, Schedule, TypedWindow, Window, WindowField};

use crate::zones::{find, zone};

fn typed(schedule: &str) -> TypedWindow {
    TypedWindow {
        name: "patching".into(),
        schedule: schedule.into(),
        duration_hours: 4,
        cutoff_hours: 1,
        time_zone: None,
        offset_days: None,
        start: None,
        end: None,
        anchor: None,
    }
}

fn compiled(typed: &TypedWindow) -> Window {
    typed.compile(find).unwrap_or_else(|error| panic!("{}: {error}", typed.schedule))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn starts(window: &Window, after: &str, count: usize) -> Vec<String> {
    window.runs_after(at(after)).take(count).map(|run| run.start.to_string()).collect()
}

/// Systems Manager User Guide, "Reference: Cron and rate expressions for Systems Manager": every cron example of the general
/// table and of the tables for maintenance windows, and those of its older tutorials.
#[test]
fn the_guides_own_examples_run_when_the_guide_says() {
    let examples = [
        "cron(0 10 * * ? *)",
        "cron(15 12 * * ? *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(0 8 1 * ? *)",
        "cron(0/15 * * * ? *)",
        "cron(0/10 * ? * MON-FRI *)",
        "cron(0/5 8-17 ? * MON-FRI *)",
        "cron(0 16 ? * TUE *)",
        "cron(30 09 ? * * *)",
        "cron(24 30 09 ? * * *)",
        "cron(0 2 ? * THU#3 *)",
        "cron(15 10 ? * * *)",
        "cron(15 10 ? * MON-FRI *)",
        "cron(0 2 L * ? *)",
        "cron(15 10 ? * 6L *)",
        "cron(30 23 ? * TUE#3 *)",
        "cron(0 30 23 ? * TUE#3 *)",
        "cron(0 0 22 ? * TUE *)",
        "cron(0 0 2 ? 1/1 THU#3 *)",
        "cron(0 0 0 21 1/1 ? *)",
    ];
    let lines = examples.map(|text| {
        let runs: Vec<_> = compiled(&typed(text))
            .runs_after(at("2026-11-20T00:00:00Z"))
            .take(3)
            .map(|run| run.start.strftime("%a %F %T").to_string())
            .collect();
        format!("{text}\n  {}", runs.join(" | "))
    });
    assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_ssm_refuses_is_refused_at_its_place() {
    let wrong = [
        "",
        "0 2 ? * SUN *",
        "Cron(0 2 ? * SUN *)",
        "every(5 minutes)",
        "cron(0 2 ? * SUN *",
        "cron(0 2 ? * SUN *) x",
        "cron()",
        "cron(0 2 * * ?)",
        "cron(0 0 0 2 ? * SUN *)",
        "cron(60 2 ? * SUN *)",
        "cron(0 24 ? * SUN *)",
        "cron(0 2 0 * ? *)",
        "cron(0 2 32 * ? *)",
        "cron(0 2 ? 13 SUN *)",
        "cron(0 2 ? JANUARY SUN *)",
        "cron(0 2 ? * 0 *)",
        "cron(0 2 ? * SUNDAY *)",
        "cron(0 2 ? * SUN 1969)",
        "cron(0 2 ? * SUN 2030-2026)",
        "cron(0 15 10 ? * *)",
        "cron(0 2 * * * *)",
        "cron(0 2 1 * MON *)",
        "cron(0 2 ? * ? *)",
        "cron(? 2 ? * SUN *)",
        "cron(0,, 2 ? * SUN *)",
        "cron(0 2-x ? * SUN *)",
        "cron(0 */0 ? * SUN *)",
        "cron(0/60 * ? * SUN *)",
        "cron(0/2 * ? * SUN *)",
        "cron(1,58 * ? * SUN *)",
        "cron(0/30 0 2 ? * SUN *)",
        "cron(0 2 L,15 * ? *)",
        "cron(0 2 WL * ? *)",
        "cron(0 2 32W * ? *)",
        "cron(0 2 L-31 * ? *)",
        "cron(0 2 ? * THU#6 *)",
        "cron(0 2 ? * THU#1,FRI#2 *)",
        "cron(0 2 ? * 8L *)",
        "cron(0 2 ? * é *)",
        "cron(0 2 ? * SUN\u{202e} *)",
        "rate()",
        "rate(5)",
        "rate(1 hours)",
        "rate(5 hour)",
        "rate(0 days)",
        "rate(-1 days)",
        "rate(1.5 days)",
        "rate(2 weeks)",
        "rate(99999999999 days)",
        "at(2020-07-07)",
        "at(2020-07-07T15:55:00Z)",
        "at(2020-02-30T15:55:00)",
        "at(2020-07-07T24:00:00)",
    ];
    let long = format!("cron({} 2 ? * SUN *)", "0,".repeat(200));
    let said: Vec<String> = wrong
        .into_iter()
        .chain([long.as_str()])
        .map(|text| {
            let error = Schedule::parse(text).expect_err(text);
            format!("{text:.40}\n  [{:.40}] {error}", &text[error.range.clone()])
        })
        .collect();
    assert_snapshot!(said.join("\n"));
}

#[rstest]
#[case::lower_case("cron(0 2 ? jan-mar mon *)")]
#[case::pasted("  cron( 0  2 ?\t* SUN * )\n")]
#[case::leading_zeros("cron(05 09 ? * * *)")]
#[case::open_start("cron(/15 * * * ? *)")]
#[case::over_midnight("cron(0 22-2 * * ? *)")]
#[case::over_the_weekend("cron(0 2 ? * FRI-MON *)")]
#[case::over_new_year("cron(0 2 ? NOV-FEB SUN *)")]
#[case::name_and_number("cron(0 2 ? * MON,4,FRI-SAT *)")]
#[case::last_weekday("cron(0 2 LW * ? *)")]
#[case::days_before_the_last("cron(0 2 L-3 * ? *)")]
#[case::nearest_weekday("cron(0 2 15W * ? *)")]
#[case::last_friday_by_name("cron(0 2 ? * FRIL *)")]
#[case::one_second("cron(59 0 2 ? * SUN *)")]
#[case::years("cron(0 2 ? * SUN 2026,2028-2030)")]
#[case::rate("rate(30 minutes)")]
#[case::at("at(2020-07-07T15:55:00)")]
fn what_quartz_takes_and_the_guide_does_not_refuse_is_taken(#[case] text: &str) {
    assert!(Schedule::parse(text).is_ok(), "{text}: {:?}", Schedule::parse(text));
}

#[rstest]
#[case::third_weekday_falls_on_sunday("cron(0 2 15W 11 ? 2026)", &["2026-11-16T02:00:00Z"])]
#[case::first_on_saturday_stays_in_its_month("cron(0 2 1W 8 ? 2026)", &["2026-08-03T02:00:00Z"])]
#[case::last_on_sunday_stays_in_its_month("cron(0 2 31W 5 ? 2026)", &["2026-05-29T02:00:00Z"])]
#[case::last_weekday("cron(0 2 LW 2 ? 2026)", &["2026-02-27T02:00:00Z"])]
#[case::three_before_the_last("cron(0 2 L-3 2 ? 2028)", &["2028-02-26T02:00:00Z"])]
#[case::no_fifth_monday("cron(0 2 ? 2 MON#5 2026)", &[])]
#[case::last_of_the_week("cron(0 2 ? 11 L 2026)", &["2026-11-07T02:00:00Z", "2026-11-14T02:00:00Z", "2026-11-21T02:00:00Z"])]
#[case::over_midnight("cron(0 23-0 30 11 ? 2026)", &["2026-11-30T00:00:00Z", "2026-11-30T23:00:00Z"])]
#[case::over_the_weekend("cron(0 2 ? 11 SAT-SUN 2026)", &["2026-11-01T02:00:00Z", "2026-11-07T02:00:00Z", "2026-11-08T02:00:00Z"])]
#[case::leap_days("cron(0 2 29 2 ? *)", &["2028-02-29T02:00:00Z", "2032-02-29T02:00:00Z", "2036-02-29T02:00:00Z"])]
#[case::never("cron(0 2 31 2 ? *)", &[])]
#[case::past("cron(0 2 ? * SUN 2025)", &[])]
fn special_days_are_found(#[case] text: &str, #[case] runs: &[&str]) {
    let count = runs.len().max(3);
    let mut found = starts(&compiled(&typed(text)), "2026-01-01T00:00:00Z", count);
    found.truncate(count);
    assert_eq!(found, runs, "{text}");
    let never = runs.is_empty() && !text.contains("2025");
    assert_eq!(compiled(&typed(text)).last_run(Timestamp::MAX).is_none(), never, "{text} runs backwards as forwards");
}

/// "Maintenance window scheduling and active period options", examples 1 to 4.
#[test]
fn the_guides_active_periods_hold() {
    let mut one = typed("cron(0 09 ? * WED *)");
    one.time_zone = Some("America/Los_Angeles".into());
    one.start = Some("2021-01-01T00:00:00-08:00".into());
    assert_eq!(
        starts(&compiled(&one), "2020-01-01T00:00:00Z", 1),
        ["2021-01-06T17:00:00Z"],
        "first after the start date"
    );

    // The guide writes 00:03:15 and means 3:15 AM.
    let mut two = typed("rate(7 days)");
    two.time_zone = Some("Asia/Tokyo".into());
    two.start = Some("2019-01-01T03:15:00+09:00".into());
    two.end = Some("2019-06-30T06:15:00+09:00".into());
    let runs: Vec<Run> = compiled(&two).runs_after(Timestamp::MIN).collect();
    assert_eq!(runs[0].start, at("2019-01-01T03:15:00+09:00"), "a rate runs first at its start date");
    assert_eq!(runs.last().unwrap().start, at("2019-06-25T03:15:00+09:00"), "the last Tuesday before the end date");
    assert_eq!(runs.len(), 26, "every seven days");

    let mut three = typed("at(2020-07-07T15:55:00)");
    (three.duration_hours, three.cutoff_hours) = (5, 2);
    let runs: Vec<Run> = compiled(&three).runs_after(Timestamp::MIN).collect();
    let [start, cutoff, end] = ["2020-07-07T15:55:00Z", "2020-07-07T18:55:00Z", "2020-07-07T20:55:00Z"].map(at);
    assert_eq!(runs, [Run { start, cutoff, end }], "it runs once, and the cutoff is counted from the end");

    let mut four = typed("cron(30 23 ? * TUE#3 *)");
    four.offset_days = Some(2);
    assert_eq!(starts(&compiled(&four), "2026-11-01T00:00:00Z", 1), ["2026-11-19T23:30:00Z"], "two days after");
    // The third Tuesday has passed when the window becomes active, so its offset day is not run.
    four.start = Some("2026-11-18T00:00:00Z".into());
    assert_eq!(starts(&compiled(&four), "2026-11-01T00:00:00Z", 1), ["2026-12-17T23:30:00Z"], "in the next period");
    assert_eq!(compiled(&four).run_at(at("2026-11-20T00:00:00Z")), None, "looking back finds no such run either");
}

#[test]
fn a_window_is_open_from_its_start_to_its_end() {
    let window = compiled(&typed("cron(0 2 ? * SUN *)"));
    let run = window.next_run(at("2026-11-20T00:00:00Z")).unwrap();
    assert_eq!(run.start, at("2026-11-22T02:00:00Z"));
    assert_eq!(window.run_at(run.start), Some(run), "the first instant is inside");
    assert_eq!(window.run_at(at("2026-11-22T05:59:59.999999999Z")), Some(run), "so is the last");
    assert_eq!(window.run_at(run.end), None, "the end is outside");
    assert_eq!(window.last_run(run.end), Some(run), "the run before is found when it has ended");
    assert_eq!(window.next_run(run.start).unwrap().start, at("2026-11-29T02:00:00Z"), "strictly after");
}

#[test]
fn of_runs_that_overlap_the_later_is_meant() {
    let window = compiled(&typed("cron(0 * * * ? *)"));
    let run = window.run_at(at("2026-11-20T05:30:00Z")).unwrap();
    assert_eq!(run.start, at("2026-11-20T05:00:00Z"), "the run of 02:00 is open too, but older");
}

#[rstest]
#[case::spring("Europe/Berlin", "cron(30 2 * * ? *)", "2026-03-28T12:00:00Z", &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"])]
#[case::spring_often("Europe/Berlin", "cron(0/30 1-3 * * ? *)", "2026-03-29T00:00:00Z", &["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"])]
#[case::autumn("Europe/Berlin", "cron(30 2 * * ? *)", "2026-10-24T12:00:00Z", &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])]
#[case::autumn_asked_in_between("Europe/Berlin", "cron(30 2 * * ? *)", "2026-10-25T01:00:00Z", &["2026-10-26T01:30:00Z"])]
#[case::half_an_hour("Australia/Lord_Howe", "cron(15 2 * * ? *)", "2026-10-03T00:00:00Z", &["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"])]
#[case::no_midnight("America/Sao_Paulo", "cron(0 0 ? * SUN *)", "2018-11-03T12:00:00Z", &["2018-11-04T03:00:00Z"])]
#[case::two_midnights("America/Sao_Paulo", "cron(30 23 ? * SAT *)", "2018-02-17T12:00:00Z", &["2018-02-18T01:30:00Z", "2018-02-25T02:30:00Z"])]
#[case::no_day("Pacific/Apia", "cron(0 9 * * ? *)", "2011-12-29T12:00:00Z", &["2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z"])]
fn nights_when_the_clock_is_changed(
    #[case] name: &str,
    #[case] text: &str,
    #[case] after: &str,
    #[case] runs: &[&str],
) {
    let mut typed = typed(text);
    typed.time_zone = Some(name.into());
    assert_eq!(starts(&compiled(&typed), after, runs.len()), runs, "{text} in {name}");
}

#[test]
fn a_run_of_tomorrow_is_found_when_the_clock_returns_to_today() {
    let mut typed = typed("cron(0 0 ? * SUN *)");
    typed.time_zone = Some("America/St_Johns".into());
    // Sunday showed 00:00 at 02:30 UTC; a minute later the clock went back to Saturday, 23:01.
    let run = compiled(&typed).run_at(at("2010-11-07T02:45:00Z")).unwrap();
    assert_eq!(run.start, at("2010-11-07T02:30:00Z"), "Sunday's run has begun although it is Saturday again");
}

#[rstest]
fn a_daily_window_runs_once_on_every_day_of_a_year(
    #[values(
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Etc/UTC"
    )]
    name: &str,
    #[values("0 0", "30 0", "15 2", "30 2", "45 1", "59 23")] time: &str,
) {
    let mut typed = typed(&format!("cron({time} * * ? 2018)"));
    typed.time_zone = Some(name.into());
    let zone = zone(name);
    let mut days: Vec<_> =
        compiled(&typed).runs_after(Timestamp::MIN).map(|run| zone.to_datetime(run.start).date()).collect();
    assert_eq!(days.len(), 365, "{time} in {name}");
    days.dedup();
    assert_eq!(days.len(), 365, "no day twice: {time} in {name}");
}

#[test]
fn a_days_rate_is_24_hours_also_when_the_clock_is_changed() {
    let mut typed = typed("rate(1 day)");
    typed.time_zone = Some("Europe/Berlin".into());
    typed.anchor = Some(at("2026-03-28T01:30:00Z"));
    let window = compiled(&typed);
    assert_eq!(starts(&window, "2026-03-28T12:00:00Z", 2), ["2026-03-29T01:30:00Z", "2026-03-30T01:30:00Z"]);
    assert_eq!(window.run_at(at("2026-03-28T01:29:59Z")), None, "nothing runs before the anchor");
}

#[rstest]
#[case::name(|w: &mut TypedWindow| w.name = " ".into(), WindowField::Name)]
#[case::schedule(|w: &mut TypedWindow| w.schedule = "cron(0 2 ? * XXX *)".into(), WindowField::Schedule)]
#[case::too_short(|w: &mut TypedWindow| w.duration_hours = 0, WindowField::DurationHours)]
#[case::too_long(|w: &mut TypedWindow| w.duration_hours = 25, WindowField::DurationHours)]
#[case::cutoff_is_all(|w: &mut TypedWindow| w.cutoff_hours = 4, WindowField::CutoffHours)]
#[case::zone(|w: &mut TypedWindow| w.time_zone = Some("Europe/Atlantis".into()), WindowField::TimeZone)]
#[case::no_offset(|w: &mut TypedWindow| w.offset_days = Some(0), WindowField::OffsetDays)]
#[case::a_week(|w: &mut TypedWindow| w.offset_days = Some(7), WindowField::OffsetDays)]
#[case::offset_of_at(|w: &mut TypedWindow| { w.schedule = "at(2026-11-20T02:00:00)".into(); w.offset_days = Some(1); }, WindowField::OffsetDays)]
#[case::start(|w: &mut TypedWindow| w.start = Some("tomorrow".into()), WindowField::Start)]
#[case::end(|w: &mut TypedWindow| w.end = Some("2026-13-01T00:00:00Z".into()), WindowField::End)]
#[case::backwards(|w: &mut TypedWindow| { w.start = Some("2026-11-20T00:00:00+01:00".into()); w.end = Some("2026-11-19T23:00:00Z".into()); }, WindowField::End)]
#[case::rate_from_nowhere(|w: &mut TypedWindow| w.schedule = "rate(1 day)".into(), WindowField::Anchor)]
fn a_wrong_field_is_named(#[case] change: fn(&mut TypedWindow), #[case] field: WindowField) {
    let mut typed = typed("cron(0 2 ? * SUN *)");
    change(&mut typed);
    let error = typed.compile(find).expect_err("SSM refuses it");
    assert_eq!(error.field, field, "{error}");
    assert!(error.message.ends_with('.'), "an error is a sentence: {error}");
}

#[test]
fn a_window_is_stored_as_it_was_typed() {
    let text = r#"{"name":"Sunday","schedule":"cron(0 2 ? * SUN *)","duration_hours":3,"cutoff_hours":1}"#;
    let typed: TypedWindow = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&typed).unwrap(), text, "what was left out stays out");
    assert_eq!(compiled(&typed).time_zone().iana_name(), Some("UTC"), "UTC where no zone is given");
}
