//! Chance from a seed: `SplitMix64` (Steele, Lea, Flood 2014). Not for secrets.

use jiff::SignedDuration;

pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An EC2 instance id of 17 hexadecimal digits; all real ones begin with 0.
    pub(super) fn node_id(&mut self) -> String {
        format!("i-0{:016x}", self.next())
    }

    /// A time between two numbers of milliseconds, to the nanosecond.
    pub(super) fn between(&mut self, from_ms: u32, to_ms: u32) -> SignedDuration {
        let span = u64::from(to_ms - from_ms) * 1_000_000;
        let nanos = u64::from(from_ms) * 1_000_000 + self.next() % span.max(1);
        SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.next() % (last as u64 + 1)).unwrap_or(last);
            items.swap(last, other);
        }
    }
}
