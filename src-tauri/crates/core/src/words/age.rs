//! How long ago something was, in as few letters as a list has room for.

use jiff::Timestamp;

/// "just now", "4 s ago", "2 min ago", "1 h ago", "3 d ago". What lies ahead of `now` (a skewed clock) is "just now".
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..2 => "just now".into(),
        2..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::age;
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

    #[test]
    fn the_ends_of_time_have_an_age() {
        assert_eq!(age(Timestamp::MAX, Timestamp::MIN), "just now", "no instant makes an age fail");
        assert!(age(Timestamp::MIN, Timestamp::MAX).ends_with(" d ago"), "no instant makes an age fail");
    }
}
