//! Who asks, and from which machine: what queues are named and tagged with.

pub(super) use watchbell_engine::me::Me;
