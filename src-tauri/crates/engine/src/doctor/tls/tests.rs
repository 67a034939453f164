//! A server that somebody else vouches for, on this machine. The certificates in `fixtures/` were made for this test alone (P-256, valid for
//! 100 years): `leaf` for `localhost`, issued by `ca`; `other` issued nothing here.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use super::*;

const LEAF: &[u8] = include_bytes!("fixtures/leaf.der");
const KEY: &[u8] = include_bytes!("fixtures/leaf.key.der");
const CA: &[u8] = include_bytes!("fixtures/ca.pem");
const OTHER: &[u8] = include_bytes!("fixtures/other.pem");

fn roots(trusted: &'static [u8]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted).unwrap()).unwrap();
    roots
}

/// Shakes hands once with a server that presents the leaf.
async fn shake(trusted: &'static [u8], host: &str) -> Result<String, Unreached> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KEY));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(LEAF)], key)
            .unwrap();
        let mut talk = ServerConnection::new(Arc::new(config)).unwrap();
        let (mut client, _) = listener.accept().unwrap();
        // Fails where the other side does not like what it sees.
        while talk.is_handshaking() && talk.complete_io(&mut client).is_ok() {}
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let host = host.to_owned();
    let shaken = tokio::task::spawn_blocking(move || with(roots(trusted), stream, &host, Duration::from_secs(5)));
    let shaken = shaken.await.unwrap();
    server.join().unwrap();
    shaken
}

#[tokio::test]
async fn who_vouches_is_named_whether_it_is_trusted_or_not() {
    let trusted = shake(CA, "localhost").await.unwrap();
    assert_eq!(trusted, "Example Proxy CA (Example Corp)", "a company's proxy that this machine trusts is named");
    let Unreached { found, fix } = shake(OTHER, "localhost").await.unwrap_err();
    assert!(found.starts_with("TLS: ") && found.contains("Example Proxy CA (Example Corp)"), "{found}");
    assert!(found.contains("does not trust") && fix.contains("SSL_CERT_FILE"), "with the way out: {found} {fix}");
    let Unreached { found, .. } = shake(CA, "sqs.eu-central-1.amazonaws.com").await.unwrap_err();
    assert!(found.contains("for another name"), "a portal that answers for everybody is told: {found}");
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_told() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut client, b"HTTP/1.1 302 Found\r\n\r\n").unwrap();
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let shaken = tokio::task::spawn_blocking(move || with(roots(CA), stream, "localhost", Duration::from_secs(5)));
    let Unreached { found, fix } = shaken.await.unwrap().unwrap_err();
    server.join().unwrap();
    assert!(found.starts_with("TLS: ") && !fix.is_empty(), "{found} {fix}");
}

#[test]
fn a_certificate_out_of_its_time_points_at_the_clock() {
    let Unreached { found, fix } = distrusted(&CertificateError::Expired, "Amazon");
    assert!(found.contains("clock") && fix.contains("set the clock"), "{found} {fix}");
}
