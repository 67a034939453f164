//! One understood message about a maintenance window: what EventBridge said at one instant
//! (Systems Manager user guide, "Amazon EventBridge event examples for Systems Manager").
//!
//! **Invariant:** every time here lies in the years 2010 to 2200 or is absent. No message about a window holds a command id
//! or the window's name.

use jiff::Timestamp;

use super::join::Said;
use super::status::RunStatus;
use crate::arn::TopicArn;

/// What one message says. Absent means that the message did not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowEvent {
    /// The account that the window is in.
    pub account: String,
    /// The region that the window is in.
    pub region: String,
    /// `mw-…`
    pub window_id: String,
    /// What it speaks of.
    pub subject: Subject,
    /// The status; of a window itself `ENABLED` or `DISABLED`, of a registration `REGISTERED` or `DEREGISTERED`.
    pub status: RunStatus,
    /// When it happened, to the whole second.
    pub event_time: Timestamp,
    /// When what it speaks of began.
    pub start: Option<Timestamp>,
    /// When that ended.
    pub end: Option<Timestamp>,
    /// The topic that the SNS envelope names; an event straight from EventBridge has none.
    pub topic_arn: Option<TopicArn>,
    /// The id of the publish: the SNS `MessageId`, or EventBridge's own `id`.
    pub message_id: Option<String>,
}

/// What a message about a window speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One run of the window.
    Execution {
        /// `window-execution-id`, a UUID.
        execution_id: String,
    },
    /// One task of a run.
    Task {
        /// The run.
        execution_id: String,
        /// `task-execution-id`, a UUID.
        task_id: String,
    },
    /// One target of a task of a run.
    Target {
        /// The run.
        execution_id: String,
        /// The task.
        task_id: String,
        /// `window-target-id`; absent where a task names its nodes itself.
        target_id: Option<String>,
    },
    /// The window was enabled or disabled.
    Window,
    /// A target or a task was registered with the window, or taken off it.
    Registration {
        /// `window-target-id` or `window-task-id`.
        id: Option<String>,
    },
}

impl Subject {
    /// The run that it is about, if it is about one.
    pub fn execution_id(&self) -> Option<&str> {
        match self {
            Self::Execution { execution_id } | Self::Task { execution_id, .. } | Self::Target { execution_id, .. } => {
                Some(execution_id)
            }
            Self::Window | Self::Registration { .. } => None,
        }
    }

    /// `execution`, `task`, `target`, `window` or `registration`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Execution { .. } => "execution",
            Self::Task { .. } => "task",
            Self::Target { .. } => "target",
            Self::Window => "window",
            Self::Registration { .. } => "registration",
        }
    }
}

impl WindowEvent {
    /// What it says of the run as a whole; nothing when it is about no run.
    pub fn said(&self) -> Option<Said> {
        self.subject.execution_id()?;
        Some(Said {
            of_execution: matches!(self.subject, Subject::Execution { .. }),
            status: self.status.clone(),
            at: self.event_time,
            start: self.start,
            end: self.end,
        })
    }
}
