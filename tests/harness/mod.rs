//! Real parts for tests, demo and benchmark: stand-ins for AWS, a private bus, a notification server that remembers.
//!
//! **Invariant:** every server binds 127.0.0.1 on a free port, every process is killed when its value drops, and nothing of the
//! person's own desktop, home or account is touched.

pub mod app;
pub mod black_hole;
pub mod bus;
pub mod fauxqs;
pub mod gate;
pub mod identity_center;
pub mod interceptor;
pub mod keyring;
pub mod line;
pub mod logind;
pub mod microburst;
pub mod ministack;
pub mod moto;
pub mod notifications;
pub mod record;
pub mod session;
pub mod terminal;
pub mod tray;
pub mod webdriver;
pub mod windows;
pub mod xvfb;

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::{Mutex, PoisonError};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};

/// A port nobody listens on now, and that no other test of this machine is given while this process lives: a stand-in needs a moment
/// until it listens, and another that came first would answer in its place.
///
/// # Errors
/// When the loopback has none.
pub fn free_port() -> std::io::Result<u16> {
    // Sockets without a file: the kernel forgets them with the process.
    static TAKEN: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    loop {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let name = SocketAddr::from_abstract_name(format!("watchbell-test-port-{port}"))?;
        match UnixListener::bind_addr(&name) {
            Ok(taken) => {
                TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
                return Ok(port);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}

/// A configuration for a stand-in, with its root credentials.
pub async fn stand_in_config(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "stand-in")))
        .endpoint_url(url)
        .load()
        .await
}
