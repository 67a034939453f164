//! Local times in the nights when the clock is changed.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use rstest::rstest;
use watchbell_core::local::{first, last};

use crate::zones::{STRETCHES, zone};

#[rstest]
#[case::plain("Europe/Berlin", "2026-06-01T02:30", "2026-06-01T00:30:00Z", "2026-06-01T00:30:00Z")]
#[case::gap_begins("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z")]
#[case::in_gap("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z")]
#[case::gap_ends("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z")]
#[case::fold("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")]
#[case::half_hour_gap("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z")]
#[case::half_hour_fold("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z")]
#[case::midnight_gap("America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z")]
#[case::midnight_fold("America/Sao_Paulo", "2018-02-17T23:30", "2018-02-18T01:30:00Z", "2018-02-18T02:30:00Z")]
#[case::lost_day("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z")]
fn a_local_time_has_one_first_and_one_last_instant(
    #[case] name: &str,
    #[case] at: DateTime,
    #[case] earlier: Timestamp,
    #[case] later: Timestamp,
) {
    assert_eq!(first(&zone(name), at), Some(earlier), "the first instant of {at} in {name}");
    assert_eq!(last(&zone(name), at), Some(later), "the last instant of {at} in {name}");
}

proptest! {
    #[test]
    fn instants_grow_with_the_clock(place in 0..STRETCHES.len(), minutes in 0_i64..30_000, step in 0_i64..3_000) {
        let (name, day) = STRETCHES[place];
        let zone = zone(name);
        let one: DateTime = day.parse::<DateTime>().unwrap() + minutes.minutes();
        let two = one + step.minutes();
        prop_assert!(first(&zone, one) <= first(&zone, two), "{one} is not after {two} in {name}");
        prop_assert!(last(&zone, one) <= last(&zone, two), "{one} does not end after {two} in {name}");
        prop_assert!(first(&zone, one) <= last(&zone, one), "the first instant of {one} is not after its last");
    }
}
