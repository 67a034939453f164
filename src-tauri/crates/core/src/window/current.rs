//! The run that is under way, and how far it is, in numbers and one line of words.
//!
//! **Invariant:** nothing in the line ages: it names the clock time of the cutoff, not how long until then. It changes when
//! a node ends and at the cutoff itself, so a tray that shows it is redrawn then and at no other time.

use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use crate::tray::clock;
use crate::words::clean_to;

/// How the nodes of a run's commands fare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Commands that belong to it.
    pub commands: u32,
    /// Nodes whose invocation has ended, well or badly.
    pub done: u32,
    /// Nodes known of: targets where SSM told them, else those heard from.
    pub known: u32,
    /// Whether `known` is all there are: every command told its targets.
    pub complete: bool,
    /// Nodes that failed.
    pub failed: u32,
    /// Nodes that timed out.
    pub timed_out: u32,
}

/// A window that is open now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// Which run, for the page about it.
    pub run: String,
    /// The window's name, or its id where no name is known.
    pub name: String,
    /// When it opened.
    pub start: Timestamp,
    /// From when SSM starts no new task, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Timestamp>,
    /// When it closes, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
}

/// "Sunday patch: 148 of 200 done, 7 failed, cutoff at 04:00, ends at 05:00". The zone of `now` is the person's.
pub fn line(current: &Current, now: &Zoned) -> String {
    let Progress { commands, done, known, complete, failed, timed_out } = current.progress;
    let name = clean_to(&current.name, 48);
    let mut far = match (commands, known) {
        (0, _) => "nothing sent yet".to_owned(),
        (1, 0) => "1 command sent".to_owned(),
        (several, 0) => format!("{several} commands sent"),
        _ if complete => format!("{done} of {known} done"),
        _ => format!("{done} of {known} heard from done"),
    };
    for (count, ended) in [(failed, "failed"), (timed_out, "timed out")] {
        if count > 0 {
            far = format!("{far}, {count} {ended}");
        }
    }
    let ahead = |at: Option<Timestamp>| at.filter(|at| *at > now.timestamp());
    let until = match (ahead(current.cutoff), ahead(current.end)) {
        (Some(cutoff), Some(end)) if cutoff == end => format!("ends at {}", clock(end, now)),
        (Some(cutoff), Some(end)) => format!("cutoff at {}, ends at {}", clock(cutoff, now), clock(end, now)),
        (Some(cutoff), None) => format!("cutoff at {}", clock(cutoff, now)),
        (None, Some(end)) if current.cutoff.is_some() => format!("past its cutoff, ends at {}", clock(end, now)),
        (None, Some(end)) => format!("ends at {}", clock(end, now)),
        (None, None) => format!("open since {}", clock(current.start, now)),
    };
    format!("{name}: {far}, {until}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{TimeZone, offset};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now(text: &str) -> Zoned {
        at(text).to_zoned(TimeZone::fixed(offset(2)))
    }

    fn sunday() -> Current {
        Current {
            run: "r".into(),
            name: "Sunday\u{202e} patch".into(),
            start: at("2026-11-22T00:00:00Z"),
            cutoff: Some(at("2026-11-22T02:00:00Z")),
            end: Some(at("2026-11-22T03:00:00Z")),
            progress: Progress { commands: 2, done: 148, known: 200, complete: true, failed: 7, timed_out: 0 },
        }
    }

    #[test]
    fn the_line_says_how_far_and_until_when() {
        let open = now("2026-11-22T01:12:00Z");
        let with = |progress: Progress| Current { progress, ..sunday() };
        let said = [
            line(&sunday(), &open),
            line(&with(Progress { complete: false, ..sunday().progress }), &open),
            line(&with(Progress::default()), &open),
            line(&with(Progress { commands: 1, ..Progress::default() }), &open),
            line(&sunday(), &now("2026-11-22T02:00:00Z")),
            line(&Current { cutoff: None, end: None, name: "mw-0ed7251d3fcf6e0c2".into(), ..sunday() }, &open),
            line(&Current { cutoff: sunday().end, ..sunday() }, &open),
            line(&sunday(), &now("2026-11-21T21:00:00Z")),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn time_alone_changes_nothing_until_the_cutoff() {
        let first = line(&sunday(), &now("2026-11-22T00:00:01Z"));
        assert_eq!(
            first,
            line(&sunday(), &now("2026-11-22T01:59:59Z")),
            "a tray that is redrawn on each tick flickers"
        );
    }
}
