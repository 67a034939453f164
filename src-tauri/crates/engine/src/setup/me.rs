//! Who asks, and from which machine: what queues are named and tagged with.

use watchbell_core::plan::Person;

use crate::machine;

/// The person at this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// What the system calls the person.
    pub user: String,
    /// What it calls itself.
    pub host: String,
    /// What tells it apart from others of that name: [`machine::tag`].
    pub machine: Option<String>,
}

impl Me {
    /// As the system calls them.
    pub fn here() -> Self {
        Self {
            user: whoami::username().unwrap_or_else(|_| "user".into()),
            host: whoami::hostname().unwrap_or_else(|_| "host".into()),
            machine: machine::tag(),
        }
    }

    /// As the planning of queues takes it.
    pub fn person(&self) -> Person<'_> {
        Person { user: &self.user, host: &self.host, machine: self.machine.as_deref(), caller: None }
    }
}
