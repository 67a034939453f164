//! Addresses where nobody answers: one that takes a connection and stays silent, and one that takes none.
//!
//! **Invariant:** both are on the loopback, and nothing is ever said there.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Takes every connection and reads what comes, and never answers. Ends when dropped.
pub struct Silent {
    /// Where it is, `http://127.0.0.1:PORT`.
    pub url: String,
    _serving: JoinSet<()>,
}

impl Silent {
    /// On a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut held = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                held.spawn(async move {
                    let mut buffer = [0; 4096];
                    while client.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
                });
            }
        });
        Ok(Self { url, _serving: serving })
    }
}

/// Takes no connection: those that ask for one wait as before a firewall that drops. Linux drops what comes to a listener whose queue
/// is full (listen(2)).
pub struct Dropping {
    /// Where it is, `http://127.0.0.1:PORT`.
    pub url: String,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Dropping {
    /// On a free port.
    ///
    /// # Errors
    /// When there is none, or its queue takes everybody.
    pub async fn start() -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(1)?;
        let at = listener.local_addr()?;
        let mut queued = Vec::new();
        for _ in 0..16 {
            match tokio::time::timeout(std::time::Duration::from_millis(300), TcpStream::connect(at)).await {
                Ok(connected) => queued.push(connected?),
                Err(_dropped) => return Ok(Self { url: format!("http://{at}"), _listener: listener, _queued: queued }),
            }
        }
        None.context("the queue of a listener never filled")
    }
}
