//! Who asks, and from which machine. The window's wizard asks the same.

pub(super) use watchbell_engine::setup::Me;
