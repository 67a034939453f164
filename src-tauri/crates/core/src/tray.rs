//! What the tray shows: one mark, one headline in words, up to five failing commands, the open maintenance window.
//!
//! **Invariants:** deafness comes before failure, and the headline names both. Nothing in the model ages, so two models
//! differ only when something happened, and the tray is redrawn only then.
//! Never here: menus, icons, a clock. The person's time zone comes with `now`.

mod snooze;

use crate::health::SubscriptionState;
use crate::window::{self, Current};
use crate::words::{clean, clean_to, plural, sentence};
use jiff::{Timestamp, Zoned};

pub use snooze::{SnoozeChoice, SnoozeLine};

/// The most failing commands that a tray menu lists.
pub const FAILING_LINES: usize = 5;

/// The most letters of the explanation: a reason and what to do.
const EXPLANATION: usize = 300;

/// One subscription as the tray sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionLine {
    /// The topic.
    pub topic_arn: String,
    /// The topic's name.
    pub name: String,
    /// Whether it hears.
    pub state: SubscriptionState,
    /// Since when it is in this state.
    pub since: Option<Timestamp>,
    /// Why, as a sentence.
    pub reason: Option<String>,
    /// What to do next, as a sentence.
    pub hint: Option<String>,
    /// When its credentials end, if that is soon and only the person can prevent it.
    pub signs_out: Option<Timestamp>,
}

/// One failing command as the tray sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingLine {
    /// SSM's command id.
    pub command_id: String,
    /// "AWS-RunPatchBaseline: 7 failed, 5 timed out of 200".
    pub text: String,
}

/// Everything the tray depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrayInput {
    /// Every subscription.
    pub subscriptions: Vec<SubscriptionLine>,
    /// How many failing commands nobody acknowledged.
    pub unacknowledged: u32,
    /// The newest of them.
    pub failing: Vec<FailingLine>,
    /// The maintenance windows that are open, the one with the nearest cutoff first.
    pub windows: Vec<Current>,
    /// When the last message came.
    pub last_heard: Option<Timestamp>,
    /// Why alerts cannot be shown, if so.
    pub alerts_problem: Option<String>,
    /// Why the engine does not run (storage), if so.
    pub engine_problem: Option<String>,
    /// Until when new alerts are held back, if they are.
    pub snoozed_until: Option<Timestamp>,
    /// Until when quiet hours hold, if they do.
    pub quiet_until: Option<Timestamp>,
    /// By which of the tray's choices, if by one.
    pub snooze_choice: Option<SnoozeChoice>,
    /// When the maintenance window that is open now ends, if one is.
    pub window_ends: Option<Timestamp>,
}

/// The tray's mark: each has its own shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrayMark {
    /// All is heard, and nothing unacknowledged fails.
    Fine,
    /// The same, while a maintenance window is open.
    Window,
    /// Something fails.
    Failing,
    /// Something cannot be heard; or all is, and alerts cannot be shown, so nobody would be told.
    Blind,
    /// New alerts are held back, by a snooze or by quiet hours, and nothing worse is so.
    Snoozed,
}

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayModel {
    /// The worst state.
    pub mark: TrayMark,
    /// The first line of the menu.
    pub headline: String,
    /// Why Watchbell cannot hear or ring and what to do, when that is so: the second line of the menu.
    pub explanation: Option<String>,
    /// The tooltip.
    pub title: String,
    /// Failing commands, at most [`FAILING_LINES`].
    pub failing: Vec<FailingLine>,
    /// The maintenance window that is open.
    pub window: Option<WindowLine>,
    /// Whether there is anything to acknowledge.
    pub can_acknowledge: bool,
    /// The subscription that one can sign in for now: the first that is signed out, else the first that soon will be.
    pub sign_in: Option<SignInLine>,
    /// "Snoozed until 14:30", while it is.
    pub snoozed: Option<String>,
    /// The snoozes that are offered.
    pub snoozes: Vec<SnoozeLine>,
    /// When the maintenance window that is open now ends, if one is.
    pub window_ends: Option<Timestamp>,
}

/// The entry that begins a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInLine {
    /// For which subscription.
    pub topic_arn: String,
    /// "Sign in…", or with the topic's name where there are several.
    pub text: String,
}

/// The open maintenance window as the tray sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowLine {
    /// Which run, for the page about it.
    pub run: String,
    /// "Sunday patch: 148 of 200 done, cutoff at 04:00": it names clock times and does not age.
    pub text: String,
}

/// Says what the tray shows. `now` decides whether a time needs its day, and carries the person's zone.
pub fn tray_model(input: &TrayInput, now: &Zoned) -> TrayModel {
    let blind: Vec<_> = input.subscriptions.iter().filter(|line| line.state.is_blind()).collect();
    let deaf = deafness(input, &blind, now);
    let mark = match (&deaf, input.unacknowledged) {
        (Some(_), _) => TrayMark::Blind,
        // While nothing can ring, the mark is the one way to see that something fails: that comes first.
        (None, 1..) => TrayMark::Failing,
        (None, 0) if input.alerts_problem.is_some() => TrayMark::Blind,
        (None, 0) if !input.windows.is_empty() => TrayMark::Window,
        (None, 0) if input.snoozed_until.or(input.quiet_until).is_some() => TrayMark::Snoozed,
        (None, 0) => TrayMark::Fine,
    };
    let failing = (input.unacknowledged > 0).then(|| format!("{} failing", plural(input.unacknowledged, "command")));
    let mute = input.alerts_problem.as_ref().map(|_| match &deaf {
        Some(_) => "alerts cannot be shown".to_owned(),
        None => "Alerts cannot be shown".to_owned(),
    });
    let mut parts: Vec<String> = [deaf, mute, failing].into_iter().flatten().collect();
    let snoozed = input.snoozed_until.map(|until| format!("Snoozed until {}", clock(until, now)));
    let quiet = input.quiet_until.map(|until| format!("Quiet hours until {}", clock(until, now)));
    let held = snoozed.clone().or(quiet);
    if parts.is_empty() {
        parts.push(held.unwrap_or_else(|| calm(input)));
    } else if let Some(held) = held {
        parts.push(held.to_lowercase());
    }
    // Hearing without being able to look is not the same as "ok", and must not read like it.
    let unchecked: Vec<_> =
        input.subscriptions.iter().filter(|line| line.state == SubscriptionState::Unchecked).collect();
    match unchecked.as_slice() {
        [] => {}
        [only] => parts.push(format!("cannot check the subscription of {}", clean_to(&only.name, 48))),
        several => parts.push(format!("cannot check {} subscriptions", several.len())),
    }
    parts.extend(signing_out(input, now));
    let headline = parts.join("; ");
    let failing = input.failing.iter().take(FAILING_LINES);
    TrayModel {
        mark,
        title: tooltip(&headline, input, now),
        headline,
        explanation: explanation(input, &blind),
        failing: failing.map(|line| FailingLine { text: clean(&line.text), ..line.clone() }).collect(),
        window: window_line(input, now),
        can_acknowledge: input.unacknowledged > 0,
        sign_in: sign_in(input),
        snoozed,
        snoozes: snooze::lines(input),
        window_ends: input.window_ends,
    }
}

fn window_line(input: &TrayInput, now: &Zoned) -> Option<WindowLine> {
    let (first, others) = input.windows.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        more => format!("; {} more open", plural(u32::try_from(more).unwrap_or(u32::MAX), "window")),
    };
    Some(WindowLine { run: first.run.clone(), text: format!("{}{more}", window::line(first, now)) })
}

fn deafness(input: &TrayInput, blind: &[&SubscriptionLine], now: &Zoned) -> Option<String> {
    if input.engine_problem.is_some() {
        return Some("Cannot receive".into());
    }
    let since = blind.iter().filter_map(|line| line.since).min().map(|at| format!(" since {}", clock(at, now)));
    let since = since.unwrap_or_default();
    match blind {
        [] => None,
        [only] => Some(format!("Cannot hear {}{since}", clean_to(&only.name, 48))),
        several => Some(format!("Cannot hear {} of {} topics{since}", several.len(), input.subscriptions.len())),
    }
}

/// "ssm-notify signs out at 14:30": a clock time, which does not age.
fn signing_out(input: &TrayInput, now: &Zoned) -> Option<String> {
    let soon = |line: &SubscriptionLine| line.signs_out.map(|at| (at, clean_to(&line.name, 48)));
    let lines: Vec<_> = input.subscriptions.iter().filter_map(soon).collect();
    let (at, name) = lines.iter().min()?;
    let at = clock(*at, now);
    Some(match lines.len() {
        1 => format!("{name} signs out at {at}"),
        several => format!("{several} topics sign out from {at} on"),
    })
}

fn sign_in(input: &TrayInput) -> Option<SignInLine> {
    let out = |line: &&SubscriptionLine| line.state == SubscriptionState::SignedOut;
    let soon = |line: &&SubscriptionLine| line.signs_out.is_some();
    let lines = &input.subscriptions;
    let line = lines.iter().find(out).or_else(|| lines.iter().find(soon))?;
    let text = match lines.len() {
        1 => "Sign in…".to_owned(),
        _ => format!("Sign in for {}…", clean_to(&line.name, 48)),
    };
    Some(SignInLine { topic_arn: line.topic_arn.clone(), text })
}

/// Nothing is wrong: says what is heard.
fn calm(input: &TrayInput) -> String {
    let in_state = |wanted: SubscriptionState| input.subscriptions.iter().filter(move |line| line.state == wanted);
    let name = |line: &SubscriptionLine| clean_to(&line.name, 48);
    match input.subscriptions.as_slice() {
        [] => return "No topic subscribed yet".into(),
        [only] => {
            return match only.state {
                SubscriptionState::Paused => format!("{} is paused", name(only)),
                SubscriptionState::Connecting => format!("Connecting to {}", name(only)),
                _ => format!("Nothing failing on {}", name(only)),
            };
        }
        _ => {}
    }
    let total = input.subscriptions.len();
    let paused = in_state(SubscriptionState::Paused).count();
    let connecting = in_state(SubscriptionState::Connecting).count();
    match (connecting, paused) {
        (0, 0) => format!("Nothing failing on {total} topics"),
        (0, paused) if paused == total => format!("All {total} topics are paused"),
        (0, paused) => format!("Nothing failing; {paused} of {total} topics paused"),
        (connecting, _) => format!("Connecting to {connecting} of {total} topics"),
    }
}

fn explanation(input: &TrayInput, blind: &[&SubscriptionLine]) -> Option<String> {
    if let Some(problem) = &input.engine_problem {
        return Some(clean_to(&sentence(problem), EXPLANATION));
    }
    let deaf = blind.first().and_then(|line| {
        let words: Vec<String> = [&line.reason, &line.hint].into_iter().flatten().map(|text| sentence(text)).collect();
        (!words.is_empty()).then(|| clean_to(&words.join(" "), EXPLANATION))
    });
    deaf.or_else(|| input.alerts_problem.as_ref().map(|problem| clean_to(&sentence(problem), EXPLANATION)))
}

/// A clock time and no age: it changes when a message comes, not while time passes.
fn tooltip(headline: &str, input: &TrayInput, now: &Zoned) -> String {
    let heard = input.last_heard.map(|at| format!(", last message {}", clock(at, now)));
    format!("Watchbell: {headline}{}", heard.unwrap_or_default())
}

/// "02:14", or "22 Nov 02:14" for another day.
pub(crate) fn clock(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let form = if at.date() == now.date() { "%H:%M" } else { "%-d %b %H:%M" };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests;
