//! What the window may ask about quiet hours: those in force, what is wrong with edited ones, whether it would be quiet now.
//!
//! **Invariant:** the times are the person's own, in the zone of the machine.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use specta::Type;
use watchbell_core::quiet::QuietHours as CoreQuietHours;
use watchbell_engine::clock;
use watchbell_engine::store::{Act, Reader};

use super::reading::{Answer, Held, read, usage};

/// Times of the week in which new alerts wait. Times are `HH:MM`; one at or before `from` is of the next day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct QuietHours {
    pub(crate) spans: Vec<QuietSpan>,
    pub(crate) blind: bool,
    pub(crate) watched: bool,
    pub(crate) documents: Vec<String>,
    pub(crate) failing_nodes: Option<u32>,
}

/// One time of the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct QuietSpan {
    /// `mon` to `sun`.
    pub(crate) days: Vec<String>,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// Whether quiet hours can be kept, and whether it would be quiet now.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct QuietCheck {
    pub(crate) mistake: Option<QuietMistake>,
    /// The end of the quiet time that holds now; absent when it is not quiet.
    pub(crate) until: Option<String>,
}

/// What is wrong with quiet hours.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct QuietMistake {
    /// The span, counted from 0; absent when it is about the whole.
    pub(crate) span: Option<u32>,
    pub(crate) message: String,
}

/// The quiet hours in force.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quiet_hours(shell: Held<'_>) -> Answer<QuietHours> {
    let held = read(&shell, Reader::quiet_hours).await?;
    let json = serde_json::to_value(&held).map_err(|error| usage(&error))?;
    let spans = serde_json::from_value(json["spans"].clone()).map_err(|error| usage(&error))?;
    let through = held.break_through;
    let documents = through.documents.iter().map(|glob| glob.as_str().to_owned()).collect();
    let (blind, watched, failing_nodes) = (through.blind, through.watched, through.failing_nodes);
    Ok(QuietHours { spans, blind, watched, documents, failing_nodes })
}

/// What is wrong with these quiet hours, and whether it would be quiet now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_quiet_hours(quiet: QuietHours) -> Answer<QuietCheck> {
    let quiet = core_quiet(quiet)?;
    if let Err(error) = quiet.check() {
        let span = error.span.map(|span| u32::try_from(span).unwrap_or(u32::MAX));
        return Ok(QuietCheck { mistake: Some(QuietMistake { span, message: error.message }), until: None });
    }
    let now = clock::now().to_zoned(TimeZone::system());
    let until = quiet.at(&now).and_then(|until| until.ends).map(|ends| ends.to_string());
    Ok(QuietCheck { mistake: None, until })
}

/// Puts these quiet hours into force in place of those before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_quiet_hours(shell: Held<'_>, quiet: QuietHours) -> Answer<()> {
    let quiet = core_quiet(quiet)?;
    shell.desk()?.act(Act::SetQuietHours { quiet }).await?;
    Ok(())
}

/// The form as the core's quiet hours.
fn core_quiet(form: QuietHours) -> Answer<CoreQuietHours> {
    let QuietHours { spans, blind, watched, documents, failing_nodes } = form;
    let through = serde_json::json!({
        "blind": blind, "watched": watched, "documents": documents, "failing_nodes": failing_nodes
    });
    let json = serde_json::json!({ "spans": spans, "break_through": through });
    serde_json::from_value(json).map_err(|error| usage(&error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    fn check(days: &[&str], from: &str, to: &str) -> QuietCheck {
        let days = days.iter().map(|day| (*day).to_owned()).collect();
        let spans = vec![
            QuietSpan { days: vec!["mon".into()], from: "12:00".into(), to: "12:30".into() },
            QuietSpan { days, from: from.into(), to: to.into() },
        ];
        let form = QuietHours { spans, blind: true, watched: true, documents: Vec::new(), failing_nodes: None };
        tauri::async_runtime::block_on(check_quiet_hours(form)).unwrap()
    }

    #[test]
    fn a_mistake_in_quiet_hours_is_told_with_its_span() {
        let found = check(&[], "22:00", "07:00").mistake.unwrap();
        assert_eq!(found.span, Some(1), "the window shows the mistake at the span that has it");
        let found = check(&WEEK, "00:00", "00:00").mistake.unwrap();
        assert_eq!(found.span, None, "a week without an end is no single span's mistake");
    }

    #[test]
    fn quiet_hours_that_can_be_kept_say_whether_they_hold_now() {
        let checked = check(&WEEK, "00:00", "23:59:59.999999999");
        assert_eq!(checked.mistake, None, "a nanosecond of each day is left");
        assert!(checked.until.is_some(), "it is quiet now, and the window says until when");
    }
}
