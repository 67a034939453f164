//! What is told at a window's end: once, quietly, with what a person needs to decide whether to get up.
//!
//! **Invariant:** the words are a function of the numbers; every number has its noun. Never here: when a run has ended.

use serde::{Deserialize, Serialize};

use super::current::Progress;
use super::status::RunStatus;
use crate::policy::{AlertText, Urgency};
use crate::words::{clean, clean_to, document_name, plural};

/// One run as it stood when it had ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The window's name, or its id.
    pub name: String,
    /// How SSM says that it ended; absent where only its time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RunStatus>,
    /// Its nodes.
    pub progress: Progress,
    /// Commands whose own status failed or timed out while none of their nodes was heard to.
    pub commands_failed: u32,
    /// Nodes that were cut off ([`super::was_cut_off`]).
    pub cut_off: u32,
    /// The command with the most failing nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<Worst>,
}

/// The command with the most failing nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worst {
    /// Its document.
    pub document: String,
    /// Its nodes that failed or timed out.
    pub failing: u32,
}

impl Report {
    /// The alert that tells it: normal urgency and no sound, because each failure rang by itself.
    pub fn text(&self) -> AlertText {
        AlertText { title: self.title(), body: self.body(), urgency: Urgency::Normal, sound: false }
    }

    fn title(&self) -> String {
        let Progress { commands, known, failed, timed_out, .. } = self.progress;
        let mut parts = vec![plural(commands, "command")];
        if known > 0 {
            parts.push(plural(known, "node"));
        }
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        if timed_out > 0 {
            parts.push(format!("{timed_out} timed out"));
        }
        if failed + timed_out == 0 {
            parts.push(match self.commands_failed {
                0 => "none failed".to_owned(),
                several => format!("{} failed", plural(several, "command")),
            });
        }
        clean(&format!("{} ended: {}", clean_to(&self.name, 48), parts.join(", ")))
    }

    fn body(&self) -> String {
        let Progress { done, known, complete, .. } = self.progress;
        let mut sentences = Vec::new();
        if let Some(worst) = self.worst.as_ref().filter(|worst| worst.failing > 0) {
            sentences.push(format!("Worst: {}, {}.", document_name(&worst.document), plural(worst.failing, "node")));
        }
        if self.cut_off > 0 {
            let were = if self.cut_off == 1 { "was" } else { "were" };
            let how = match &self.status {
                Some(RunStatus::TimedOut) => "cut off",
                _ => "cancelled or timed out after the cutoff",
            };
            sentences.push(format!("{} {were} {how}.", plural(self.cut_off, "node")));
        }
        match known.saturating_sub(done) {
            0 => {}
            1 => sentences.push("1 node has not told its end.".to_owned()),
            several => sentences.push(format!("{several} nodes have not told their end.")),
        }
        if known > 0 && !complete {
            sentences.push("How many nodes were meant is not known for every command.".to_owned());
        }
        match &self.status {
            Some(RunStatus::TimedOut) => sentences.push("SSM says that the window timed out.".to_owned()),
            Some(RunStatus::Failed) => sentences.push("SSM says that the window failed.".to_owned()),
            Some(RunStatus::Cancelled) => sentences.push("SSM says that the window was cancelled.".to_owned()),
            _ => {}
        }
        if sentences.is_empty() {
            sentences.push(match known {
                0 => "SSM reports these commands without their nodes.".to_owned(),
                _ => "Every node has told its end.".to_owned(),
            });
        }
        sentences.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            name: "Sunday patch".into(),
            status: Some(RunStatus::TimedOut),
            progress: Progress { commands: 3, done: 195, known: 200, complete: true, failed: 9, timed_out: 3 },
            commands_failed: 0,
            cut_off: 3,
            worst: Some(Worst { document: "AWS-RunPatchBaseline".into(), failing: 9 }),
        }
    }

    #[test]
    fn a_report_says_what_and_how_many() {
        let calm = Progress { commands: 1, done: 4, known: 4, complete: true, failed: 0, timed_out: 0 };
        let reports = [
            report(),
            Report { status: Some(RunStatus::Success), progress: calm, cut_off: 0, worst: None, ..report() },
            Report { progress: Progress { complete: false, done: 199, ..report().progress }, status: None, ..report() },
            Report {
                progress: Progress { commands: 2, ..Progress::default() },
                commands_failed: 1,
                cut_off: 0,
                worst: None,
                status: Some(RunStatus::Failed),
                ..report()
            },
        ];
        let said = reports.map(|report| {
            let text = report.text();
            format!("{}\n  {}", text.title, text.body)
        });
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn a_report_is_quiet() {
        let text = report().text();
        assert_eq!((text.urgency, text.sound), (Urgency::Normal, false), "each failure rang by itself already");
    }
}
