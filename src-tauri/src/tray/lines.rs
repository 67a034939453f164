//! The lines of the tray's menu: which there are, and how the ones that are shown become others.
//!
//! **Invariant:** a line that stays is changed where it stands, never made anew: the panel knows a line by a number of
//! its own, and a press on an open menu would else name a line that is gone.
//! Never here: Tauri's menus; `menu` draws.

use watchbell_core::tray::{SnoozeLine, TrayModel};

/// The most letters of one line that explains.
const WIDEST: usize = 72;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words that cannot be pressed.
    Words,
    /// Something to do.
    Entry {
        /// Whether it can be done now.
        enabled: bool,
    },
    /// One of several choices.
    Choice {
        /// It is on.
        checked: bool,
    },
    /// A rule between two groups.
    Separator,
    /// The menu of snoozes, whose lines are a list of their own.
    Snoozes,
}

/// One line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What a press names; different for each line of a menu.
    pub(super) id: String,
    /// Its words.
    pub(super) text: String,
    /// What it is.
    pub(super) kind: Kind,
}

impl Line {
    fn new(id: impl Into<String>, text: impl Into<String>, kind: Kind) -> Self {
        Self { id: id.into(), text: text.into(), kind }
    }

    /// Whether `other` is this line with other words.
    fn stays(&self, other: &Self) -> bool {
        self.id == other.id && std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
    }
}

/// One step from the lines that are shown to others. Each counts its place after the steps before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The line at this place goes.
    Remove(usize),
    /// This line comes to this place.
    Insert(usize, Line),
    /// The line at this place becomes this one.
    Change(usize, Line),
}

/// The way from the lines that are shown to those that are wanted.
pub(super) fn steps(shown: &[Line], wanted: &[Line]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut now = shown.to_vec();
    for at in (0..now.len()).rev() {
        if !wanted.iter().any(|line| line.stays(&now[at])) {
            now.remove(at);
            steps.push(Step::Remove(at));
        }
    }
    for (at, line) in wanted.iter().enumerate() {
        match now.iter().skip(at).position(|other| other.stays(line)) {
            Some(0) if now[at] == *line => {}
            Some(0) => {
                now[at] = line.clone();
                steps.push(Step::Change(at, line.clone()));
            }
            further => {
                if let Some(further) = further {
                    now.remove(at + further);
                    steps.push(Step::Remove(at + further));
                }
                now.insert(at, line.clone());
                steps.push(Step::Insert(at, line.clone()));
            }
        }
    }
    steps
}

/// Acknowledges everything that fails.
pub(super) const ACKNOWLEDGE: &str = "acknowledge";
/// Opens the window.
pub(super) const OPEN: &str = "open";
/// Ends the app.
pub(super) const QUIT: &str = "quit";
/// Lets new alerts ring again.
pub(super) const WAKE: &str = "wake";
/// Before the id of a failing command.
pub(super) const COMMAND: &str = "command:";
/// Before the topic of a subscription that one can sign in for.
pub(super) const SIGN_IN: &str = "sign-in:";
/// Before the key of a window's run.
pub(super) const RUN: &str = "window-run:";
/// Before the word of a snooze.
pub(super) const SNOOZE: &str = "snooze:";

const DOABLE: Kind = Kind::Entry { enabled: true };

/// The menu of that model, from top to bottom. Failing commands that are `shown` already keep their order, and newer ones come above them:
/// each message of a command would else move its line.
pub(super) fn menu(model: &TrayModel, shown: &[Line]) -> Vec<Line> {
    let rule = |id: &str| Line::new(id, "", Kind::Separator);
    let mut lines = vec![Line::new("headline", &model.headline, Kind::Words)];
    let explanation = model.explanation.as_deref().map(cut).unwrap_or_default();
    let explained = explanation.into_iter().enumerate();
    lines.extend(explained.map(|(at, line)| Line::new(format!("explanation {at}"), line, Kind::Words)));
    if !model.failing.is_empty() {
        lines.push(rule("before the failing"));
    }
    let failing =
        model.failing.iter().map(|line| Line::new(format!("{COMMAND}{}", line.command_id), &line.text, DOABLE));
    let mut failing: Vec<_> = failing.collect();
    failing.sort_by_key(|line| shown.iter().position(|other| other.stays(line)));
    lines.extend(failing);
    if let Some(window) = &model.window {
        lines.push(rule("before the window"));
        lines.push(Line::new(format!("{RUN}{}", window.run), &window.text, DOABLE));
    }
    if let Some(sign_in) = &model.sign_in {
        lines.push(rule("before the sign-in"));
        lines.push(Line::new(format!("{SIGN_IN}{}", sign_in.topic_arn), &sign_in.text, DOABLE));
    }
    lines.push(rule("before what can always be done"));
    lines.push(Line::new(ACKNOWLEDGE, "Acknowledge all", Kind::Entry { enabled: model.can_acknowledge }));
    lines.push(Line::new("snooze", "Snooze", Kind::Snoozes));
    lines.push(Line::new(OPEN, "Open Watchbell", DOABLE));
    lines.push(Line::new(QUIT, "Quit", DOABLE));
    lines
}

/// The menu of snoozes of that model.
pub(super) fn snoozes(model: &TrayModel) -> Vec<Line> {
    let choice = |line: &SnoozeLine| {
        let kind = Kind::Choice { checked: line.checked };
        Line::new(format!("{SNOOZE}{}", line.choice.as_str()), line.choice.label(), kind)
    };
    let mut lines: Vec<_> = model.snoozes.iter().map(choice).collect();
    if model.snoozed.is_some() {
        lines.push(Line::new("before the way back", "", Kind::Separator));
        lines.push(Line::new(WAKE, "Wake now", DOABLE));
    }
    lines
}

/// Cut where words end: a menu is as wide as its longest line, and panels draw no line breaks.
fn cut(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDEST => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use jiff::Zoned;
    use watchbell_core::tray::{FailingLine, TrayInput, tray_model};

    use super::*;

    /// What the steps make of the lines that are shown, each line with the place it had at first.
    fn followed(shown: &[Line], steps: &[Step]) -> Vec<(Line, Option<usize>)> {
        let mut lines: Vec<_> = shown.iter().cloned().enumerate().map(|(at, line)| (line, Some(at))).collect();
        for step in steps {
            match step {
                Step::Remove(at) => drop(lines.remove(*at)),
                Step::Insert(at, line) => lines.insert(*at, (line.clone(), None)),
                Step::Change(at, line) => lines[*at].0 = line.clone(),
            }
        }
        lines
    }

    fn list(ids: &[u8]) -> Vec<Line> {
        ids.iter().map(|id| Line::new(format!("{COMMAND}{id}"), format!("{id} failed"), DOABLE)).collect()
    }

    #[test]
    fn the_steps_lead_from_any_lines_to_any_others() {
        // Every way to draw up to four of five lines, to every other.
        let mut lists = vec![vec![]];
        for _ in 0..4 {
            let longer: Vec<Vec<u8>> = lists
                .iter()
                .flat_map(|ids| (0..5).filter(|id| !ids.contains(id)).map(|id| [ids.as_slice(), &[id]].concat()))
                .collect();
            lists.extend(longer);
            lists.sort_unstable();
            lists.dedup();
        }
        assert_eq!(lists.len(), 1 + 5 + 20 + 60 + 120);
        for shown in &lists {
            for wanted in &lists {
                let (shown, wanted) = (list(shown), list(wanted));
                let now: Vec<_> = followed(&shown, &steps(&shown, &wanted)).into_iter().map(|(line, _)| line).collect();
                assert_eq!(now, wanted);
            }
        }
    }

    #[test]
    fn a_newer_failure_makes_no_other_line_anew() {
        let (shown, wanted) = (list(&[3, 2, 1]), list(&[4, 3, 2]));
        let now = followed(&shown, &steps(&shown, &wanted));
        let came_from: Vec<_> = now.into_iter().map(|(_, place)| place).collect();
        assert_eq!(came_from, [None, Some(0), Some(1)]);
    }

    #[test]
    fn a_command_that_is_heard_from_again_stays_where_it_is() {
        let model = |ids: &[&str]| {
            let line = |id: &&str| FailingLine { command_id: (*id).into(), text: "1 failed".into() };
            TrayModel {
                failing: ids.iter().map(line).collect(),
                ..tray_model(&TrayInput::default(), &Zoned::default())
            }
        };
        let commands = |lines: &[Line]| -> Vec<String> {
            lines.iter().filter_map(|line| line.id.strip_prefix(COMMAND).map(str::to_owned)).collect()
        };
        let before = menu(&model(&["a", "b", "c"]), &[]);
        assert_eq!(commands(&before), ["a", "b", "c"], "the newest first");
        let after = menu(&model(&["c", "d", "a", "b"]), &before);
        assert_eq!(commands(&after), ["d", "a", "b", "c"]);
        assert_eq!(steps(&before, &after).len(), 1, "one line comes, and no other is touched");
    }

    #[test]
    fn other_words_and_another_mark_change_a_line_where_it_stands() {
        let shown = [Line::new(ACKNOWLEDGE, "Acknowledge all", Kind::Entry { enabled: false })];
        let wanted = [Line::new(ACKNOWLEDGE, "Acknowledge all", DOABLE)];
        assert_eq!(steps(&shown, &wanted), [Step::Change(0, wanted[0].clone())]);
        assert_eq!(steps(&wanted, &wanted), []);
    }

    #[test]
    fn an_explanation_is_cut_where_words_end_and_loses_none() {
        let text = "Could not reach AWS. Check the network, VPN and proxy; Watchbell goes on trying by itself.";
        let lines = cut(text);
        assert_eq!(lines.join(" "), text, "no word is lost");
        assert!(
            lines.iter().all(|line| line.chars().count() <= WIDEST),
            "no line is wider than a menu should be: {lines:?}"
        );
        assert_eq!(cut(&"x".repeat(200)).len(), 1, "a word is never broken: an id must stay one");
    }
}
