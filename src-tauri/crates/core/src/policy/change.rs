//! A command changed, or the person acknowledged it: whether that rings, changes the alert, or stays quiet.
//!
//! **Invariant:** a change that brings new trouble leaves either something due or a stored reason behind.

use super::collective::{Collective, Kind, Share, Stage};
use super::group::{Call, Due, Heard, Hush, Phase};
use super::node_set::NodeSet;
use super::order::{AlertText, Outcome};
use super::settings::{AlertMode, Settings};
use super::turn::Turn;
use super::{CommandView, Failing};
use crate::{quiet, rules, words};
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

pub(super) fn changed(turn: &mut Turn<'_>, command: &CommandView<'_>, failing: &[Failing], received_at: Timestamp) {
    let before = turn.group.heard;
    let heard = Heard {
        failing: command.counts.failing(),
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
    command.command_id.clone_into(&mut turn.group.command_id);
    turn.group.name = words::subject(command.command_id, command.document);
    let foreign = command.simulated && !command.rings_if_simulated;
    // What was taken for a probe and is real after all is news from the start.
    let before = if turn.group.hush == Some(Hush::ForeignProbe) && !foreign { Heard::default() } else { before };
    let news = News {
        nodes: !failing.is_empty() || heard.failing > before.failing,
        command: heard.command_failing && !before.command_failing,
        never_ran: heard.not_run > before.not_run && heard.failing == 0 && !heard.command_failing,
    };
    let call = call(turn, command, failing, news, received_at);
    if !as_member(turn, &call, news) {
        return;
    }
    let Some(why) = may_ring(turn, command, news, before, failing, received_at) else { return };
    let text = words::alert(command, turn.settings);
    match turn.group.phase {
        Phase::Ordered | Phase::Up => update(turn, text, before, heard, news, call),
        Phase::Gone if news.nodes || news.command => turn.make_due(Due {
            text: AlertText { sound: false, ..text },
            outcome: Outcome::Updated,
            reason: "More failed after its alert had left the screen, so it is shown again, silently.".into(),
            news: true,
            call,
        }),
        Phase::Quiet if news.never_ran && turn.group.rang && turn.group.due.is_none() => turn.hush(Hush::NeverRan),
        Phase::Quiet | Phase::Refused if news.any() => {
            turn.group.phase = Phase::Quiet;
            turn.group.retried = false;
            turn.make_due(Due { text, outcome: Outcome::Rang, reason: why, news: true, call });
        }
        // Nothing new: only what waits already must not go out with old counts.
        _ => turn.refresh_due(text),
    }
}

/// What the failures would say at the hall's door.
fn call(turn: &Turn<'_>, command: &CommandView<'_>, failing: &[Failing], news: News, received_at: Timestamp) -> Call {
    let level = command.command_level.filter(|_| news.command).map(|level| level.event_time);
    let failed_at = failing.iter().map(|node| node.event_time).chain(level).max();
    // AWS's clock, as it stood when the message was received here.
    let received = received_at.checked_add(turn.settings.skew).unwrap_or(received_at);
    let late = failed_at.is_some_and(|at| received.duration_since(at) > turn.settings.late_after);
    let subject = quiet::Subject::Command {
        watched: turn.group.is_watched(),
        document: command.document,
        failing_nodes: command.counts.failing(),
    };
    let breaks = turn.settings.quiet.breaks_through(&subject).map(|why| format!("{why}"));
    Call { late, breaks, failed_at, ..Call::default() }
}

/// Keeps its share in the alert for many true. Says whether the command is on its own, to ring by itself.
fn as_member(turn: &mut Turn<'_>, call: &Call, news: News) -> bool {
    let Phase::In { kind, serial, share } = turn.group.phase else { return true };
    let (member, now) = (turn.as_member(), turn.now);
    let closed_for = turn.settings.dismissed_for;
    let failed_at = call.failed_at.filter(|_| news.any());
    let hushed = kind == Kind::Held && turn.hall.is_hushed(call.breaks.is_some(), turn.settings, now);
    let stays = |collective: &Collective| match kind {
        _ if !news.any() => true,
        _ if collective.stage == Stage::Closed || collective.was_closed(closed_for, now) => false,
        // It rings by itself only when a live failure comes, with its full counts.
        Kind::Digest => call.late,
        Kind::Overflow => true,
        // More of it failed, or it is watched since, and that breaks through the quiet hours.
        Kind::Held => hushed,
    };
    match turn.hall.of_member(kind, serial) {
        Some(collective) if stays(collective) => {
            let after = Share { nodes: member.nodes };
            if after != share || failed_at.is_some() {
                collective.change(share, member, failed_at, now);
                turn.group.phase = Phase::In { kind, serial, share: after };
            }
            false
        }
        Some(_) => {
            turn.leave_collective();
            true
        }
        None if news.any() => {
            turn.group.phase = Phase::Quiet;
            true
        }
        // Its alert is over, and nothing new failed.
        None => false,
    }
}

/// Why it may ring, or `None` after storing why it may not.
fn may_ring(
    turn: &mut Turn<'_>,
    command: &CommandView<'_>,
    news: News,
    before: Heard,
    failing: &[Failing],
    received_at: Timestamp,
) -> Option<String> {
    let mut why = first_reason(turn, news);
    if let Some(acknowledged) = &turn.group.acknowledged {
        let outside = failing.iter().find(|node| !acknowledged.contains(&node.node_id));
        if let Some(node) = outside {
            why = format!("{} failed after you acknowledged the command.", words::short_id(&node.node_id));
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
    let ruled = ruled(turn.settings, command, news, failing);
    let hushed = match (&ruled, turn.settings.alerts) {
        _ if command.simulated && !command.rings_if_simulated => Some(Hush::ForeignProbe),
        (Ruled::Hushed(outcome, reason), _) => Some(Hush::Rule(*outcome, reason.clone())),
        (_, AlertMode::None) if news.any() => Some(Hush::AlertsOff),
        (_, AlertMode::None) => return None,
        _ => None,
    };
    if news.any() || hushed == Some(Hush::ForeignProbe) {
        // One failure that is not muted makes the command count.
        let first = !before.is_trouble();
        turn.group.muted = (first || turn.group.muted) && hushed.as_ref().is_some_and(Hush::mutes);
    }
    if let Some(hushed) = hushed {
        // An alert that is up says the true counts, also of what would not have rung.
        if turn.group.is_on_screen() && matches!(hushed, Hush::Rule(..)) {
            return Some(why);
        }
        turn.hush(hushed);
        return None;
    }
    if let Ruled::Loud(reason) = ruled {
        why = format!("{why} {reason}");
    }
    if let Phase::Dismissed { at } = turn.group.phase {
        if failing.is_empty() || !super::is_over(at, turn.settings.dismissed_for, received_at) {
            if news.any() {
                turn.hush(Hush::Dismissed);
            }
            return None;
        }
        turn.group.phase = Phase::Quiet;
        let ago = received_at.duration_since(at).as_mins();
        why = match ago {
            0.. => format!("A node failed {ago} min after its alert was closed."),
            _ => "A node failed after its alert was closed and the clock was set back.".into(),
        };
    }
    Some(why)
}

/// What the person's rules say of the new failures together: the loudest of their routes.
enum Ruled {
    /// No rule speaks of the loudest of them, or nothing is new.
    Free,
    /// A rule lets it ring.
    Loud(String),
    /// Rules keep all of them off the screen.
    Hushed(Outcome, String),
}

fn ruled(settings: &Settings, command: &CommandView<'_>, news: News, failing: &[Failing]) -> Ruled {
    if settings.rules.is_empty() || !news.any() {
        return Ruled::Free;
    }
    let whole = rules::Subject {
        document: command.document,
        node: None,
        status: command
            .command_level
            .map_or("not_run", |level| rules::status_word(&level.status, level.detail.as_deref())),
        topic: command.topic,
        in_window: command.window.is_some(),
    };
    let nodes = failing.iter().map(|node| rules::Subject {
        node: Some(&node.node_id),
        status: rules::status_word(&node.status, node.detail.as_deref()),
        ..whole
    });
    let level = (news.command || failing.is_empty()).then_some(whole);
    let loudest =
        nodes.chain(level).map(|subject| settings.rules.judge(&subject)).min_by_key(|verdict| verdict.route as u8);
    match loudest.and_then(|verdict| Some((verdict.route.outcome(), verdict.reason()?))) {
        None => Ruled::Free,
        Some((None, reason)) => Ruled::Loud(reason),
        Some((Some(outcome), reason)) => Ruled::Hushed(outcome, reason),
    }
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
fn update(turn: &mut Turn<'_>, text: AlertText, before: Heard, heard: Heard, news: News, call: Call) {
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
    turn.make_due(Due { text: AlertText { sound: false, ..text }, outcome, reason, news: news.any(), call });
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
