//! Whether some panel shows tray marks, followed by signals and never by polling.

use std::sync::Arc;

use crate::shell::Shell;

#[cfg(target_os = "linux")]
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Follows the host's coming and going until the bus ends.
#[cfg(target_os = "linux")]
pub(super) async fn watch(shell: Arc<Shell>) {
    if let Err(error) = follow(&shell).await {
        tracing::warn!(%error, "no session bus: whether there is a tray is not known");
    }
    shell.tray_host.send_replace(false);
}

/// macOS and Windows always have one. Not tried on either.
#[cfg(not(target_os = "linux"))]
pub(super) async fn watch(shell: Arc<Shell>) {
    shell.tray_host.send_replace(true);
}

#[cfg(target_os = "linux")]
async fn follow(shell: &Shell) -> zbus::Result<()> {
    use futures_util::StreamExt;
    use zbus::fdo::DBusProxy;
    use zbus::{MatchRule, MessageStream, message};

    let connection = zbus::Connection::session().await?;
    let bus = DBusProxy::new(&connection).await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    let rule = MatchRule::builder().msg_type(message::Type::Signal).interface(WATCHER)?.build();
    let mut hosts = MessageStream::for_match_rule(rule, &connection, None).await?;
    loop {
        let there = is_there(&connection, &bus).await.unwrap_or(false);
        shell.tray_host.send_if_modified(|before| std::mem::replace(before, there) != there);
        tokio::select! {
            Some(_) = owners.next() => {}
            Some(_) = hosts.next() => {}
            else => return Ok(()),
        }
    }
}

#[cfg(target_os = "linux")]
async fn is_there(connection: &zbus::Connection, bus: &zbus::fdo::DBusProxy<'_>) -> zbus::Result<bool> {
    // Asked first: a call to a name without an owner would start whatever is installed for it.
    if !bus.name_has_owner(WATCHER.try_into()?).await? {
        return Ok(false);
    }
    let watcher = zbus::proxy::Builder::<zbus::Proxy<'_>>::new(connection)
        .destination(WATCHER)?
        .path("/StatusNotifierWatcher")?
        .interface(WATCHER)?
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
        .await?;
    watcher.get_property("IsStatusNotifierHostRegistered").await
}
