//! Against answers of the shapes in AWS's SSM API reference: paged, denied, throttled, already known.

use aws_credential_types::Credentials;
use aws_sdk_ssm::config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sdk_ssm::error::ErrorMetadata;
use aws_sdk_ssm::operation::describe_maintenance_window_execution_task_invocations::DescribeMaintenanceWindowExecutionTaskInvocationsOutput as Invocations;
use aws_sdk_ssm::operation::describe_maintenance_window_execution_tasks::DescribeMaintenanceWindowExecutionTasksOutput as Tasks;
use aws_sdk_ssm::operation::describe_maintenance_window_executions::{
    DescribeMaintenanceWindowExecutionsError, DescribeMaintenanceWindowExecutionsOutput as Executions,
};
use aws_sdk_ssm::operation::describe_maintenance_windows::{
    DescribeMaintenanceWindowsError, DescribeMaintenanceWindowsOutput as Windows,
};
use aws_sdk_ssm::primitives::DateTime;
use aws_sdk_ssm::types::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionStatus, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocationIdentity, MaintenanceWindowIdentity, MaintenanceWindowTaskType,
};
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, create_mock_http_client, mock};
use watchbell_core::window::RunStatus;

use super::*;

const NOW: i64 = 1_795_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

fn place() -> Place {
    Place { account: "123456789012".into(), region: "eu-central-1".into() }
}

fn client(rules: &[&Rule]) -> Client {
    let answers = rules.iter().fold(MockResponseInterceptor::new(), |answers, rule| answers.with_rule(rule));
    let config = aws_sdk_ssm::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "s", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(create_mock_http_client())
        .interceptor(answers.rule_mode(RuleMode::MatchAny))
        .build();
    Client::from_conf(config)
}

fn window(number: u32) -> MaintenanceWindowIdentity {
    MaintenanceWindowIdentity::builder()
        .window_id(format!("mw-{number:017x}"))
        .name(format!("Window {number}"))
        .enabled(true)
        .duration(4)
        .cutoff(1)
        .schedule("cron(0 2 ? * * *)")
        .next_execution_time("2026-11-24T02:00Z")
        .build()
}

fn execution(id: &str, status: MaintenanceWindowExecutionStatus) -> MaintenanceWindowExecution {
    MaintenanceWindowExecution::builder()
        .window_id("mw-00000000000000001")
        .window_execution_id(id)
        .status(status)
        .start_time(DateTime::from_secs_f64(1_794_990_000.483))
        .end_time(DateTime::from_secs(NOW - 600))
        .build()
}

fn windows(numbers: &'static [u32]) -> Rule {
    mock!(Client::describe_maintenance_windows).then_output(move || {
        Windows::builder().set_window_identities(Some(numbers.iter().map(|one| window(*one)).collect())).build()
    })
}

fn executions() -> Rule {
    mock!(Client::describe_maintenance_window_executions).then_output(|| {
        Executions::builder()
            .window_executions(execution("e-1", MaintenanceWindowExecutionStatus::Success))
            .window_executions(execution("e-2", MaintenanceWindowExecutionStatus::InProgress))
            .build()
    })
}

fn tasks() -> Rule {
    let task = |id: &str, kind| {
        MaintenanceWindowExecutionTaskIdentity::builder().task_execution_id(id).task_type(kind).build()
    };
    mock!(Client::describe_maintenance_window_execution_tasks).then_output(move || {
        Tasks::builder()
            .window_execution_task_identities(task("t-1", MaintenanceWindowTaskType::RunCommand))
            .window_execution_task_identities(task("t-2", MaintenanceWindowTaskType::Lambda))
            .build()
    })
}

fn invocations() -> Rule {
    let invocation = |command: &str| {
        MaintenanceWindowExecutionTaskInvocationIdentity::builder()
            .execution_id(command)
            .parameters("{\"parameters\":{\"commands\":[\"echo hunter2\"]}}")
            .build()
    };
    mock!(Client::describe_maintenance_window_execution_task_invocations)
        .match_requests(|asked| asked.task_id() == Some("t-1"))
        .then_output(move || {
            Invocations::builder()
                .window_execution_task_invocation_identities(invocation("c-1"))
                .window_execution_task_invocation_identities(invocation("c-1"))
                .window_execution_task_invocation_identities(invocation("c-2"))
                .build()
        })
}

#[tokio::test]
async fn windows_executions_and_their_commands_are_read() {
    let (windows, executions, tasks, invocations) = (windows(&[1]), executions(), tasks(), invocations());
    let ssm = client(&[&windows, &executions, &tasks, &invocations]);
    let Look { reading, again } = look(&ssm, &place(), &WindowsKnown::default(), at(0)).await;
    assert_eq!((again, &reading.problem), (Again::Usual, &None), "all of it could be read");
    assert!(!format!("{reading:?}").contains("hunter2"), "command text is never kept");
    let definition = &reading.definitions.as_ref().unwrap()[0];
    assert_eq!((definition.name.as_str(), definition.duration_hours, definition.cutoff_hours), ("Window 1", 4, 1));
    assert_eq!(definition.next, Some("2026-11-24T02:00:00Z".parse().unwrap()), "a time without seconds is read");
    let told: Vec<_> = reading.executions.iter().map(|one| (&*one.execution_id, &one.status)).collect();
    assert_eq!(told, [("e-1", &RunStatus::Success), ("e-2", &RunStatus::InProgress)], "each execution");
    assert_eq!(reading.executions[0].command_ids, ["c-1", "c-2"], "each command once, of RUN_COMMAND tasks alone");
    assert_eq!(reading.executions[0].start.unwrap().as_millisecond(), 1_794_990_000_483, "to the millisecond");
}

#[tokio::test]
async fn what_was_told_to_its_end_is_not_asked_again() {
    let (windows, executions, tasks, invocations) = (windows(&[1]), executions(), tasks(), invocations());
    let ssm = client(&[&windows, &executions, &tasks, &invocations]);
    let known = WindowsKnown { whole: ["e-1".to_owned()].into(), ..WindowsKnown::default() };
    let Look { reading, .. } = look(&ssm, &place(), &known, at(0)).await;
    let told: Vec<_> = reading.executions.iter().map(|one| &*one.execution_id).collect();
    assert_eq!(told, ["e-2"], "a finished run does not change any more");
    assert_eq!(tasks.num_calls(), 1, "and costs no call");
}

#[tokio::test]
async fn windows_that_cannot_have_run_are_not_asked() {
    let executions = executions();
    let yearly = mock!(Client::describe_maintenance_windows).then_output(|| {
        let mut window = window(1);
        window.schedule = Some("cron(0 2 1 1 ? *)".into());
        Windows::builder().window_identities(window).build()
    });
    let ssm = client(&[&yearly, &executions]);
    let known = WindowsKnown { looked_at: Some(at(-1800)), ..WindowsKnown::default() };
    let Look { reading, again } = look(&ssm, &place(), &known, at(0)).await;
    assert_eq!((again, reading.executions.len()), (Again::Usual, 0), "it is listed and nothing more");
    assert_eq!(executions.num_calls(), 0, "a window that was not open has no new executions");
}

#[tokio::test]
async fn the_list_is_read_to_its_end() {
    let first = mock!(Client::describe_maintenance_windows)
        .match_requests(|asked| asked.next_token().is_none())
        .then_output(|| Windows::builder().window_identities(window(1)).next_token("2").build());
    let second = mock!(Client::describe_maintenance_windows)
        .match_requests(|asked| asked.next_token() == Some("2"))
        .then_output(|| Windows::builder().window_identities(window(2)).build());
    let none = mock!(Client::describe_maintenance_window_executions).then_output(|| Executions::builder().build());
    let ssm = client(&[&first, &second, &none]);
    let Look { reading, .. } = look(&ssm, &place(), &WindowsKnown::default(), at(0)).await;
    let names: Vec<_> = reading.definitions.iter().flatten().map(|one| &*one.name).collect();
    assert_eq!(names, ["Window 1", "Window 2"], "every page counts");
}

#[tokio::test]
async fn a_denial_says_every_action_at_once_and_is_asked_again_rarely() {
    let denied = mock!(Client::describe_maintenance_windows).then_error(|| {
        DescribeMaintenanceWindowsError::generic(ErrorMetadata::builder().code("AccessDeniedException").build())
    });
    let Look { reading, again } = look(&client(&[&denied]), &place(), &WindowsKnown::default(), at(0)).await;
    assert_eq!(again, Again::Rarely, "a denial does not heal by itself");
    assert_eq!(denied.num_calls(), 1, "one call tells it");
    assert_eq!(reading.definitions, None, "what was known before stays");
    insta::assert_json_snapshot!("denied", reading.problem);
}

#[tokio::test]
async fn who_is_signed_out_is_not_taken_for_denied() {
    let expired = mock!(Client::describe_maintenance_windows).then_error(|| {
        DescribeMaintenanceWindowsError::generic(ErrorMetadata::builder().code("ExpiredTokenException").build())
    });
    let looked = look(&client(&[&expired]), &place(), &WindowsKnown::default(), at(0)).await;
    assert_eq!(looked.again, Again::Later, "a sign-in is not half a day away");
}

#[tokio::test]
async fn what_was_read_before_a_throttling_is_kept() {
    let windows = windows(&[1]);
    let busy = mock!(Client::describe_maintenance_window_executions).then_error(|| {
        let meta = ErrorMetadata::builder().code("ThrottlingException").message("Rate exceeded").build();
        DescribeMaintenanceWindowExecutionsError::generic(meta)
    });
    let Look { reading, again } = look(&client(&[&windows, &busy]), &place(), &WindowsKnown::default(), at(0)).await;
    assert_eq!(again, Again::Later, "SSM is asked again after a pause");
    assert_eq!(reading.definitions.map(|windows| windows.len()), Some(1), "the names are known already");
    assert_eq!(reading.problem.map(|problem| problem.code), Some(Code::AwsUnreachable), "and it is said why");
}
