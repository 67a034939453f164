//! Reads the events of EventBridge that speak of maintenance windows
//! (Systems Manager user guide, "Amazon EventBridge event examples for Systems Manager").
//!
//! **Invariant:** the ids in `detail` identify, `resources` is never read (the documented samples name another window
//! there). Keys that are not known are passed over; a type of event that is not known is no event.

use super::fields::{Fields, described, described_time, event_time, missing, optional_id, required_id};
use super::{Reason, ReasonKind, Wrapping};
use crate::arn::quotable;
use crate::window::{RunStatus, Subject, WindowEvent};

/// What the names of all these events begin with.
pub(super) const PREFIX: &str = "Maintenance Window ";

const EXECUTION: &str = "Maintenance Window Execution State-change Notification";
const TASK: &str = "Maintenance Window Task Execution State-change Notification";
const TARGET: &str = "Maintenance Window Task Target Invocation State-change Notification";
const WINDOW: &str = "Maintenance Window State-change Notification";
const TARGET_REGISTRATION: &str = "Maintenance Window Target Registration Notification";
const TASK_REGISTRATION: &str = "Maintenance Window Task Registration Notification";

/// Reads an event whose `source` is `aws.ssm` and whose type begins with [`PREFIX`].
pub(super) fn read(
    kind: &str,
    mut fields: Fields,
    mut detail: Fields,
    wrapping: Wrapping,
) -> Result<WindowEvent, Reason> {
    let execution_id = |detail: &mut Fields| required_id(detail, "window-execution-id");
    let subject = match kind {
        EXECUTION => Subject::Execution { execution_id: execution_id(&mut detail)? },
        TASK => Subject::Task {
            execution_id: execution_id(&mut detail)?,
            task_id: required_id(&mut detail, "task-execution-id")?,
        },
        TARGET => Subject::Target {
            execution_id: execution_id(&mut detail)?,
            task_id: required_id(&mut detail, "task-execution-id")?,
            target_id: optional_id(&mut detail, "window-target-id")?,
        },
        WINDOW => Subject::Window,
        TARGET_REGISTRATION => Subject::Registration { id: optional_id(&mut detail, "window-target-id")? },
        TASK_REGISTRATION => Subject::Registration { id: optional_id(&mut detail, "window-task-id")? },
        other => {
            return Err(Reason::new(
                ReasonKind::UnknownEvent,
                format!(
                    "It is an EventBridge event “{}” of Systems Manager. This version does not know that kind of \
                     event of a maintenance window; it is kept here for one that does.",
                    quotable(other)
                ),
            ));
        }
    };
    let status = optional_id(&mut detail, "status")?.ok_or_else(|| missing("status"))?;
    Ok(WindowEvent {
        account: required_id(&mut fields, "account")?,
        region: required_id(&mut fields, "region")?,
        window_id: required_id(&mut detail, "window-id")?,
        subject,
        status: RunStatus::parse(&status),
        event_time: event_time(&mut fields, "time")?,
        start: described_time(&mut detail, "start-time"),
        end: described_time(&mut detail, "end-time"),
        topic_arn: wrapping.topic_arn,
        message_id: match wrapping.message_id {
            None => described(&mut fields, "id")?,
            sns => sns,
        },
    })
}
