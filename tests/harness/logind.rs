//! What logind says when a machine goes to sleep and wakes, on a private bus that stands in for the system's.

use super::bus::Bus;

const PATH: &str = "/org/freedesktop/login1";

/// Somebody who owns logind's name.
pub struct Logind {
    bus: zbus::Connection,
}

impl Logind {
    /// Takes the name.
    ///
    /// # Errors
    /// When the bus is gone, or the name is taken.
    pub async fn start(bus: &Bus) -> anyhow::Result<Self> {
        let bus = bus.connect().await?;
        bus.request_name("org.freedesktop.login1").await?;
        Ok(Self { bus })
    }

    /// Says `PrepareForSleep`: `true` before the sleep, `false` after the waking.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn prepare_for_sleep(&self, start: bool) -> anyhow::Result<()> {
        let interface = "org.freedesktop.login1.Manager";
        self.bus.emit_signal(None::<&str>, PATH, interface, "PrepareForSleep", &(start,)).await?;
        Ok(())
    }
}
