//! Quiet hours as a person types them: `mon-fri 22:00-07:00 sat,sun 00:00-00:00`.
//!
//! **Invariant:** nothing is guessed; what is not understood is told with its place in the line.

use std::ops::Range;

use jiff::civil::{Time, Weekday};
use watchbell_core::quiet::{QuietSpan, Weekdays};

use super::days;

/// What was not understood, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread {
    pub(super) line: String,
    pub(super) range: Range<usize>,
    pub(super) message: String,
}

/// The spans: each is a time, on the days named before it, else on every day.
pub(super) fn spans(typed: &[String]) -> Result<Vec<QuietSpan>, Misread> {
    let line = typed.join(" ");
    let mut spans = Vec::new();
    let mut days: Option<(Vec<Weekday>, Range<usize>)> = None;
    for (range, word) in words(&line) {
        let misread = |message: String| Misread { line: line.clone(), range: range.clone(), message };
        if word.contains(':') {
            let (from, to) = times(word).ok_or_else(|| misread(format!("{word} is no time of a day")))?;
            let days = days.take().map_or(Weekdays::ALL, |(days, _)| Weekdays::of(days));
            spans.push(QuietSpan { days, from, to });
        } else {
            let mut at = range.start;
            for part in word.split(',') {
                let place = at..at + part.len().max(1);
                at += part.len() + 1;
                let read = days::read(part)
                    .ok_or_else(|| Misread { range: place, ..misread(format!("{part:?} is no day of the week")) })?;
                let (held, place) = days.get_or_insert_with(|| (Vec::new(), range.clone()));
                held.extend(read);
                place.end = range.end;
            }
        }
    }
    match days {
        Some((_, range)) => Err(Misread { line, range, message: "No times follow these days".into() }),
        None => Ok(spans),
    }
}

/// The words of the line with their places.
fn words(line: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    line.split_whitespace().map(|word| {
        let start = word.as_ptr().addr() - line.as_ptr().addr();
        (start..start + word.len(), word)
    })
}

fn times(word: &str) -> Option<(Time, Time)> {
    let (from, to) = word.split_once('-')?;
    // The day's end is the next one's start.
    let to = if to == "24:00" { "00:00" } else { to };
    Some((time(from)?, time(to)?))
}

fn time(word: &str) -> Option<Time> {
    Time::strptime("%H:%M", word).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<String, Misread> {
        let spans = spans(&[line.to_owned()])?;
        let told = spans.into_iter().map(|span| format!("{} {} {}", days::words(span.days), span.from, span.to));
        Ok(told.collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn a_time_belongs_to_the_days_before_it() {
        for (line, told) in [
            ("22:00-07:00", "every day 22:00:00 07:00:00"),
            ("mon-fri 22:00-07:00 sat,sun 00:00-24:00", "mon to fri 22:00:00 07:00:00; sat, sun 00:00:00 00:00:00"),
            ("mon wed 12:00-13:30", "mon, wed 12:00:00 13:30:00"),
        ] {
            assert_eq!(read(line).as_deref(), Ok(told), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_marked() {
        for (line, marked) in [
            ("mon-fri 25:00-07:00", "25:00-07:00"),
            ("mon,tux 22:00-07:00", "tux"),
            ("22:00-07:00 sat sun", "sat sun"),
            ("22:00", "22:00"),
            ("mon 22:00-7", "22:00-7"),
        ] {
            let misread = read(line).unwrap_err();
            assert_eq!(&misread.line[misread.range.clone()], marked, "{line}: {}", misread.message);
        }
    }
}
