//! `quiet`: the hours in which alerts wait, shown and set.
//!
//! **Invariant:** what is not named stays as it is; hours that cannot be kept are refused before anything is changed.

mod days;
mod typed;

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::quiet::{QuietHours, QuietSpan};
use watchbell_core::search::Glob;
use watchbell_core::words;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::{clock, control};

use crate::args::{Global, Quiet, QuietAction, QuietSet, YesNo};
use crate::ended::{Answer, Cut, Ended};
use crate::output::{Out, mark};

/// Does what was asked; without more, shows.
pub(super) async fn run(asked: Quiet, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let held = Reader::open(&dir).and_then(|reader| reader.quiet_hours()).map_err(Problem::from)?;
    let quiet = match asked.action.unwrap_or(QuietAction::Show) {
        QuietAction::Show => return show(&held, out),
        QuietAction::Off => QuietHours { spans: Vec::new(), ..held },
        QuietAction::Set(set) => changed(held, *set, out)?,
    };
    quiet.check().map_err(|error| {
        let hint = "See watchbellctl quiet set --help for how they are written";
        Problem::new(Code::Usage, format!("Nothing was changed. {}", error.message), hint)
    })?;
    control::perform(&dir, Act::SetQuietHours { quiet: quiet.clone() }).await?;
    show(&quiet, out)
}

/// The hours with what was typed put in.
fn changed(mut quiet: QuietHours, set: QuietSet, out: Out) -> Result<QuietHours, Cut> {
    let names_something = !set.spans.is_empty()
        || set.blind.is_some()
        || set.watched.is_some()
        || !set.documents.is_empty()
        || set.no_documents
        || set.failing_nodes.is_some();
    if !names_something {
        let hint = "For example: watchbellctl quiet set mon-fri 22:00-07:00";
        return Err(Problem::new(Code::Usage, "What to set was not said", hint).into());
    }
    if !set.spans.is_empty() {
        quiet.spans = typed::spans(&set.spans).map_err(|misread| {
            if !out.is_json() {
                out.note(&mark::mark(&misread.line, &misread.range));
            }
            Problem::new(Code::Usage, misread.message, "Times are written 22:00-07:00, days mon-fri or sat,sun")
        })?;
    }
    let breaks = &mut quiet.break_through;
    breaks.blind = set.blind.map_or(breaks.blind, |answer| answer == YesNo::Yes);
    breaks.watched = set.watched.map_or(breaks.watched, |answer| answer == YesNo::Yes);
    if set.no_documents || !set.documents.is_empty() {
        breaks.documents = set.documents.into_iter().map(Glob::new).collect();
    }
    if let Some(enough) = set.failing_nodes {
        breaks.failing_nodes = enough.0;
    }
    Ok(quiet)
}

fn show(quiet: &QuietHours, out: Out) -> Ended {
    let now = clock::now();
    let zone = TimeZone::system();
    let until = quiet.at(&now.to_zoned(zone.clone())).and_then(|until| until.ends);
    if out.is_json() {
        let mut document = serde_json::json!({ "ok": true, "quiet": quiet });
        if let Some(until) = until {
            document["quiet_until"] = serde_json::json!(until);
        }
        out.document(&document)?;
    } else {
        out.text(&text(quiet, until, now, &zone))?;
    }
    Ok(Answer::Done)
}

fn text(quiet: &QuietHours, until: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> String {
    if quiet.spans.is_empty() {
        return "No quiet hours: alerts ring at any time".to_owned();
    }
    let mut text = match until {
        Some(until) => format!("Quiet now, until {}\n", words::clock(until, now, zone)),
        None => "Not quiet now\n".to_owned(),
    };
    for QuietSpan { days, from, to } in &quiet.spans {
        let (from, to) = (from.strftime("%H:%M").to_string(), to.strftime("%H:%M").to_string());
        let whole = if from == to { " (the whole day)" } else { "" };
        let _ = writeln!(text, "  {}, {from} to {to}{whole}", days::words(*days));
    }
    let breaks = &quiet.break_through;
    let documents: Vec<String> = breaks.documents.iter().map(|glob| words::clean_to(glob.as_str(), 120)).collect();
    let rings = [
        breaks.blind.then(|| "that Watchbell cannot hear until you act".to_owned()),
        breaks.watched.then(|| "a command that you asked to be told of".to_owned()),
        (!documents.is_empty()).then(|| format!("the documents {}", documents.join(", "))),
        breaks.failing_nodes.map(|least| format!("a command of which {} fail", words::plural(least, "node"))),
    ];
    let rings: Vec<String> = rings.into_iter().flatten().collect();
    if rings.is_empty() {
        text.push_str("Nothing rings meanwhile.\n");
    } else {
        let _ = writeln!(text, "Rings all the same:\n  {}", rings.join("\n  "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours() -> QuietHours {
        let words: Vec<String> = ["mon-fri", "22:00-07:00", "sat,sun", "00:00-00:00"].map(str::to_owned).into();
        let set = QuietSet { spans: words, documents: vec!["AWS-RunPatch*".into()], ..QuietSet::default() };
        changed(QuietHours::default(), set, Out::plain()).unwrap()
    }

    #[test]
    fn quiet_hours_are_told_with_what_rings_all_the_same() {
        let now: Timestamp = "2026-11-23T23:30:00Z".parse().unwrap();
        let until = hours().at(&now.to_zoned(TimeZone::UTC)).and_then(|until| until.ends);
        insta::assert_snapshot!(text(&hours(), until, now, &TimeZone::UTC));
    }

    #[test]
    fn what_is_not_named_stays() {
        let set = QuietSet { blind: Some(YesNo::No), ..QuietSet::default() };
        let after = changed(hours(), set, Out::plain()).unwrap();
        assert_eq!(after.spans, hours().spans, "the times stay");
        assert_eq!(after.break_through.documents, hours().break_through.documents, "so do the documents");
        assert!(!after.break_through.blind && after.break_through.watched, "only what was named is another");
        assert!(changed(hours(), QuietSet::default(), Out::plain()).is_err(), "nothing to set is a usage error");
    }
}
