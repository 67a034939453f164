//! Whole-program tests of Watchbell over real parts. The harness is here; the tests are in `tests/`.

pub mod harness;
