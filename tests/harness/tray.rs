//! A tray host: it sees the icons that register, reads their menus and clicks in them, as a panel does for the person.

#![allow(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "the shapes of a D-Bus interface are the specification's"
)]
#![allow(missing_docs, reason = "the D-Bus macro writes methods of its own")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream, Proxy, interface, message};

use super::bus::Bus;

const NAME: &str = "org.kde.StatusNotifierWatcher";
const PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

type Registered = (String, String);
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A fake tray host on a private bus.
pub struct TrayHost {
    connection: Connection,
    news: mpsc::UnboundedReceiver<Registered>,
}

struct Face {
    items: Arc<Mutex<Vec<String>>>,
    news: mpsc::UnboundedSender<Registered>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Face {
    async fn register_status_notifier_item(
        &self,
        service: String,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // The specification wants a bus name; libayatana-appindicator sends an object path.
        let (name, path) =
            if service.starts_with('/') { (sender, service) } else { (service, "/StatusNotifierItem".to_owned()) };
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}{path}"));
        let _ = self.news.send((name.clone(), path.clone()));
        Self::status_notifier_item_registered(&emitter, format!("{name}{path}")).await.map_err(zbus::fdo::Error::ZBus)
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: String) -> zbus::Result<()>;
}

impl TrayHost {
    /// Owns the name on `bus`.
    ///
    /// # Errors
    /// When the bus is gone or another host owns the name.
    pub async fn start(bus: &Bus) -> anyhow::Result<Self> {
        let (news, inbox) = mpsc::unbounded_channel();
        let face = Face { items: Arc::default(), news };
        let connection =
            zbus::connection::Builder::address(bus.address.as_str())?.serve_at(PATH, face)?.name(NAME)?.build().await?;
        Ok(Self { connection, news: inbox })
    }

    /// The next icon that registers, or `None` when none does in time.
    pub async fn next(&mut self, within: Duration) -> Option<TrayItem> {
        let (name, path) = tokio::time::timeout(within, self.news.recv()).await.ok().flatten()?;
        Some(TrayItem { connection: self.connection.clone(), name, path })
    }
}

impl TrayHost {
    /// The panel dies.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn die(self) -> anyhow::Result<()> {
        Ok(self.connection.close().await?)
    }
}

/// One icon in the tray.
pub struct TrayItem {
    connection: Connection,
    /// The bus name of its program.
    pub name: String,
    /// Its object path.
    pub path: String,
}

/// One line of an icon's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuLine {
    /// What a click names.
    pub id: i32,
    /// The words, without the mark of the mnemonic.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether a check stands at it.
    pub checked: bool,
}

impl TrayItem {
    async fn text(&self, property: &str) -> anyhow::Result<String> {
        let proxy = Proxy::new(&self.connection, self.name.as_str(), self.path.as_str(), ITEM).await?;
        Ok(proxy.get_property(property).await?)
    }

    /// `Title`: what a screen reader says.
    ///
    /// # Errors
    /// When the icon is gone.
    pub async fn title(&self) -> anyhow::Result<String> {
        self.text("Title").await
    }

    /// `IconName`: here the path of the picture.
    ///
    /// # Errors
    /// When the icon is gone.
    pub async fn icon(&self) -> anyhow::Result<String> {
        self.text("IconName").await
    }

    /// The words beside the icon, where the panel shows them.
    ///
    /// # Errors
    /// When the icon is gone.
    pub async fn label(&self) -> anyhow::Result<String> {
        self.text("XAyatanaLabel").await
    }

    /// How many signals of a change (icon, words, menu) the icon sends within this time.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn redraws(&self, within: Duration) -> anyhow::Result<usize> {
        let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(self.name.as_str())?.build();
        let mut signals = MessageStream::for_match_rule(rule, &self.connection, None).await?;
        let mut seen = 0;
        let counting = async {
            while signals.next().await.is_some() {
                seen += 1;
            }
        };
        let _ = tokio::time::timeout(within, counting).await;
        Ok(seen)
    }

    async fn menu_proxy(&self) -> anyhow::Result<Proxy<'static>> {
        let item = Proxy::new(&self.connection, self.name.as_str(), self.path.as_str(), ITEM).await?;
        let path: zbus::zvariant::OwnedObjectPath = item.get_property("Menu").await?;
        Ok(Proxy::new(&self.connection, self.name.clone(), path, MENU).await?)
    }

    /// The visible lines of the menu from top to bottom, submenus flattened, separators left out.
    ///
    /// # Errors
    /// When the icon is gone or its menu has another shape.
    pub async fn menu(&self) -> anyhow::Result<Vec<MenuLine>> {
        let proxy = self.menu_proxy().await?;
        let _: bool = proxy.call("AboutToShow", &(0i32,)).await.unwrap_or(false);
        let (_revision, layout): (u32, Layout) =
            proxy.call("GetLayout", &(0i32, -1i32, Vec::<&str>::new())).await.context("reading the tray's menu")?;
        let mut lines = Vec::new();
        gather(layout, &mut lines)?;
        Ok(lines)
    }

    /// Clicks the line.
    ///
    /// # Errors
    /// When the icon is gone.
    pub async fn click(&self, id: i32) -> anyhow::Result<()> {
        let proxy = self.menu_proxy().await?;
        let _: () = proxy.call("Event", &(id, "clicked", Value::from(0i32), 0u32)).await?;
        Ok(())
    }

    /// Clicks the first line that can be pressed and whose words contain `words`.
    ///
    /// # Errors
    /// When the icon is gone or no such line says so.
    pub async fn click_words(&self, words: &str) -> anyhow::Result<()> {
        let lines = self.menu().await?;
        let line = lines
            .iter()
            .find(|line| line.enabled && line.label.contains(words))
            .with_context(|| format!("no line of the tray's menu says {words:?}: {lines:?}"))?;
        self.click(line.id).await
    }
}

fn gather((id, properties, children): Layout, lines: &mut Vec<MenuLine>) -> anyhow::Result<()> {
    let flag = |name: &str| properties.get(name).and_then(|v| bool::try_from(v).ok()).unwrap_or(true);
    let label = properties.get("label").and_then(|v| <&str>::try_from(v).ok()).unwrap_or_default();
    if id != 0 && flag("visible") && !label.is_empty() {
        // An underscore marks the mnemonic, two stand for one.
        let label = label.replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_");
        let checked = properties.get("toggle-state").and_then(|v| i32::try_from(v).ok()) == Some(1);
        lines.push(MenuLine { id, label, enabled: flag("enabled"), checked });
    }
    for child in children {
        gather(child.try_into()?, lines)?;
    }
    Ok(())
}
