//! A company's network: a proxy that is asked for the way on (CONNECT), and behind it somebody who ends the TLS, reads, and passes on to the
//! stand-in.
//!
//! **Invariant:** the certificate is the one of the doctor's own tests, for `localhost`, and its CA is trusted by whoever is told to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

const LEAF: &[u8] = include_bytes!("../../src-tauri/crates/engine/src/doctor/tls/fixtures/leaf.der");
const KEY: &[u8] = include_bytes!("../../src-tauri/crates/engine/src/doctor/tls/fixtures/leaf.key.der");

/// Who vouches for the certificate.
pub const ISSUER: &str = "Example Proxy CA (Example Corp)";

/// A running one. Everything ends when it is dropped.
pub struct Interceptor {
    /// Where the TLS ends, `https://localhost:PORT`.
    pub url: String,
    /// The proxy, `http://127.0.0.1:PORT`. It lets through to the address above alone.
    pub proxy: String,
    /// How many ways were opened through the proxy.
    pub tunnels: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Interceptor {
    /// Before the stand-in at `upstream`, `http://127.0.0.1:PORT`.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn before(upstream: &str) -> anyhow::Result<Self> {
        let upstream: SocketAddr =
            upstream.trim_start_matches("http://").parse().context("no address of a stand-in")?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(LEAF)], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (ends, proxy) = (TcpListener::bind(("127.0.0.1", 0)).await?, TcpListener::bind(("127.0.0.1", 0)).await?);
        let (ends_at, proxy_at) = (ends.local_addr()?, proxy.local_addr()?);
        let tunnels = Arc::new(AtomicUsize::new(0));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((client, _)) = ends.accept().await {
                let acceptor = acceptor.clone();
                talks.spawn(async move {
                    // Whoever does not trust the certificate leaves here.
                    let Ok(mut client) = acceptor.accept(client).await else { return };
                    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        let opened = Arc::clone(&tunnels);
        serving.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((client, _)) = proxy.accept().await {
                let opened = Arc::clone(&opened);
                talks.spawn(async move {
                    let _ = tunnel(client, ends_at, &opened).await;
                });
            }
        });
        Ok(Self {
            url: format!("https://localhost:{}", ends_at.port()),
            proxy: format!("http://{proxy_at}"),
            tunnels,
            _serving: serving,
        })
    }

    /// The file with the CA's certificate, for `SSL_CERT_FILE`.
    pub fn ca() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/crates/engine/src/doctor/tls/fixtures/ca.pem")
    }
}

/// One way through the proxy.
async fn tunnel(client: TcpStream, to: SocketAddr, opened: &AtomicUsize) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut first = String::new();
    client.read_line(&mut first).await?;
    let mut line = String::from("-");
    while !line.trim().is_empty() {
        line.clear();
        client.read_line(&mut line).await?;
    }
    if first.split_whitespace().take(2).ne(["CONNECT", &format!("localhost:{}", to.port())]) {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
    }
    let mut server = TcpStream::connect(to).await?;
    opened.fetch_add(1, Ordering::Relaxed);
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
