//! Messages that were not understood, as a terminal shows them.
//!
//! **Invariant:** only the beginning of a body is shown, on one line and cleaned: these are the bytes that nobody vouches for.

use jiff::Timestamp;
use watchbell_core::words;
use watchbell_engine::view::QuarantineRow;

use super::{Out, table};

const BODY: usize = 80;

/// The messages, one a line.
pub(crate) fn list(rows: &[QuarantineRow], now: Timestamp, out: Out) -> String {
    let mut shown = table::columns(out, &["ID", "RECEIVED", "WHY", "BODY"]);
    for row in rows {
        shown.add_row(vec![
            row.id.to_string(),
            words::age(row.received_at, now),
            words::clean_to(&row.reason, 200),
            words::clean_to(&row.body, BODY),
        ]);
    }
    table::lines(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_body_is_one_clean_line() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let row = QuarantineRow {
            id: 7,
            received_at: now,
            reason: "The body is not JSON".into(),
            kind: "not_json".into(),
            body: format!("{{\u{1b}]0;owned\u{7}\r\n\u{202e}{}", "x".repeat(500)),
            topic_arn: None,
            copies: 1,
            cursor: "7".into(),
        };
        let text = list(&[row], now, Out::plain());
        assert_eq!(text.lines().count(), 2, "headings and one line: {text}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "nothing a terminal would obey: {text:?}");
        assert!(text.contains('…'), "the cut shows: {text}");
    }
}
