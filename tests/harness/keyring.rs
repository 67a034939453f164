//! gnome-keyring on a private bus, with a home of its own. Killed when dropped.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use zbus::zvariant::OwnedObjectPath;

use super::bus::Bus;

const NAME: &str = "org.freedesktop.secrets";
const PASSWORD: &[u8] = b"a test's password";
const SERVICE: &str = "org.freedesktop.Secret.Service";

/// A running `gnome-keyring-daemon` with an unlocked default collection.
pub struct Keyring {
    child: Child,
}

impl Keyring {
    /// Starts it. `home` keeps the collection, so that a second daemon finds what the first one stored.
    ///
    /// # Errors
    /// When gnome-keyring is not installed or does not take its name on the bus.
    pub async fn start(bus: &Bus, home: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_RUNTIME_DIR", home)
            // With a screen it would ask there.
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting gnome-keyring-daemon")?;
        let mut stdin = child.stdin.take().context("gnome-keyring-daemon has no stdin")?;
        stdin.write_all(PASSWORD).await?;
        drop(stdin);
        let keyring = Self { child };
        let connection = bus.connect().await?;
        for _ in 0..100 {
            if let Ok(path) = default_collection(&connection).await
                && path.as_str() != "/"
            {
                return Ok(keyring);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("gnome-keyring-daemon had no default collection within 5 s")
    }

    /// Locks the default collection, as a desktop does at sign-out.
    ///
    /// # Errors
    /// When the service is gone.
    pub async fn lock(&self, bus: &Bus) -> anyhow::Result<()> {
        let connection = bus.connect().await?;
        let collection = default_collection(&connection).await?;
        connection
            .call_method(Some(NAME), "/org/freedesktop/secrets", Some(SERVICE), "Lock", &(vec![collection],))
            .await?;
        Ok(())
    }

    /// Unlocks the default collection, as signing in to the desktop does.
    ///
    /// # Errors
    /// When the service is gone, or is not gnome-keyring.
    pub async fn unlock(&self, bus: &Bus) -> anyhow::Result<()> {
        const BY_PASSWORD: &str = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
        let connection = bus.connect().await?;
        let collection = default_collection(&connection).await?;
        let service = zbus::Proxy::new(&connection, NAME, "/org/freedesktop/secrets", SERVICE).await?;
        let (_, session): (zbus::zvariant::OwnedValue, OwnedObjectPath) =
            service.call("OpenSession", &("plain", zbus::zvariant::Value::from(""))).await?;
        let password = (session, Vec::<u8>::new(), PASSWORD.to_vec(), "text/plain");
        connection
            .call_method(
                Some(NAME),
                "/org/freedesktop/secrets",
                Some(BY_PASSWORD),
                "UnlockWithMasterPassword",
                &(collection, password),
            )
            .await?;
        Ok(())
    }

    /// Holds it still, so that whoever asks gets no answer; with `still` false it goes on.
    ///
    /// # Errors
    /// When it has ended.
    pub async fn hold(&self, still: bool) -> anyhow::Result<()> {
        let pid = self.child.id().context("gnome-keyring-daemon has ended")?;
        let signal = if still { "-STOP" } else { "-CONT" };
        let sent = Command::new("kill").args([signal, &pid.to_string()]).status().await?;
        anyhow::ensure!(sent.success(), "gnome-keyring-daemon could not be sent {signal}");
        Ok(())
    }

    /// Ends it, as a crash would.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

async fn default_collection(connection: &zbus::Connection) -> anyhow::Result<OwnedObjectPath> {
    let answer = connection
        .call_method(Some(NAME), "/org/freedesktop/secrets", Some(SERVICE), "ReadAlias", &("default",))
        .await?;
    Ok(answer.body().deserialize()?)
}
