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

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};

/// A port nobody listens on now.
///
/// # Errors
/// When the loopback has none.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
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
