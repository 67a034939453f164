//! Days of the week in words, as they are typed and as they are told.

use jiff::civil::Weekday;
use watchbell_core::quiet::Weekdays;

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

/// One day, by its first three letters or its whole name.
fn day(word: &str) -> Option<usize> {
    const WHOLE: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.to_ascii_lowercase();
    DAYS.iter().zip(WHOLE).position(|((_, short), whole)| word == *short || word == whole)
}

/// `mon`, `fri-mon`, `weekdays`, `weekend`, `daily`; `None` for anything else.
pub(super) fn read(word: &str) -> Option<Vec<Weekday>> {
    let range = |from: usize, to: usize| {
        let length = (to + 7 - from) % 7 + 1;
        DAYS.iter().cycle().skip(from).take(length).map(|(day, _)| *day).collect()
    };
    match word.to_ascii_lowercase().as_str() {
        "daily" => return Some(range(0, 6)),
        "weekdays" => return Some(range(0, 4)),
        "weekend" => return Some(range(5, 6)),
        _ => {}
    }
    match word.split_once('-') {
        Some((from, to)) => Some(range(day(from)?, day(to)?)),
        None => day(word).map(|at| range(at, at)),
    }
}

/// "every day", "mon to fri", "sat, sun".
pub(super) fn words(days: Weekdays) -> String {
    if days == Weekdays::ALL {
        return "every day".to_owned();
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, (day, _)) in DAYS.iter().enumerate() {
        if days.contains(*day) {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == at => *last = at,
                _ => runs.push((at, at)),
            }
        }
    }
    let name = |at: usize| DAYS.get(at).map_or("", |(_, name)| *name);
    let told = runs.into_iter().map(|(from, to)| match to - from {
        0 => name(from).to_owned(),
        1 => format!("{}, {}", name(from), name(to)),
        _ => format!("{} to {}", name(from), name(to)),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_told() {
        for (typed, told) in [
            ("mon-fri", "mon to fri"),
            ("weekend", "sat, sun"),
            ("Saturday", "sat"),
            ("fri-mon", "mon, fri to sun"),
            ("daily", "every day"),
        ] {
            assert_eq!(words(Weekdays::of(read(typed).unwrap())), told, "{typed}");
        }
        for typed in ["", "mo", "mon-", "-fri", "mon-fri-sun", "someday", "22:00"] {
            assert_eq!(read(typed), None, "{typed:?} is no day, and nothing is guessed");
        }
    }
}
