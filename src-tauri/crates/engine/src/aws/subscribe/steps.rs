//! The steps of a subscription as a person and a script read them (`subscribe --json`).
//!
//! **Invariant:** a step stands in the list once; the listener hears of it each time its state is found out or changes.

use serde::Serialize;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It would be done (`--dry-run`).
    Planned,
    /// It takes its time; only who listens hears of it, and no list keeps it.
    Running,
    /// It was done now.
    Done,
    /// It was as wished already; nothing was written.
    Unchanged,
    /// AWS refused, or could not be reached.
    Failed,
    /// It was done now, and taken back because a later step failed or the person interrupted.
    Undone,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `identity`, `topic`, `queue`, `policy`, `tags`, `subscription` or `verify`.
    pub name: &'static str,
    /// What became of it.
    pub state: StepState,
    /// What was, or would be, done, in a few words.
    pub detail: String,
}

/// Hears of each step as it ends, and again when it is taken back.
pub(super) type Progress<'a> = dyn FnMut(&Step) + Send + 'a;

/// The list under way, and who listens to it.
pub(crate) struct Steps<'a> {
    list: Vec<Step>,
    progress: &'a mut Progress<'a>,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(progress: &'a mut Progress<'a>) -> Self {
        Self { list: Vec::new(), progress }
    }

    pub(crate) fn add(&mut self, name: &'static str, state: StepState, detail: impl Into<String>) {
        let step = Step { name, state, detail: detail.into() };
        (self.progress)(&step);
        self.list.push(step);
    }

    /// Tells why the step under way takes its time.
    pub(crate) fn waits(&mut self, name: &'static str, why: impl Into<String>) {
        (self.progress)(&Step { name, state: StepState::Running, detail: why.into() });
    }

    /// Whether something has been written so far.
    pub(crate) fn changed(&self) -> bool {
        self.list.iter().any(|step| step.state == StepState::Done)
    }

    /// The list so far, and who listens.
    pub(crate) fn parts(&mut self) -> (&mut [Step], &mut Progress<'a>) {
        (&mut self.list, self.progress)
    }

    pub(crate) fn into_list(self) -> Vec<Step> {
        self.list
    }
}

/// Marks what had been done under this name as taken back.
pub(super) fn undone(list: &mut [Step], name: &str, progress: &mut Progress<'_>) {
    for step in list.iter_mut().filter(|step| step.name == name && step.state == StepState::Done) {
        step.state = StepState::Undone;
        progress(step);
    }
}
