//! The network between the app and a stand-in: it can be cut and mended.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::free_port;

/// A port that passes everything on to another one, while it is not cut.
pub struct Line {
    /// Where the app is to connect, `http://127.0.0.1:PORT`.
    pub url: String,
    port: u16,
    to: Arc<str>,
    passing: Option<JoinHandle<()>>,
}

impl Line {
    /// A line to `url`, cut.
    ///
    /// # Errors
    /// When the loopback has no free port.
    pub fn cut_off_from(url: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        let to = url.strip_prefix("http://").context("a stand-in has an http URL")?.into();
        Ok(Self { url: format!("http://127.0.0.1:{port}"), port, to, passing: None })
    }

    /// Lets everything pass.
    ///
    /// # Errors
    /// When the port was taken meanwhile.
    pub async fn mend(&mut self) -> anyhow::Result<()> {
        let listener = bind(self.port).await?;
        let to = Arc::clone(&self.to);
        #[allow(clippy::disallowed_methods, reason = "owned by the line, aborted when it is cut")]
        let passing = tokio::spawn(async move {
            // Owned here, so that a cut ends what passes now too.
            let mut calls = JoinSet::new();
            while let Ok((mut from, _)) = listener.accept().await {
                let to = Arc::clone(&to);
                calls.spawn(async move {
                    if let Ok(mut on) = TcpStream::connect(&*to).await {
                        let _ = copy_bidirectional(&mut from, &mut on).await;
                    }
                });
                while calls.try_join_next().is_some() {}
            }
        });
        self.passing = Some(passing);
        Ok(())
    }

    /// Refuses new connections and breaks those that are open.
    pub async fn cut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            let _ = passing.await;
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
        }
    }
}

async fn bind(port: u16) -> anyhow::Result<TcpListener> {
    let mut last = None;
    for _ in 0..40 {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(last.map_or_else(|| anyhow::anyhow!("never tried"), Into::into)).context("the line's port was taken")
}
