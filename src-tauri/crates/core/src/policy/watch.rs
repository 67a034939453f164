//! Watch one: the person wants to be told when a command ends, success included.
//!
//! A command has ended when its own level is terminal, or when all of its known targets are; heard from invocations of an
//! unknown number of targets it never *says* so, and then the watch gives up in words when SSM gives the command up, or after a
//! long silence. Never here: waiting. Whoever runs the policy comes back at the group's wake.

use jiff::{SignedDuration, Timestamp};

use super::CommandView;
use super::group::{GroupState, Watch};
use super::order::{AlertText, Outcome, Urgency};
use super::settings::Settings;
use super::turn::Turn;
use crate::words;

/// How long after a message the next one may be waited for.
const SETTLES: SignedDuration = SignedDuration::from_mins(5);

/// The wish itself: a command that has ended already is told of at once.
pub(super) fn wish(turn: &mut Turn<'_>, command: Option<&CommandView<'_>>) {
    let Some(command) = command else {
        turn.group.watch = None;
        return;
    };
    turn.group.watch = Some(note(turn, command));
    told_if_ended(turn, command);
}

/// The command changed.
pub(super) fn changed(turn: &mut Turn<'_>, command: &CommandView<'_>) {
    if turn.group.watch.is_some() {
        turn.group.watch = Some(note(turn, command));
        told_if_ended(turn, command);
    }
}

/// The time came to give up.
pub(super) fn tick(turn: &mut Turn<'_>) {
    if gives_up_at(&turn.group, turn.settings).is_none_or(|at| at > turn.now) {
        return;
    }
    let Some(watch) = turn.group.watch.take() else { return };
    turn.decide(Outcome::Rang, "You asked to be told of its end, and that cannot be told: nothing more was heard.");
    turn.ended = Some(words::cannot_tell(&watch.name, watch.heard, watch.running, watch.targets, turn.settings.sound));
}

/// When the watch gives up, if there is one.
pub(super) fn gives_up_at(group: &GroupState, settings: &Settings) -> Option<Timestamp> {
    let watch = group.watch.as_ref()?;
    let silent = watch.heard_at.checked_add(settings.watch_silence).unwrap_or(Timestamp::MAX);
    // What SSM gave up it still tells of: a message that came is a reason to wait for the next.
    let settled = watch.heard_at.checked_add(SETTLES).unwrap_or(Timestamp::MAX);
    Some(watch.expires.map_or(silent, |expires| expires.max(settled).min(silent)))
}

fn note(turn: &Turn<'_>, command: &CommandView<'_>) -> Watch {
    let counts = command.counts;
    Watch {
        heard_at: turn.now,
        expires: command.expires_after,
        name: words::subject(command.command_id, command.document),
        heard: counts.heard(),
        running: counts.in_progress.saturating_add(counts.pending),
        targets: command.target_count,
    }
}

fn told_if_ended(turn: &mut Turn<'_>, command: &CommandView<'_>) {
    if has_ended(command) {
        turn.group.watch = None;
        turn.decide(Outcome::Rang, "You asked to be told when this command ends.");
        let text = words::ended(command);
        turn.ended = Some(AlertText { sound: turn.settings.sound, urgency: Urgency::Normal, ..text });
    }
}

/// Whether the command is known to have ended.
fn has_ended(command: &CommandView<'_>) -> bool {
    let counts = command.counts;
    let running = counts.in_progress > 0 || counts.pending > 0 || counts.other > 0;
    let whole = command.command_level.is_some_and(|level| level.status.is_terminal());
    whole || command.target_count.is_some_and(|targets| !running && counts.heard() >= targets)
}
