//! The words of an alert: the title says what and how many, the body says where and the rest.
//!
//! **Invariant:** title and body are a function of the command as it stands; nothing in them ages.

use super::clean::clean_to;
use super::collective::clock;
use super::counts::trouble;
use super::detail::detail_sentence;
use super::names::{list_nodes, plural, short_id, subject};
use crate::join::LevelState;
use crate::policy::{AlertText, CommandView, Settings, Urgency, Window};
use crate::status::Status;
use crate::window;

/// The alert of a command that is in trouble. It has a sound; whoever updates in place takes that off.
pub fn alert(command: &CommandView<'_>, settings: &Settings) -> AlertText {
    let counts = command.counts;
    let (title, body) = match (counts.failing(), counts.not_run) {
        (0, 0) => whole(command),
        (1, 0) => one(command),
        _ => many(command),
    };
    let body = match command.window {
        Some(window) => format!("{body}{}", within(&window, settings)),
        None => body,
    };
    let grave = counts.failing() > 0 || ended_badly(command).is_some();
    AlertText { title, body, urgency: if grave { Urgency::Critical } else { Urgency::Normal }, sound: true }
}

/// The same words when another alert has them up already: they name the command, so that two commands of one document that fail on one
/// node can be told apart.
pub fn told_apart(text: &AlertText, command_id: &str) -> AlertText {
    AlertText { body: format!("{} Command {}.", text.body, short_id(command_id)), ..text.clone() }
}

/// The failing status of the command as a whole, if it has one.
fn ended_badly<'a>(command: &CommandView<'a>) -> Option<&'a Status> {
    command.command_level.map(|level| &level.status).filter(|status| status.is_failing())
}

/// " Sunday patch, cutoff at 04:30." An age would be wrong a minute later.
fn within(window: &Window<'_>, settings: &Settings) -> String {
    let name = clean_to(window.name, 48);
    match (window.cutoff, window.end) {
        (Some(cutoff), Some(end)) => format!(" {name}, cutoff at {}.", clock(cutoff, end, &settings.zone)),
        _ => format!(" {name}."),
    }
}

fn verb(status: &Status) -> &'static str {
    if *status == Status::TimedOut { "timed out" } else { "failed" }
}

fn whole(command: &CommandView<'_>) -> (String, String) {
    let status = ended_badly(command).unwrap_or(command.state);
    let title = format!("{} {}", subject(command.command_id, command.document), verb(status));
    let body = match (command.counts.heard(), command.target_count) {
        (0, None) => "SSM reports this command without its nodes. Press to see what is known.".into(),
        (0, Some(targets)) => {
            format!("SSM reports this command without its nodes. It was sent to {}.", plural(targets, "node"))
        }
        (1, _) => "SSM reports the command as a whole; the 1 node heard from reports no failure.".into(),
        (heard, _) => {
            format!("SSM reports the command as a whole; none of the {heard} nodes heard from reports a failure.")
        }
    };
    (title, body)
}

fn one(command: &CommandView<'_>) -> (String, String) {
    let who = subject(command.command_id, command.document);
    let status = if command.counts.timed_out > 0 { Status::TimedOut } else { Status::Failed };
    let title = match command.failing_sample.first() {
        Some(node) => format!("{who} {} on {}", verb(&status), short_id(node)),
        None => format!("{who} {} on 1 node", verb(&status)),
    };
    let sentence = match command.first_failing {
        Some(held) => cut_off(held, command.window.as_ref())
            .unwrap_or_else(|| detail_sentence(&held.status, held.detail.as_deref())),
        None => detail_sentence(&status, None),
    };
    let whole = whole_too(command);
    (title, format!("{sentence}{whole} Press to see why."))
}

/// What its window has to do with a node that did not end by itself, as the window's report counts it. The cutoff is a time, and
/// only SSM's word about the run makes it the cause.
fn cut_off(held: &LevelState, window: Option<&Window<'_>>) -> Option<&'static str> {
    let window = window.filter(|window| window::was_cut_off(held, window.cutoff, window.timed_out))?;
    Some(if window.timed_out {
        "It had not ended when the maintenance window timed out, as SSM says."
    } else {
        "It timed out after the maintenance window's cutoff."
    })
}

fn many(command: &CommandView<'_>) -> (String, String) {
    let counts = command.counts;
    let who = subject(command.command_id, command.document);
    let title = format!("{who}: {}", trouble(counts, command.target_count));
    let whole = whole_too(command);
    let body = if counts.failing() == 0 {
        format!("SSM stopped sending before {} had their turn.{whole}", plural(counts.not_run, "node"))
    } else {
        format!("{}.{whole}", list_nodes(command.failing_sample, counts.failing()))
    };
    (title, body)
}

fn whole_too(command: &CommandView<'_>) -> &'static str {
    match ended_badly(command) {
        Some(Status::TimedOut) => " The command as a whole timed out.",
        Some(_) => " The command as a whole failed.",
        None => "",
    }
}
