//! The hand in the window: WebKit's own driver, which starts the app and clicks in it.
//!
//! **Invariant:** the driver binds 127.0.0.1 on a free port and runs in a private session, so the app it starts does too.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::net::TcpStream;
use tokio::process::Child;

use super::free_port;
use super::session::Session;

const READY_WITHIN: Duration = Duration::from_secs(20);
/// The tests that start hidden do something first.
const WINDOW_WITHIN: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(50);

/// A running `WebKitWebDriver`.
pub struct WebDriver {
    url: String,
    _child: Child,
}

impl WebDriver {
    /// Starts the driver in this session.
    ///
    /// # Errors
    /// When webkit2gtk-driver is not installed, or it does not become ready.
    pub async fn start(session: &Session) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut child = session
            .command("WebKitWebDriver")
            .arg("--host=127.0.0.1")
            .arg(format!("--port={port}"))
            // Without it the app's web view refuses to be driven, and the session hangs.
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .spawn()
            .context("starting WebKitWebDriver")?;
        let ready = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                if let Some(ended) = child.try_wait()? {
                    bail!("WebKitWebDriver ended with {ended}");
                }
                tokio::time::sleep(STEP).await;
            }
            Ok(())
        };
        tokio::time::timeout(READY_WITHIN, ready).await.context("WebKitWebDriver did not become ready")??;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child })
    }

    /// Starts the app and takes its first window. With `--hidden` among `args` this waits until there is one.
    ///
    /// # Errors
    /// When the app does not start or shows no window.
    pub async fn open(&self, binary: &Path, args: &[&str]) -> anyhow::Result<Client> {
        let wanted = serde_json::json!({
            "webkitgtk:browserOptions": { "binary": binary, "args": args }
        });
        let serde_json::Value::Object(capabilities) = wanted else { bail!("capabilities are an object") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities).connect(&self.url);
        tokio::time::timeout(WINDOW_WITHIN, connecting)
            .await
            .with_context(|| format!("{} showed no window", binary.display()))?
            .with_context(|| format!("opening {} through WebKitWebDriver", binary.display()))
    }
}
