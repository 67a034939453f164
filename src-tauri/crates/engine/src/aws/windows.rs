//! Maintenance windows as SSM's API tells them: the windows, their executions, and which commands those sent.
//!
//! **Invariants:** one call at a time; what SSM told once to its end is never asked again; a denial ends the look at once
//! and names every action that is missing. `Parameters` of an invocation (often with secrets) are read over and never kept.
//!
//! Never here: when to look ([`crate::engine`]), and what a run is ([`watchbell_core::window`]).

mod convert;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{MaintenanceWindowFilter, MaintenanceWindowTaskType};
use jiff::{SignedDuration, Timestamp};
use watchbell_core::health::SubscriptionState;

use super::refusal::{Refusal, refusal};
use crate::error::{Code, Problem};
use crate::store::{ToldExecution, WindowDefinition, WindowReading, WindowsKnown, may_have_run};

/// How far back the first look goes. SSM keeps executions for 30 days.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How far back a later look goes beyond the one before: a run may last a day, and end late.
const OVERLAP: SignedDuration = SignedDuration::from_hours(26);
/// The most things of one kind that are read at once; a page holds at most 100.
const MOST: usize = 1_000;

/// Which account and region are asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account of the credentials.
    pub account: String,
    /// The region of the topic, which is that of its commands.
    pub region: String,
}

/// When to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// As usual.
    Usual,
    /// After a pause that grows: SSM was too busy, or not to be reached.
    Later,
    /// In half a day: we may not.
    Rarely,
}

/// What a look brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// For the history.
    pub reading: WindowReading,
    /// When to ask again.
    pub again: Again,
}

/// Looks once. What was read before a refusal is kept.
pub async fn look(ssm: &Client, place: &Place, known: &WindowsKnown, now: Timestamp) -> Look {
    let mut reading = WindowReading {
        account: place.account.clone(),
        region: place.region.clone(),
        definitions: None,
        executions: Vec::new(),
        problem: None,
    };
    let again = match read(ssm, place, known, now, &mut reading).await {
        Ok(()) => Again::Usual,
        Err(refused) => {
            // Who is signed out signs in again, and a denial stays.
            let passes = refused.transient || refused.state == SubscriptionState::SignedOut;
            let again = if passes { Again::Later } else { Again::Rarely };
            reading.problem = Some(in_words(refused, place));
            again
        }
    };
    Look { reading, again }
}

async fn read(
    ssm: &Client,
    place: &Place,
    known: &WindowsKnown,
    now: Timestamp,
    reading: &mut WindowReading,
) -> Result<(), Refusal> {
    let windows = definitions(ssm).await?;
    let back = |span| now.checked_sub(span).unwrap_or(now);
    let first = back(FIRST_LOOK);
    let since = known.looked_at.and_then(|at| at.checked_sub(OVERLAP).ok()).map_or(first, |at| at.max(first));
    let asked = windows.iter().filter(|window| {
        known.open.contains(&window.window_id)
            || known.looked_at.is_none()
            || (window.enabled && may_have_run(window, since, now))
    });
    let asked: Vec<String> = asked.map(|window| window.window_id.clone()).collect();
    reading.definitions = Some(windows);
    for window_id in asked {
        for mut execution in executions(ssm, place, &window_id, since).await? {
            if known.whole.contains(&execution.execution_id) {
                continue;
            }
            execution.command_ids = commands(ssm, &execution.execution_id).await?;
            reading.executions.push(execution);
        }
    }
    Ok(())
}

async fn definitions(ssm: &Client) -> Result<Vec<WindowDefinition>, Refusal> {
    let mut pages = ssm.describe_maintenance_windows().max_results(100).into_paginator().items().send();
    let mut windows = Vec::new();
    while let Some(window) = pages.next().await {
        let window = window.map_err(|error| refusal("ssm:DescribeMaintenanceWindows", "*", &error))?;
        windows.extend(convert::definition(window));
        if windows.len() >= MOST {
            break;
        }
    }
    Ok(windows)
}

async fn executions(
    ssm: &Client,
    place: &Place,
    window_id: &str,
    since: Timestamp,
) -> Result<Vec<ToldExecution>, Refusal> {
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let after = MaintenanceWindowFilter::builder().key("ExecutedAfter").values(since).build();
    let mut pages = ssm
        .describe_maintenance_window_executions()
        .window_id(window_id)
        .filters(after)
        .max_results(100)
        .into_paginator()
        .items()
        .send();
    let resource = format!("arn:aws:ssm:{}:{}:maintenancewindow/{window_id}", place.region, place.account);
    let mut told = Vec::new();
    while let Some(execution) = pages.next().await {
        let execution =
            execution.map_err(|error| refusal("ssm:DescribeMaintenanceWindowExecutions", &resource, &error))?;
        told.extend(convert::execution(window_id, &execution));
        if told.len() >= MOST {
            break;
        }
    }
    Ok(told)
}

/// The ids of the commands that an execution sent: `ExecutionId` of the invocations of its `RUN_COMMAND` tasks.
async fn commands(ssm: &Client, execution_id: &str) -> Result<Vec<String>, Refusal> {
    let operation = "ssm:DescribeMaintenanceWindowExecutionTasks";
    let mut pages = ssm
        .describe_maintenance_window_execution_tasks()
        .window_execution_id(execution_id)
        .max_results(100)
        .into_paginator()
        .items()
        .send();
    let mut tasks = Vec::new();
    while let Some(task) = pages.next().await {
        let task = task.map_err(|error| refusal(operation, "*", &error))?;
        if task.task_type == Some(MaintenanceWindowTaskType::RunCommand) {
            tasks.extend(task.task_execution_id);
        }
    }
    let operation = "ssm:DescribeMaintenanceWindowExecutionTaskInvocations";
    let mut commands = BTreeSet::new();
    for task in tasks {
        let mut pages = ssm
            .describe_maintenance_window_execution_task_invocations()
            .window_execution_id(execution_id)
            .task_id(task)
            .max_results(100)
            .into_paginator()
            .items()
            .send();
        while let Some(invocation) = pages.next().await {
            let invocation = invocation.map_err(|error| refusal(operation, "*", &error))?;
            commands.extend(invocation.execution_id.filter(|id| !id.is_empty()));
            if commands.len() >= MOST {
                break;
            }
        }
    }
    Ok(commands.into_iter().collect())
}

/// A denial names every action at once, so that an administrator is asked once.
fn in_words(refused: Refusal, place: &Place) -> Problem {
    let Refusal { problem, state, .. } = refused;
    if state != SubscriptionState::Denied {
        return problem;
    }
    let Place { account, region } = place;
    Problem::new(
        Code::AwsRefused,
        format!("maintenance windows cannot be read: {}", problem.message),
        format!(
            "not needed for alerts; to see windows by name ask your administrator for: \
             [{{\"Effect\":\"Allow\",\"Action\":[\"ssm:DescribeMaintenanceWindows\",\
             \"ssm:DescribeMaintenanceWindowExecutionTasks\",\
             \"ssm:DescribeMaintenanceWindowExecutionTaskInvocations\"],\"Resource\":\"*\"}},\
             {{\"Effect\":\"Allow\",\"Action\":\"ssm:DescribeMaintenanceWindowExecutions\",\
             \"Resource\":\"arn:aws:ssm:{region}:{account}:maintenancewindow/*\"}}]"
        ),
    )
}
