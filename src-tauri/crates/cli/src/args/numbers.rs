//! The ranges of the numbers that `simulate` takes.
//!
//! **Invariant:** a typing slip cannot ask for millions of messages.

use clap::builder::RangedI64ValueParser;

/// A run as large as the largest fleet that one SendCommand reaches by tags.
const MOST_NODES: i64 = 5000;

/// How many nodes a simulated command may run on: 1 to 5000.
pub(super) fn nodes() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=MOST_NODES)
}

/// How many of them may fail or run over their time: 0 to 5000.
pub(super) fn some_nodes() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=MOST_NODES)
}
