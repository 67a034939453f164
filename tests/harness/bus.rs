//! A session bus of one's own, killed when dropped. (`dbus-run-session` leaves orphans when it is killed.)

use std::process::Stdio;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A private `dbus-daemon`.
pub struct Bus {
    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    _child: Child,
}

impl Bus {
    /// Starts a bus without activatable services, so that nothing of this machine answers by accident.
    ///
    /// # Errors
    /// When dbus-daemon is not installed or does not start.
    pub async fn start(folder: &std::path::Path) -> anyhow::Result<Self> {
        let config = folder.join("bus.conf");
        tokio::fs::write(
            &config,
            format!(
                r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#,
                folder.display()
            ),
        )
        .await?;
        let mut child = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting dbus-daemon")?;
        let stdout = child.stdout.take().context("dbus-daemon has no stdout")?;
        let address = BufReader::new(stdout).lines().next_line().await?.context("dbus-daemon printed no address")?;
        Ok(Self { address, _child: child })
    }

    /// A connection to this bus.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn connect(&self) -> anyhow::Result<zbus::Connection> {
        Ok(zbus::connection::Builder::address(self.address.as_str())?.build().await?)
    }
}
