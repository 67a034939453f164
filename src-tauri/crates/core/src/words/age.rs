//! How long ago something was, in as few letters as a list has room for.

use jiff::Timestamp;

use super::plural;

/// "just now", "4 s ago", "2 min ago", "1 h ago", "3 d ago". What lies ahead of `now` (a skewed clock) is "just now".
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    if seconds < 2 { "just now".into() } else { format!("{} ago", length(seconds)) }
}

/// "less than 2 s", "4 s", "2 min", "1 h", "3 d".
pub fn waited(seconds: u32) -> String {
    if seconds < 2 { "less than 2 s".into() } else { length(seconds.into()) }
}

fn length(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How far ahead something is: "in 25 minutes", "in 7 hours". What has passed is "now".
pub fn ahead(then: Timestamp, now: Timestamp) -> String {
    let seconds = u32::try_from(then.duration_since(now).as_secs().max(0)).unwrap_or(u32::MAX);
    match seconds {
        0 => "now".into(),
        1..60 => format!("in {}", plural(seconds, "second")),
        60..5_400 => format!("in {}", plural(seconds / 60, "minute")),
        5_400..172_800 => format!("in {}", plural(seconds / 3_600, "hour")),
        _ => format!("in {}", plural(seconds / 86_400, "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::{age, ahead, waited};
    use jiff::{SignedDuration, Timestamp};
    use rstest::rstest;

    #[rstest]
    #[case(-90, "just now")]
    #[case(1, "just now")]
    #[case(4, "4 s ago")]
    #[case(59, "59 s ago")]
    #[case(60, "1 min ago")]
    #[case(3_599, "59 min ago")]
    #[case(3_600, "1 h ago")]
    #[case(172_799, "47 h ago")]
    #[case(172_800, "2 d ago")]
    fn an_age_uses_the_largest_unit_that_says_enough(#[case] seconds: i64, #[case] words: &str) {
        let then = Timestamp::UNIX_EPOCH;
        assert_eq!(age(then, then + SignedDuration::from_secs(seconds)), words, "{seconds} s after");
    }

    #[rstest]
    #[case(-5, "now")]
    #[case(1, "in 1 second")]
    #[case(60, "in 1 minute")]
    #[case(25 * 60 + 59, "in 25 minutes")]
    #[case(5_399, "in 89 minutes")]
    #[case(5_400, "in 1 hour")]
    #[case(7 * 3_600, "in 7 hours")]
    #[case(172_800, "in 2 days")]
    fn what_is_ahead_is_never_said_to_be_further_than_it_is(#[case] seconds: i64, #[case] words: &str) {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(ahead(now + SignedDuration::from_secs(seconds), now), words, "{seconds} s ahead");
    }

    #[rstest]
    #[case(0, "less than 2 s")]
    #[case(2, "2 s")]
    #[case(119, "1 min")]
    #[case(u32::MAX, "49710 d")]
    fn a_wait_is_told_no_finer_than_two_clocks_allow(#[case] seconds: u32, #[case] words: &str) {
        assert_eq!(waited(seconds), words, "{seconds} s");
    }

    #[test]
    fn the_ends_of_time_have_an_age() {
        assert_eq!(age(Timestamp::MAX, Timestamp::MIN), "just now", "no instant makes an age fail");
        assert!(age(Timestamp::MIN, Timestamp::MAX).ends_with(" d ago"), "no instant makes an age fail");
    }
}
