//! `status`: can Watchbell hear, and what waits for a person?
//!
//! **Invariant:** blind wins: a script that asks for failures is never told "healthy" by a deaf engine.

use jiff::tz::TimeZone;
use watchbell_core::health::Health;
use watchbell_engine::error::Code;
use watchbell_engine::paths::DataDir;
use watchbell_engine::view::{EngineState, StatusReport};
use watchbell_engine::{clock, control};

use super::subscriptions;
use crate::args::Global;
use crate::ended::{Answer, Ended};
use crate::output::{self, Out};

/// Prints the report; the exit code is the answer.
pub(super) async fn run(global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let report = control::status(&dir).await?;
    if out.is_json() {
        out.document(&document(&report, &dir).map_err(std::io::Error::from)?)?;
    } else {
        out.text(&output::status::text(&report, clock::now(), &TimeZone::system()))?;
        out.notes(&subscriptions::hears_less(&dir));
    }
    Ok(answer(&report))
}

/// The report, with what each subscription was asked to send.
fn document(report: &StatusReport, dir: &DataDir) -> serde_json::Result<serde_json::Value> {
    let filters = subscriptions::filters(dir);
    let filter_of = |topic: &str| filters.iter().find(|(held, _)| held.as_str() == topic).map(|(_, filter)| *filter);
    let mut document = serde_json::to_value(report)?;
    for line in document["subscriptions"].as_array_mut().into_iter().flatten() {
        if let Some(filter) = line["topic_arn"].as_str().and_then(filter_of) {
            line["filter"] = serde_json::to_value(filter)?;
        }
    }
    Ok(document)
}

/// 7 blind or no engine, else 1 failures unacknowledged, else 0.
fn answer(report: &StatusReport) -> Answer {
    if report.engine == EngineState::Stopped || report.health == Health::Blind {
        Answer::Is(Code::Blind)
    } else if report.unacknowledged > 0 {
        Answer::Is(Code::No)
    } else {
        Answer::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blind_outranks_failing_and_failing_outranks_healthy() {
        let cases = [
            (EngineState::Running, Health::Ok, 0, Answer::Done),
            (EngineState::Running, Health::Failing, 2, Answer::Is(Code::No)),
            (EngineState::Running, Health::Blind, 2, Answer::Is(Code::Blind)),
            (EngineState::Stopped, Health::Blind, 0, Answer::Is(Code::Blind)),
        ];
        for (engine, health, unacknowledged, expected) in cases {
            let report = StatusReport {
                engine,
                health,
                unacknowledged,
                quarantined: 0,
                snoozed_until: None,
                quiet_until: None,
                subscriptions: Vec::new(),
                gaps: Vec::new(),
                problems: Vec::new(),
            };
            assert_eq!(answer(&report), expected, "{engine:?}, {health:?}, {unacknowledged} unacknowledged");
        }
    }
}
