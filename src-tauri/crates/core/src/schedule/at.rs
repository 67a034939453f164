//! `at(yyyy-mm-ddThh:mm:ss)`: once.

use super::ScheduleError;
use super::piece::Piece;
use jiff::civil::DateTime;

/// Reads what stands between the brackets.
pub(super) fn read(inside: Piece<'_>) -> Result<DateTime, ScheduleError> {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = inside.text.len() == shape.len()
        && inside.text.bytes().zip(shape).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            mark => byte == *mark,
        });
    if !fits {
        return inside.refuse("at takes yyyy-mm-ddThh:mm:ss without a zone, as in at(2026-11-20T02:00:00).");
    }
    match inside.text.parse() {
        Ok(at) => Ok(at),
        Err(_) => inside.refuse(format!("{} is no date and time of the calendar.", inside.named())),
    }
}
