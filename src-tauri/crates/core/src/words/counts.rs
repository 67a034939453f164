//! A command's nodes in numbers and words.
//!
//! **Invariant:** the numbers are those of [`Counts`], and the total is named for what it is: "of 200" where the number of
//! targets is known, "of 212 heard from" where it is not.

use super::detail::detail;
use crate::command::Counts;
use crate::status::Status;

/// What is wrong, in numbers: "7 failed, 5 timed out of 200", "1 failed, 449 not run (stopped by max-errors)".
/// Empty when no node is in trouble.
pub fn trouble(counts: &Counts, target_count: Option<u32>) -> String {
    let mut parts = Vec::new();
    if counts.failed > 0 {
        parts.push(format!("{} failed", counts.failed));
    }
    if counts.timed_out > 0 {
        parts.push(format!("{} timed out", counts.timed_out));
    }
    if counts.not_run > 0 {
        // Where the two kinds of trouble make up the whole, "of 450" would only repeat their sum.
        let whole = target_count.unwrap_or(counts.heard()) == counts.failing().saturating_add(counts.not_run);
        let of = if whole { String::new() } else { of_total(counts, target_count) };
        if let Some(last) = parts.last_mut() {
            last.push_str(&of);
        }
        parts.push(format!("{} not run (stopped by max-errors)", counts.not_run));
    } else if let Some(last) = parts.last_mut() {
        last.push_str(&of_total(counts, target_count));
    }
    parts.join(", ")
}

/// One line about a command in whatever state it is: "7 failed, 5 timed out of 200", "running, 12 of 40 done",
/// "200 of 200 succeeded", "failed" (heard of the command alone).
pub fn progress(counts: &Counts, target_count: Option<u32>, state: &Status) -> String {
    let trouble = trouble(counts, target_count);
    if !trouble.is_empty() {
        return trouble;
    }
    if counts.heard() == 0 {
        return detail(state, None);
    }
    let of = of_total(counts, target_count);
    match state {
        Status::Failed => format!("the command failed, {} succeeded{of}", counts.success),
        Status::TimedOut => format!("the command timed out, {} succeeded{of}", counts.success),
        Status::Cancelled if counts.cancelled == 0 => {
            format!("the command was cancelled, {} succeeded{of}", counts.success)
        }
        Status::Cancelled => format!("{} cancelled{of}", counts.cancelled),
        Status::Success => format!("{} succeeded", of_total_after(counts.success, &of)),
        Status::Other(_) => format!("{} in an unknown state{of}", counts.other),
        Status::Pending | Status::InProgress => {
            let done = counts.success.saturating_add(counts.cancelled);
            format!("running, {} done", of_total_after(done, &of))
        }
    }
}

fn of_total(counts: &Counts, target_count: Option<u32>) -> String {
    match target_count {
        // More nodes than targets can be heard from only when a message lied; the greater number is the safer one.
        Some(total) if total >= counts.heard() => format!(" of {total}"),
        _ => format!(" of {} heard from", counts.heard()),
    }
}

fn of_total_after(count: u32, of: &str) -> String {
    format!("{count}{of}")
}

#[cfg(test)]
mod tests {
    use super::{progress, trouble};
    use crate::command::Counts;
    use crate::status::Status;
    use rstest::rstest;

    const NONE: Counts =
        Counts { pending: 0, in_progress: 0, success: 0, failed: 0, timed_out: 0, cancelled: 0, not_run: 0, other: 0 };

    #[rstest]
    #[case(Counts { success: 188, failed: 7, timed_out: 5, ..NONE }, Some(200), "7 failed, 5 timed out of 200")]
    #[case(Counts { success: 200, failed: 7, timed_out: 5, ..NONE }, None, "7 failed, 5 timed out of 212 heard from")]
    #[case(Counts { failed: 1, not_run: 449, ..NONE }, None, "1 failed, 449 not run (stopped by max-errors)")]
    #[case(Counts { failed: 1, not_run: 449, ..NONE }, Some(450), "1 failed, 449 not run (stopped by max-errors)")]
    #[case(Counts { success: 186, failed: 7, timed_out: 5, not_run: 2, ..NONE }, None,
        "7 failed, 5 timed out of 200 heard from, 2 not run (stopped by max-errors)")]
    #[case(Counts { not_run: 3, ..NONE }, Some(9), "3 not run (stopped by max-errors)")]
    #[case(Counts { failed: 3, ..NONE }, Some(2), "3 failed of 3 heard from")]
    #[case(Counts { success: 3, ..NONE }, Some(3), "")]
    fn trouble_is_counted_of_what_is_known(#[case] counts: Counts, #[case] targets: Option<u32>, #[case] words: &str) {
        assert_eq!(trouble(&counts, targets), words, "the numbers and their total are the true ones");
    }

    #[rstest]
    #[case(Counts { success: 12, in_progress: 28, ..NONE }, Some(40), Status::InProgress, "running, 12 of 40 done")]
    #[case(Counts { success: 200, ..NONE }, Some(200), Status::Success, "200 of 200 succeeded")]
    #[case(Counts { success: 12, ..NONE }, None, Status::Success, "12 of 12 heard from succeeded")]
    #[case(Counts { success: 3, cancelled: 2, ..NONE }, Some(9), Status::Cancelled, "2 cancelled of 9")]
    #[case(Counts { success: 3, ..NONE }, Some(3), Status::Failed, "the command failed, 3 succeeded of 3")]
    #[case(NONE, Some(3), Status::TimedOut, "timed out")]
    #[case(Counts { other: 1, ..NONE }, None, Status::Other("unknown".into()), "1 in an unknown state of 1 heard from")]
    fn every_state_has_a_line(
        #[case] counts: Counts,
        #[case] targets: Option<u32>,
        #[case] state: Status,
        #[case] words: &str,
    ) {
        assert_eq!(progress(&counts, targets, &state), words, "a row says how far the command is");
    }
}
