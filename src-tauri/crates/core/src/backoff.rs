//! How long to wait after a failure: exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").
//!
//! **Invariant:** a wait is never shorter than a tenth of `base` and never longer than `cap`.
//! Never here: a source of chance. The jitter is an argument, so that a test can choose it.

use std::time::Duration;

/// Doubling waits between `base` and `cap`, drawn down by chance so that many clients do not come back at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// A back-off whose first wait is at most `base` and whose later waits are at most `cap`.
    pub fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap: cap.max(base), failures: 0 }
    }

    /// Counts one more failure in a row and says how long to wait. `jitter` is drawn evenly from 0 to 1.
    pub fn fail(&mut self, jitter: f64) -> Duration {
        // 2^31 times any base is past every cap in use; the shift must not overflow.
        let ceiling = self.base.saturating_mul(1 << self.failures.min(31)).min(self.cap);
        self.failures = self.failures.saturating_add(1);
        let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
        // Full jitter may draw zero; without a floor a broken endpoint would be hammered by the unlucky draws.
        ceiling.mul_f64(jitter).max(self.base / 10)
    }

    /// Forgets the failures: something worked again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How many failures came in a row since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(3));
        let waits: Vec<_> = (0..5).map(|_| backoff.fail(1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 3_000, 3_000], "each failure doubles the longest wait until the cap");
        backoff.reset();
        assert_eq!(backoff.fail(1.0).as_millis(), 500, "one success starts the waits from the base again");
    }

    proptest! {
        #[test]
        fn every_wait_is_between_floor_and_cap(base_ms in 1_u64..10_000, cap_ms in 1_u64..1_000_000, draws in proptest::collection::vec(any::<f64>(), 1..80)) {
            let base = Duration::from_millis(base_ms);
            let cap = Duration::from_millis(cap_ms.max(base_ms));
            let mut backoff = Backoff::new(base, Duration::from_millis(cap_ms));
            for draw in draws {
                let wait = backoff.fail(draw);
                prop_assert!(wait >= base / 10 && wait <= cap, "a wait of {wait:?} left the range for a draw of {draw}");
            }
        }
    }
}
