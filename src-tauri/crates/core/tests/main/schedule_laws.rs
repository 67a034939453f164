//! Schedules by law: compared with a slow answer that walks the clock minute by minute, and read from any text.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use watchbell_core::schedule::{Schedule, TypedWindow, Window};

use crate::zones::{STRETCHES, find, zone};

/// A field as text, and what it means, said a second time.
#[derive(Clone, Debug)]
struct Said {
    text: String,
    means: BTreeSet<i8>,
}

fn field(least: i8, most: i8, steps: impl Strategy<Value = i8>) -> impl Strategy<Value = Said> {
    let value = least..=most;
    prop_oneof![
        Just(Said { text: "*".into(), means: (least..=most).collect() }),
        proptest::collection::vec(value.clone(), 1..3).prop_map(|values| Said {
            text: values.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            means: values.into_iter().collect(),
        }),
        (value.clone(), value.clone()).prop_map(move |(from, to)| Said {
            text: format!("{from}-{to}"),
            means: (least..=most)
                .filter(|v| if from <= to { (from..=to).contains(v) } else { *v >= from || *v <= to })
                .collect(),
        }),
        (value, steps).prop_map(move |(from, step)| Said {
            text: format!("{from}/{step}"),
            means: (from..=most).filter(|v| (v - from) % step == 0).collect(),
        }),
    ]
}

fn minutes() -> impl Strategy<Value = Said> {
    prop_oneof![
        (0_i8..60).prop_map(|minute| Said { text: minute.to_string(), means: [minute].into() }),
        (0_i8..60, select(vec![5_i8, 10, 15, 20, 30])).prop_map(|(from, step)| Said {
            text: format!("{from}/{step}"),
            means: (from..60).filter(|v| (v - from) % step == 0).collect(),
        }),
    ]
}

/// Day of month and day of week, and which dates they mean.
fn days() -> impl Strategy<Value = (String, String, Said, bool)> {
    prop_oneof![
        field(1, 31, 1_i8..=31).prop_map(|said| (said.text.clone(), "?".into(), said, true)),
        field(1, 7, 1_i8..=7).prop_map(|said| ("?".into(), said.text.clone(), said, false)),
    ]
}

#[derive(Clone, Debug)]
struct Case {
    text: String,
    minutes: Said,
    hours: Said,
    days: Said,
    by_month: bool,
    months: Said,
    place: usize,
    offset: u32,
}

fn cases() -> impl Strategy<Value = Case> {
    // Most months, or the three weeks would see few runs.
    let months =
        prop_oneof![3 => Just(Said { text: "*".into(), means: (1..=12).collect() }), 1 => field(1, 12, 1_i8..=12)];
    (minutes(), field(0, 23, 1_i8..=23), days(), months, 0..STRETCHES.len(), 0_u32..=6).prop_map(
        |(minutes, hours, (day, weekday, days, by_month), months, place, offset)| Case {
            text: format!("cron({} {} {day} {} {weekday} *)", minutes.text, hours.text, months.text),
            minutes,
            hours,
            days,
            by_month,
            months,
            place,
            offset,
        },
    )
}

impl Case {
    fn window(&self) -> Option<Window> {
        let typed = TypedWindow {
            name: "w".into(),
            schedule: self.text.clone(),
            duration_hours: 1,
            cutoff_hours: 0,
            time_zone: Some(STRETCHES[self.place].0.into()),
            offset_days: Some(self.offset).filter(|days| *days > 0),
            start: None,
            end: None,
            anchor: None,
        };
        // Starts closer than 5 minutes are refused, and that is no matter here.
        typed.compile(find).ok()
    }

    fn means(&self, at: DateTime) -> bool {
        let date = at.date();
        let day = if self.by_month { date.day() } else { date.weekday().to_sunday_one_offset() };
        self.minutes.means.contains(&at.minute())
            && self.hours.means.contains(&at.hour())
            && self.months.means.contains(&date.month())
            && self.days.means.contains(&day)
    }
}

type Clock = BTreeMap<DateTime, Timestamp>;

/// What the clock of a stretch shows, minute by minute: for each local time the instant at which it is first shown or was
/// skipped. Walked once for all cases.
fn clock(place: usize) -> &'static Clock {
    static CLOCKS: [OnceLock<Clock>; STRETCHES.len()] = [const { OnceLock::new() }; STRETCHES.len()];
    CLOCKS[place].get_or_init(|| {
        let (name, day) = STRETCHES[place];
        let zone = zone(name);
        let mut shown = Clock::new();
        let mut highest: DateTime = day.parse().unwrap();
        let mut instant = zone.to_timestamp(highest).unwrap();
        for _ in 0..21 * 24 * 60 {
            let now = zone.to_datetime(instant);
            while highest <= now {
                shown.insert(highest, instant);
                highest += 1.minute();
            }
            instant += SignedDuration::from_mins(1);
        }
        shown
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn runs_are_those_of_a_clock_walked_minute_by_minute(case in cases(), asked in 0_i64..20_000) {
        let Some(window) = case.window() else { return Ok(()) };
        let name = STRETCHES[case.place].0;
        let shown = clock(case.place);
        let (first, last) = (*shown.values().next().unwrap(), *shown.values().next_back().unwrap());
        let wanted: BTreeSet<Timestamp> = shown
            .iter()
            .filter(|(at, instant)| case.means(**at - i64::from(case.offset).days()) && **instant > first)
            .map(|(_, instant)| *instant)
            .collect();
        let runs: Vec<_> = window.runs_after(first).take_while(|run| run.start <= last).collect();
        prop_assert!(runs.windows(2).all(|pair| pair[0].start < pair[1].start), "{} runs strictly forwards", case.text);
        let found: BTreeSet<_> = runs.iter().map(|run| run.start).collect();
        prop_assert_eq!(&found, &wanted, "{} in {} with offset {}", case.text, name, case.offset);
        for run in &runs {
            prop_assert_eq!(window.run_at(run.start), Some(*run), "{} is open when it starts", case.text);
        }
        let asked = first + SignedDuration::from_mins(asked);
        if let Some(before) = wanted.range(..=asked).next_back() {
            prop_assert_eq!(window.last_run(asked).map(|run| run.start), Some(*before), "{} backwards from {}", case.text, asked);
        }
    }

    #[test]
    fn a_rate_runs_every_period_from_its_anchor(count in 2_u32..5_000, unit in select(vec![("minutes", 60), ("hours", 3_600), ("days", 86_400)]), anchor in 0_i64..4_000_000_000, asked in -1_000_i64..4_000_000_000) {
        let typed = TypedWindow {
            name: "w".into(),
            schedule: format!("rate({count} {})", unit.0),
            duration_hours: 1,
            cutoff_hours: 0,
            time_zone: None,
            offset_days: None,
            start: None,
            end: None,
            anchor: Some(Timestamp::from_second(anchor).unwrap()),
        };
        let window = typed.compile(find).unwrap();
        let asked = Timestamp::from_second(asked).unwrap();
        let next = window.next_run(asked).unwrap().start;
        let period = i64::from(count) * unit.1;
        prop_assert!(next > asked && next.as_second() >= anchor, "the next run lies ahead");
        prop_assert_eq!((next.as_second() - anchor) % period, 0, "runs keep the beat of the anchor");
        prop_assert!(next.as_second() == anchor || next.as_second() - asked.as_second() <= period, "no run is left out");
        if let Some(last) = window.last_run(asked) {
            prop_assert_eq!(last.start.as_second() + period, next.as_second(), "last and next are neighbours");
        }
    }
}

fn any_schedule() -> impl Strategy<Value = String> {
    let item = select(vec![
        "*",
        "?",
        "0",
        "5",
        "09",
        "31",
        "60",
        "2026",
        "1970-2199",
        "L",
        "LW",
        "L-3",
        "15W",
        "6L",
        "FRIL",
        "THU#3",
        "MON-FRI",
        "FRI-MON",
        "JAN",
        "nov-feb",
        "0/15",
        "*/5",
        "/7",
        "1-30/7",
        "a",
        "é",
        "#",
        "-",
        ",",
        "/",
        "0,30",
        "99999999999",
    ]);
    let fields = proptest::collection::vec(item.prop_map(str::to_owned), 0..9).prop_map(|fields| fields.join(" "));
    let body = prop_oneof![fields, "[0-9]{0,3} (minutes?|hours?|days?)", "[0-9T:-]{0,20}", ".{0,20}"];
    (select(vec!["cron", "rate", "at", "x", ""]), body, select(vec![")", "", ") "]))
        .prop_map(|(kind, body, end)| format!("{kind}({body}{end}"))
}

fn holds(text: &str, instant: Timestamp) -> Result<(), TestCaseError> {
    if let Err(error) = Schedule::parse(text) {
        prop_assert!(text.get(error.range.clone()).is_some(), "{:?} is no place in {text:?}", error.range);
        prop_assert!(error.message.ends_with('.') && error.message.chars().count() < 300, "{}", error.message);
        prop_assert!(!error.message.chars().any(char::is_control), "{:?}", error.message);
        return Ok(());
    }
    let typed = TypedWindow {
        name: "w".into(),
        schedule: text.to_owned(),
        duration_hours: 24,
        cutoff_hours: 23,
        time_zone: Some("America/New_York".into()),
        offset_days: None,
        start: None,
        end: None,
        anchor: Some(Timestamp::UNIX_EPOCH),
    };
    let window = typed.compile(find).unwrap();
    for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, instant, Timestamp::MAX] {
        for run in window.runs_after(at).take(3) {
            prop_assert!(at < run.start && run.start < run.cutoff && run.cutoff < run.end, "{text}");
            prop_assert_eq!(window.run_at(run.start), Some(run), "{} is open when it starts", text);
        }
        prop_assert!(window.last_run(at).is_none_or(|run| run.start <= at), "{text}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_is_answered(text in any::<String>(), second in 0_i64..4_000_000_000) {
        holds(&text, Timestamp::from_second(second).unwrap())?;
    }

    #[test]
    fn any_text_in_the_shape_of_a_schedule_is_answered(text in any_schedule(), second in 0_i64..4_000_000_000) {
        holds(&text, Timestamp::from_second(second).unwrap())?;
    }
}
