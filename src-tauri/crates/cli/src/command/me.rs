//! Who asks, and from which machine: what queues are named and tagged with.

use watchbell_core::plan::Person;
use watchbell_engine::machine;

/// The person at this machine.
pub(super) struct Me {
    pub(super) user: String,
    pub(super) host: String,
    pub(super) machine: Option<String>,
}

impl Me {
    /// As the system calls them.
    pub(super) fn here() -> Self {
        Self {
            user: whoami::username().unwrap_or_else(|_| "user".into()),
            host: whoami::hostname().unwrap_or_else(|_| "host".into()),
            machine: machine::tag(),
        }
    }

    pub(super) fn person(&self) -> Person<'_> {
        Person { user: &self.user, host: &self.host, machine: self.machine.as_deref() }
    }
}
