//! A command changed, or the person acknowledged it: whether that rings, changes the alert, or stays quiet.
//!
//! **Invariant:** a change that brings new trouble leaves either something due or a stored reason behind.

use super::CommandView;
use super::group::{Due, Heard, Hush, Phase};
use super::node_set::NodeSet;
use super::order::{AlertText, Outcome};
use super::settings::AlertMode;
use super::turn::Turn;
use crate::words;
use jiff::Timestamp;

/// What is new since the last change.
#[derive(Clone, Copy)]
struct News {
    nodes: bool,
    command: bool,
    /// Nodes never ran, and nothing else is wrong.
    never_ran: bool,
}

impl News {
    fn any(self) -> bool {
        self.nodes || self.command || self.never_ran
    }
}

pub(super) fn changed(
    turn: &mut Turn<'_>,
    command: &CommandView<'_>,
    failing_nodes: &[String],
    received_at: Timestamp,
) {
    let before = turn.group.heard;
    let heard = Heard {
        failing: command.counts.failed.saturating_add(command.counts.timed_out),
        not_run: command.counts.not_run,
        command_failing: command.command_level.is_some_and(|level| level.status.is_failing()),
        invocations: command.counts.heard() > 0,
    };
    turn.group.heard = heard;
    if !heard.is_trouble() {
        if before.is_trouble() {
            all_clear(turn);
        }
        return;
    }
    let foreign = command.simulated && !command.rings_if_simulated;
    // What was taken for a probe and is real after all is news from the start.
    let before = if turn.group.hush == Some(Hush::ForeignProbe) && !foreign { Heard::default() } else { before };
    let news = News {
        nodes: !failing_nodes.is_empty() || heard.failing > before.failing,
        command: heard.command_failing && !before.command_failing,
        never_ran: heard.not_run > before.not_run && heard.failing == 0 && !heard.command_failing,
    };
    let Some(why) = may_ring(turn, command, news, before, failing_nodes, received_at) else { return };
    let text = words::alert(command);
    match turn.group.phase {
        Phase::Ordered | Phase::Up => update(turn, text, before, heard, news),
        Phase::Gone if news.nodes || news.command => turn.make_due(Due {
            text: AlertText { sound: false, ..text },
            outcome: Outcome::Updated,
            reason: "More failed after its alert had left the screen, so it is shown again, silently.".into(),
            news: true,
        }),
        Phase::Quiet if news.never_ran && turn.group.rang && turn.group.due.is_none() => turn.hush(Hush::NeverRan),
        Phase::Quiet | Phase::Refused if news.any() => {
            turn.group.phase = Phase::Quiet;
            turn.group.retried = false;
            turn.make_due(Due { text, outcome: Outcome::Rang, reason: why, news: true });
        }
        // Nothing new: only what waits already must not go out with old counts.
        _ => turn.refresh_due(text),
    }
}

/// Why it may ring, or `None` after storing why it may not.
fn may_ring(
    turn: &mut Turn<'_>,
    command: &CommandView<'_>,
    news: News,
    before: Heard,
    failing_nodes: &[String],
    received_at: Timestamp,
) -> Option<String> {
    let mut why = first_reason(turn, news);
    if let Some(acknowledged) = &turn.group.acknowledged {
        let outside = failing_nodes.iter().find(|node| !acknowledged.contains(node));
        if let Some(node) = outside {
            why = format!("{} failed after you acknowledged the command.", words::short_id(node));
        } else if news.command && !before.invocations {
            why = "The command as a whole failed after you acknowledged it.".into();
        } else {
            if news.any() {
                turn.hush(Hush::Acknowledged);
            }
            return None;
        }
        turn.group.acknowledged = None;
    }
    if command.simulated && !command.rings_if_simulated {
        turn.hush(Hush::ForeignProbe);
        return None;
    }
    if turn.settings.alerts == AlertMode::None {
        if news.any() {
            turn.hush(Hush::AlertsOff);
        }
        return None;
    }
    if let Phase::Dismissed { at } = turn.group.phase {
        if failing_nodes.is_empty() || received_at.duration_since(at) < turn.settings.dismissed_for {
            if news.any() {
                turn.hush(Hush::Dismissed);
            }
            return None;
        }
        turn.group.phase = Phase::Quiet;
        why = format!("A node failed {} min after its alert was closed.", received_at.duration_since(at).as_mins());
    }
    Some(why)
}

fn first_reason(turn: &Turn<'_>, news: News) -> String {
    let what = match (turn.group.rang, news.nodes, news.command) {
        (true, ..) => "It fails again after its alert was taken down.",
        (false, true, _) => "First failure of this command.",
        (false, false, true) => "SSM reports that the command failed.",
        (false, false, false) => "Nodes never ran, and nothing else of this command rang.",
    };
    what.into()
}

/// The alert is there: keep it true.
fn update(turn: &mut Turn<'_>, text: AlertText, before: Heard, heard: Heard, news: News) {
    if heard.command_failing && heard.failing > 0 && (!before.command_failing || before.failing == 0) {
        turn.decide(Outcome::Joined, "Both the command and its nodes report a failure; one alert tells of both.");
    }
    if turn.group.ordered.as_ref().is_some_and(|ordered| ordered.reads_like(&text)) {
        turn.group.due = None;
        return;
    }
    let (outcome, reason) = if heard.eases(before) {
        (Outcome::Corrected, format!("A later event superseded a failure: {}.", text.title))
    } else {
        (Outcome::Updated, format!("Changed in place: {}.", text.title))
    };
    turn.make_due(Due { text: AlertText { sound: false, ..text }, outcome, reason, news: news.any() });
}

fn all_clear(turn: &mut Turn<'_>) {
    if matches!(turn.group.phase, Phase::Dismissed { .. }) {
        // It stays closed, but what fails from now on needs a reason of its own.
        turn.group.hush = None;
        return;
    }
    if turn.take_down() {
        turn.decide(Outcome::Corrected, "Later events superseded every failure, so its alert was taken down.");
    }
}

pub(super) fn acknowledged(turn: &mut Turn<'_>, failing_nodes: &[String]) {
    if !turn.group.heard.is_trouble() {
        return;
    }
    turn.take_down();
    turn.group.acknowledged = Some(failing_nodes.iter().collect::<NodeSet>());
    let reason = match failing_nodes.len() {
        0 => "You acknowledged the command.".into(),
        1 => "You acknowledged the command and its 1 failing node.".into(),
        n => format!("You acknowledged the command and its {n} failing nodes."),
    };
    turn.decide(Outcome::Acknowledged, reason);
}
