//! What an alert says in every situation, as a person reads it.

use jiff::{Timestamp, ToSpan};
use watchbell_core::command::Counts;
use watchbell_core::join::LevelState;
use watchbell_core::policy::{CommandView, Settings, Window};
use watchbell_core::status::Status;
use watchbell_core::words;

const NODES: [&str; 3] = ["i-0c4e5a7be8f012391", "i-07aa11223344556bd", "mi-0123456789abcdef0"];

struct Case {
    what: &'static str,
    document: Option<&'static str>,
    counts: Counts,
    targets: Option<u32>,
    command: Option<Status>,
    detail: Option<&'static str>,
    /// Its window's cutoff, in minutes before the first node's time.
    cutoff: Option<i64>,
    /// SSM says that its window timed out.
    closed: bool,
}

fn case(what: &'static str, counts: Counts) -> Case {
    Case {
        what,
        document: Some("AWS-RunPatchBaseline"),
        counts,
        targets: None,
        command: None,
        detail: None,
        cutoff: None,
        closed: false,
    }
}

fn cases() -> Vec<Case> {
    let counts =
        |failed, timed_out, not_run, success| Counts { success, failed, timed_out, not_run, ..Counts::default() };
    vec![
        Case { detail: Some("ExecutionTimedOut"), ..case("one node over its time", counts(0, 1, 0, 3)) },
        Case { cutoff: Some(0), ..case("one node timed out at its window's cutoff", counts(0, 1, 0, 3)) },
        Case {
            cutoff: Some(-1),
            closed: true,
            ..case("one node in a window that SSM says timed out", counts(0, 1, 0, 3))
        },
        Case {
            cutoff: Some(-1),
            closed: true,
            detail: Some("ExecutionTimedOut"),
            ..case("one node over its own time in such a window", counts(0, 1, 0, 3))
        },
        Case { cutoff: Some(-1), ..case("one node timed out before its window's cutoff", counts(0, 1, 0, 3)) },
        Case { cutoff: Some(5), ..case("one node failed after its window's cutoff", counts(1, 0, 0, 3)) },
        Case {
            detail: Some("DeliveryTimedOut"),
            cutoff: Some(5),
            ..case("one node not reached by its window's cutoff", counts(0, 1, 0, 3))
        },
        Case { detail: Some("DeliveryTimedOut"), ..case("one node not reached in time", counts(0, 1, 0, 3)) },
        Case { detail: Some("Undeliverable"), ..case("one node not reached", counts(1, 0, 0, 3)) },
        Case {
            detail: Some("Failed"),
            command: Some(Status::Failed),
            ..case("one node and the command", counts(1, 0, 0, 0))
        },
        Case { targets: Some(200), ..case("the patch run, targets known", counts(7, 5, 0, 188)) },
        case("the patch run, targets unknown", counts(7, 5, 2, 186)),
        Case { command: Some(Status::Failed), ..case("both levels", counts(7, 5, 0, 188)) },
        case("stopped by max-errors", counts(1, 0, 449, 0)),
        Case { command: Some(Status::Failed), ..case("only never run", counts(0, 0, 3, 0)) },
        case("two", counts(2, 0, 0, 0)),
        case("three", counts(2, 1, 0, 9)),
        Case { command: Some(Status::Failed), ..case("the command alone", counts(0, 0, 0, 0)) },
        Case {
            command: Some(Status::TimedOut),
            targets: Some(3),
            ..case("the command alone, targets known", counts(0, 0, 0, 0))
        },
        Case { command: Some(Status::Failed), ..case("the command, its nodes well", counts(0, 0, 0, 40)) },
        Case { document: None, ..case("no document", counts(4, 0, 0, 0)) },
        Case {
            document: Some("arn:aws:ssm:us-east-1:123456789012:document/Shared-Patch"),
            ..case("a shared document", counts(4, 0, 0, 0))
        },
        Case { document: Some("<b>evil</b>\u{202e}\u{7}\nname"), ..case("a hostile name", counts(4, 0, 0, 0)) },
    ]
}

#[test]
fn alerts_say_what_how_many_and_where() {
    let mut said = Vec::new();
    for case in cases() {
        let sample: Vec<String> =
            NODES.iter().take(case.counts.failing() as usize).map(|node| (*node).to_owned()).collect();
        let level = case.command.map(|status| LevelState { status, detail: None, event_time: Timestamp::UNIX_EPOCH });
        let at = Timestamp::UNIX_EPOCH;
        let first = (case.counts.failing() > 0).then(|| LevelState {
            status: if case.counts.failed > 0 { Status::Failed } else { Status::TimedOut },
            detail: case.detail.map(str::to_owned),
            event_time: at,
        });
        let window = case.cutoff.map(|minutes| Window {
            name: "Sunday patch",
            cutoff: Some(at - minutes.minutes()),
            end: Some(at + 1.hour()),
            timed_out: case.closed,
        });
        let text = words::alert(
            &CommandView {
                topic: None,
                expires_after: None,
                window,
                command_id: "03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904",
                document: case.document,
                counts: &case.counts,
                target_count: case.targets,
                command_level: level.as_ref(),
                state: &Status::Failed,
                failing_sample: &sample,
                first_failing: first.as_ref(),
                simulated: false,
                rings_if_simulated: false,
            },
            &Settings::default(),
        );
        said.push(format!("# {} ({:?})\n{}\n{}\n", case.what, text.urgency, text.title, text.body));
    }
    insta::assert_snapshot!(said.concat());
}
