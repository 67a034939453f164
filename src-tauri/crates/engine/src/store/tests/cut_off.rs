//! What a window cut off: the store's SQL against the core's rule, over everything that a node can say.

use watchbell_core::window::{RunStatus, was_cut_off};

use super::windows::{definition, execution, run_key, told};
use super::*;

const CUTOFF: i64 = 2 * 3600;

fn body(number: u32, status: &str, detail: &str, seconds: i64) -> String {
    let inner = json!({
        "commandId": command_id(1), "documentName": "AWS-RunPatchBaseline", "instanceId": node_id(number),
        "requestedDateTime": at(3).to_string(), "status": status, "detailedStatus": detail,
        "eventTime": at(seconds).to_string(),
    });
    wrap(&inner.to_string())
}

/// Every status with every detail that it comes with, just before, at and after the cutoff.
fn bodies() -> Vec<String> {
    let said = [
        ("Success", "Success"),
        ("Failed", "Failed"),
        ("Failed", "Undeliverable"),
        ("Failed", "Terminated"),
        ("TimedOut", "TimedOut"),
        ("TimedOut", "ExecutionTimedOut"),
        ("TimedOut", "DeliveryTimedOut"),
        ("Cancelled", "Cancelled"),
        ("InProgress", "InProgress"),
    ];
    let times = [CUTOFF - 1, CUTOFF, CUTOFF + 60];
    let each = said.into_iter().flat_map(|(status, detail)| times.map(|time| (status, detail, time)));
    (1..).zip(each).map(|(number, (status, detail, time))| body(number, status, detail, time)).collect()
}

#[tokio::test]
async fn the_report_counts_by_the_core_s_rule() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(-600)).await;
    house.hear(&[execution(1, "IN_PROGRESS", 0, None)]).await;
    house.hear(&bodies()).await;
    let mut counted = Vec::new();
    for timed_out in [false, true] {
        if timed_out {
            house.tell(&[definition(1)], &[told(1, RunStatus::TimedOut, Some(3 * 3600), &[1])], at(3 * 3600)).await;
        }
        let report = Store::reader(&house.dir).unwrap().window(&run_key(1)).unwrap().unwrap();
        assert_eq!(report.window.cutoff, Some(at(CUTOFF)), "the cutoff is known");
        let (_, nodes) = &stored(&house.dir)[&command_id(1)];
        let by_core = nodes.iter().filter(|(_, held)| was_cut_off(held, report.window.cutoff, timed_out));
        let by_core: Vec<_> = by_core.map(|(node, _)| node.clone()).collect();
        let mut by_store: Vec<_> = report.cut_off.iter().map(|node| node.node_id.clone()).collect();
        by_store.sort();
        assert_eq!(by_store, by_core, "both name the same nodes, timed out as SSM says: {timed_out}");
        assert_eq!(report.window.cut_off as usize, by_core.len(), "and the count is that of the list");
        counted.push(by_core.len());
    }
    assert_eq!(
        counted,
        [6, 8],
        "SSM's word adds what was cancelled or timed out before, not what ran over its own time"
    );
}
