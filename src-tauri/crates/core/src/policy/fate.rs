//! What became of an alert, and what follows from it.
//!
//! **Invariant:** a refusal or a change of server makes an alert due again once; it is not asked for a third time until
//! it was shown or something new fails. What the person closed stays closed.

use jiff::Timestamp;

use super::Fate;
use super::group::{Call, Comes, Due, Hush, Phase};
use super::order::{AlertText, Outcome};
use super::turn::Turn;

pub(super) fn met(turn: &mut Turn<'_>, fate: Fate) {
    match fate {
        Fate::Shown => shown(turn),
        Fate::Dismissed => closed_by_person(turn, "You closed its alert."),
        Fate::Clicked => closed_by_person(turn, "You opened it from its alert."),
        Fate::Expired => expired(turn),
        Fate::Refused => {
            if turn.group.is_on_screen() {
                ask_again(turn, "The notification server refused the alert, so it is asked once more.");
            }
        }
        Fate::ServerChanged => {
            if turn.group.phase == Phase::Refused {
                // The refusals were the old server's.
                turn.group.retried = false;
            }
            if turn.group.is_on_screen() || turn.group.phase == Phase::Refused {
                ask_again(turn, "The notification server was replaced, so the new one is asked to show it.");
            }
        }
        Fate::Regrouped => regrouped(turn),
    }
}

/// Something became of the alert for many commands that it is in. That alert's own state is the hall's; the pages of its members tell
/// that it was seen.
pub(super) fn of_many(turn: &mut Turn<'_>, fate: Fate) {
    let did = match fate {
        Fate::Dismissed => "closed",
        Fate::Clicked => "opened",
        Fate::Shown | Fate::Expired | Fate::Refused | Fate::ServerChanged | Fate::Regrouped => return,
    };
    turn.decide(Outcome::Dismissed, format!("You {did} the alert for several commands that it is in."));
}

/// Several alerts were up when the server was replaced, or wait for a server to come: they are shown once, by count.
fn regrouped(turn: &mut Turn<'_>) {
    if !turn.group.is_on_screen() && turn.group.phase != Phase::Refused {
        return;
    }
    let seen = turn.group.phase == Phase::Up;
    let text = turn.group.due.take().map(|due| due.text).or_else(|| turn.group.ordered.clone());
    turn.group.phase = Phase::Quiet;
    let Some(text) = text else { return };
    turn.make_due(Due {
        text: AlertText { sound: !seen, ..text },
        outcome: Outcome::Overflow,
        reason: String::new(),
        news: true,
        call: Call { comes: Comes::ByCount { seen }, ..Call::default() },
    });
}

fn shown(turn: &mut Turn<'_>) {
    if turn.group.phase == Phase::Ordered {
        turn.group.phase = Phase::Up;
        let late = |at: &Timestamp| turn.now.duration_since(*at) > turn.settings.update_every;
        if let Some(at) = turn.group.ordered_at.filter(late) {
            turn.hall.came_late(at, turn.now);
        }
    }
    // The next change is so long after what the person saw, not after what was ordered.
    if turn.group.is_on_screen() {
        turn.group.ordered_at = turn.group.ordered_at.max(Some(turn.now));
    }
    turn.group.retried = false;
}

fn closed_by_person(turn: &mut Turn<'_>, reason: &str) {
    // Anything else is the echo of a `Close` of our own, or of an alert that was acknowledged meanwhile.
    if matches!(turn.group.phase, Phase::Ordered | Phase::Up | Phase::Gone) {
        turn.group.phase = Phase::Dismissed { at: turn.now };
        turn.group.due = None;
        turn.decide(Outcome::Dismissed, reason);
    }
}

fn expired(turn: &mut Turn<'_>) {
    if !turn.group.is_on_screen() {
        return;
    }
    turn.group.phase = Phase::Gone;
    // What was new and not told yet is worth a silent alert; smaller counts are not.
    turn.group.due = turn.group.due.take().filter(|due| due.news);
}

fn ask_again(turn: &mut Turn<'_>, reason: &str) {
    let seen = turn.group.phase == Phase::Up;
    let waiting = turn.group.due.take().map(|due| due.text);
    let Some(text) = waiting.or_else(|| turn.group.ordered.clone()) else { return };
    if turn.group.retried {
        turn.group.phase = Phase::Refused;
        turn.hush(Hush::Refused);
        return;
    }
    turn.group.retried = true;
    turn.group.phase = Phase::Quiet;
    let outcome = if seen { Outcome::Updated } else { Outcome::Rang };
    let call = Call { comes: Comes::Again { seen }, ..Call::default() };
    turn.make_due(Due { text: AlertText { sound: !seen, ..text }, outcome, reason: reason.into(), news: true, call });
}
