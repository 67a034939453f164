//! `snooze`: new alerts are held back for a while.
//!
//! **Invariant:** a snooze always has an end, and goes through the one writer: the running engine, or the lock for that moment.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::words;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::{clock, control};

use crate::args::{Global, Snooze, SnoozeFor};
use crate::ended::{Answer, Ended};
use crate::output::Out;

/// Snoozes, or wakes.
pub(super) async fn run(asked: &Snooze, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let now = clock::now();
    let (until, window) = match asked.until {
        SnoozeFor::Off => return wake(&dir, out).await,
        SnoozeFor::Span(span) => (now.checked_add(span).unwrap_or(Timestamp::MAX), false),
        SnoozeFor::Window => (open_window_ends(&dir, now)?.ok_or_else(no_window)?, true),
    };
    control::perform(&dir, Act::Snooze { until, window }).await?;
    if out.is_json() {
        out.document(&serde_json::json!({ "ok": true, "snoozed_until": until, "window": window }))?;
    } else {
        out.text(&format!("Snoozed until {}", words::clock(until, now, &TimeZone::system())))?;
    }
    Ok(Answer::Done)
}

async fn wake(dir: &DataDir, out: Out) -> Ended {
    let was_on = control::perform(dir, Act::Unsnooze).await?.changed > 0;
    if out.is_json() {
        out.document(&serde_json::json!({ "ok": true, "was_snoozed": was_on }))?;
    } else {
        out.text(if was_on { "Awake: new alerts ring again" } else { "Nothing was snoozed" })?;
    }
    Ok(Answer::Done)
}

/// When the maintenance window that is open now ends; of several, the last.
fn open_window_ends(dir: &DataDir, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let open = Reader::open(dir)?.current_windows(now)?;
    Ok(open.into_iter().filter_map(|window| window.end).max())
}

fn no_window() -> Problem {
    Problem::new(
        Code::No,
        "No maintenance window with a known end is open now",
        "Snooze for a time instead: watchbellctl snooze 1h",
    )
}
