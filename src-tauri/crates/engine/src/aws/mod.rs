//! Everything that speaks to AWS: who we are there, what it refuses and why, and the personal queue with its subscription.
//!
//! **Invariant:** SNS is called in the topic's region, SQS in the queue's. No secret is ever formatted, logged or stored here.

pub mod access;
pub mod adopt;
pub mod check;
pub mod commands;
pub(crate) mod confirm;
pub mod iam;
pub mod identity;
pub(crate) mod key;
pub(crate) mod lease;
pub mod leave;
pub mod leftover;
pub(crate) mod pace;
pub mod profiles;
pub mod publish;
pub(crate) mod queue;
pub mod refilter;
pub mod refusal;
pub(crate) mod simulate;
pub(crate) mod skew;
pub mod subscribe;
pub(crate) mod subscription;
pub mod topics;
pub mod windows;
