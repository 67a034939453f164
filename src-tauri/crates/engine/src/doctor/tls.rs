//! One TLS handshake, to see who vouches for the other side: AWS's own issuer, a company's proxy, or one that this machine does not trust.
//!
//! **Invariant:** the certificate is judged by the same library and the same roots as those of the SDK; what is read of it besides is its
//! issuer's name. Nothing is sent over the connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio::time::Instant;
use watchbell_core::certificate::issuer;

use super::reach::Unreached;
use crate::clock;

/// The roots of the system; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured, as the SDK does.
pub(super) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Shakes hands, and gives the issuer of the certificate.
pub(super) async fn handshake(stream: TcpStream, host: String, deadline: Instant) -> Result<String, Unreached> {
    let left = deadline.saturating_duration_since(Instant::from_std(clock::monotonic())).max(Duration::from_millis(1));
    // Reading the system's roots may take a moment, and a handshake over a plain socket blocks: not on the runtime.
    let shaken = tokio::task::spawn_blocking(move || with(system_roots(), stream, &host, left)).await;
    shaken.unwrap_or_else(|_| Err(Unreached::at("TLS", "the handshake broke off", "try again")))
}

/// The handshake with these roots.
pub(super) fn with(roots: RootCertStore, stream: TcpStream, host: &str, within: Duration) -> Result<String, Unreached> {
    let network = |why: String| {
        Unreached::at("TLS", why, "something between closes the connection: check the firewall, the VPN and the proxy")
    };
    let judge = Arc::new(Judge::new(roots).map_err(|why| Unreached::at("TLS", why.to_string(), NO_ROOTS))?);
    let server = ServerName::try_from(host.to_owned()).map_err(|error| network(error.to_string()))?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&judge.provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| network(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(judge.clone())
        .with_no_client_auth();
    let shake = || -> std::io::Result<()> {
        let mut stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(within))?;
        stream.set_write_timeout(Some(within))?;
        let mut client = ClientConnection::new(Arc::new(config), server).map_err(std::io::Error::other)?;
        while client.is_handshaking() {
            client.complete_io(&mut stream)?;
        }
        Ok(())
    };
    let shaken = shake();
    let presented = judge.presented.lock().unwrap_or_else(PoisonError::into_inner).take();
    let by = presented.as_deref().and_then(issuer).unwrap_or_else(|| "an issuer without a name".to_owned());
    match shaken {
        Ok(()) => Ok(by),
        Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::InvalidCertificate(why)) => distrusted(why, &by),
            _ => network(error.to_string()),
        }),
    }
}

const NO_ROOTS: &str = "install the system's CA certificates (the package ca-certificates)";

fn distrusted(why: &CertificateError, by: &str) -> Unreached {
    match why {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Unreached::at(
            "TLS",
            format!("by this machine's clock the certificate, issued by {by}, is not valid now"),
            "set the clock (timedatectl set-ntp true); if it is right, the other side's certificate is out of date",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Unreached::at(
            "TLS",
            format!("the certificate, issued by {by}, is for another name"),
            "something else answers there: a captive portal or a proxy; check the network and the endpoint",
        ),
        CertificateError::UnknownIssuer => Unreached::at(
            "TLS",
            format!(
                "the certificate was issued by {by}, which this machine does not trust: something between reads the traffic"
            ),
            "if your company does that, add its CA to the system's trust store (update-ca-certificates) or name its file in \
             SSL_CERT_FILE; if not, do not go on over this network",
        ),
        other => Unreached::at(
            "TLS",
            format!("the certificate, issued by {by}, is refused: {other:?}"),
            "ask whoever runs the endpoint or the proxy",
        ),
    }
}

/// There is nothing to judge a certificate by.
#[derive(Debug, thiserror::Error)]
#[error("this machine has no CA certificates to judge by: {0}")]
struct NoRoots(#[from] VerifierBuilderError);

/// Judges as usual, and keeps what was presented.
#[derive(Debug)]
struct Judge {
    provider: Arc<CryptoProvider>,
    usual: Arc<WebPkiServerVerifier>,
    presented: Mutex<Option<Vec<u8>>>,
}

impl Judge {
    fn new(roots: RootCertStore) -> Result<Self, NoRoots> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        Ok(Self { provider, usual: usual?, presented: Mutex::new(None) })
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.presented.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.as_ref().to_vec());
        self.usual.verify_server_cert(end_entity, intermediates, name, stapled, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests;
