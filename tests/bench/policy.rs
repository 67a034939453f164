//! One decision of the alert policy: the group's step and the hall's, with twenty rules and quiet hours to ask.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use watchbell_core::command::Counts;
use watchbell_core::policy::{
    CommandView, Failing, GroupState, Hall, HallInput, Input, Settings, Step, step, step_hall,
};
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::{Rule, RuleBook};
use watchbell_core::status::Status;

/// Commands that fail in turn.
const COMMANDS: usize = 50;

/// Twenty rules: globs and expressions, the last of which keeps one node quiet.
pub(crate) fn rules() -> anyhow::Result<Vec<Rule>> {
    let rules = (0..19).map(|n| {
        let node = if n % 2 == 0 { format!("mi-{n:04}*") } else { format!("/^mi-{n}[0-9a-f]{{4}}$/") };
        serde_json::json!({"name": format!("Rule {n}"), "when": {"document": "Other-*", "node": node}, "then": "mute"})
    });
    let last = serde_json::json!({"name": "Last", "when": {"node": "/f{3}$/"}, "then": "quiet"});
    Ok(serde_json::from_value(serde_json::Value::Array(rules.chain([last]).collect()))?)
}

/// Nights on weekdays, and a document that breaks through.
pub(crate) fn quiet() -> anyhow::Result<QuietHours> {
    Ok(serde_json::from_value(serde_json::json!({
        "spans": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "22:00", "to": "07:00"}],
        "break_through": {"documents": ["AWS-RunPatch*"]},
    }))?)
}

/// One row of the table.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) fn measure(decisions: usize) -> anyhow::Result<String> {
    let book = RuleBook::compile(&rules()?).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let settings = Settings { rules: Arc::new(book), quiet: quiet()?, ..Settings::default() };
    let mut hall = Hall::default();
    let mut groups = vec![GroupState::default(); COMMANDS];
    let mut took = Vec::with_capacity(decisions);
    let mut now = Timestamp::new(1_795_000_000, 0)?;
    for number in 0..decisions {
        now += SignedDuration::from_millis(7);
        let at = number % COMMANDS;
        let failed = u32::try_from(number / COMMANDS + 1)?;
        let (id, node) = (format!("{at:08x}-91d2-4ce4-8b8c-ed5f02b60904"), format!("i-{number:017x}"));
        let counts = Counts { failed, success: 3 * failed, ..Counts::default() };
        let failing = [Failing { node_id: node.clone(), status: Status::Failed, detail: None, event_time: now }];
        let sample = [node];
        let view = CommandView {
            command_id: &id,
            document: Some("AWS-RunPatchBaseline"),
            counts: &counts,
            topic: Some("arn:aws:sns:eu-central-1:123456789012:patches"),
            target_count: None,
            expires_after: None,
            window: None,
            command_level: None,
            state: &Status::Failed,
            failing_sample: &sample,
            first_failing: None,
            simulated: false,
            rings_if_simulated: false,
        };
        let group = std::mem::take(&mut groups[at]);
        let input = Input::Changed { command: &view, failing: &failing, received_at: now };
        let began = Instant::now();
        let Step { hall: stepped, group, decisions, alert, .. } =
            step(std::mem::take(&mut hall), group, input, &settings, now);
        let settled = step_hall(stepped, HallInput::Tick, &settings, now);
        took.push(began.elapsed());
        black_box((decisions, alert, &settled.orders));
        groups[at] = group;
        hall = settled.hall;
    }
    took.sort_unstable();
    let micros = |at: usize| Duration::as_secs_f64(&took[(took.len() - 1) * at / 100]) * 1e6;
    Ok(format!(
        "| one decision, {decisions} of {COMMANDS} commands, 20 rules | median {:.2} \u{b5}s, p99 {:.2} \u{b5}s | none | 5 \u{b5}s at the median |",
        micros(50),
        micros(99)
    ))
}
