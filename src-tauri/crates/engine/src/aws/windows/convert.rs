//! From the SDK's types to the history's. What lacks its id is passed over: nobody could say what it is about.

use aws_sdk_ssm::primitives::DateTime;
use aws_sdk_ssm::types::{MaintenanceWindowExecution, MaintenanceWindowIdentity};
use jiff::{Timestamp, Zoned};
use watchbell_core::event::is_plausible;
use watchbell_core::window::RunStatus;

use crate::store::{ToldExecution, WindowDefinition};

pub(super) fn definition(of: MaintenanceWindowIdentity) -> Option<WindowDefinition> {
    let hours = |hours: i32| u32::try_from(hours).unwrap_or_default();
    let window_id = of.window_id?;
    Some(WindowDefinition {
        name: of.name.filter(|name| !name.is_empty()).unwrap_or_else(|| window_id.clone()),
        window_id,
        enabled: of.enabled,
        duration_hours: of.duration.map(hours).unwrap_or_default(),
        cutoff_hours: hours(of.cutoff),
        schedule: of.schedule,
        time_zone: of.schedule_timezone.filter(|zone| !zone.is_empty()),
        offset_days: of.schedule_offset.map(hours).filter(|days| *days > 0),
        start: of.start_date.filter(|date| !date.is_empty()),
        end: of.end_date.filter(|date| !date.is_empty()),
        next: of.next_execution_time.as_deref().and_then(time),
    })
}

pub(super) fn execution(window_id: &str, of: &MaintenanceWindowExecution) -> Option<ToldExecution> {
    Some(ToldExecution {
        window_id: window_id.to_owned(),
        execution_id: of.window_execution_id.clone()?,
        status: RunStatus::parse(of.status.as_ref()?.as_str()),
        start: of.start_time.as_ref().and_then(instant),
        end: of.end_time.as_ref().and_then(instant),
        command_ids: Vec::new(),
    })
}

fn instant(of: &DateTime) -> Option<Timestamp> {
    let nanos = i32::try_from(of.subsec_nanos()).unwrap_or_default();
    Timestamp::new(of.secs(), nanos).ok().filter(|at| is_plausible(*at))
}

/// `NextExecutionTime` comes with an offset, and in some answers with the zone's name behind it.
fn time(text: &str) -> Option<Timestamp> {
    let instant = text.parse::<Timestamp>().ok();
    instant.or_else(|| text.parse::<Zoned>().ok().map(|at| at.timestamp())).filter(|at| is_plausible(*at))
}
