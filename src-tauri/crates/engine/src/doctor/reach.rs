//! The way to an address, a step at a time: proxy, DNS, connection, TLS. Which step failed says whom to ask.
//!
//! **Invariant:** ends within [`WITHIN`], whatever the network does; nothing is asked of AWS and nothing secret is sent. The proxy is the one that
//! the SDK itself would take (the same matcher).

use std::net::SocketAddr;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::tls;
use crate::clock;

/// The longest that the whole way may take.
pub(super) const WITHIN: Duration = Duration::from_secs(4);
/// The longest answer of a proxy that is read, in bytes.
const PROXY_ANSWER: usize = 4096;

/// The way was gone to its end: what it was like.
pub(super) type Reached = String;

/// The step that failed, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreached {
    pub(super) found: String,
    pub(super) fix: String,
}

impl Unreached {
    pub(super) fn at(step: &str, why: impl AsRef<str>, fix: impl Into<String>) -> Self {
        Self { found: format!("{step}: {}", why.as_ref()), fix: fix.into() }
    }
}

/// Scheme, host and port, as one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Place {
    pub(super) fn of(uri: &http::Uri) -> Option<Self> {
        let tls = uri.scheme_str() != Some("http");
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        Some(Self { tls, host, port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }) })
    }
}

/// Goes the way.
pub(super) async fn reach(uri: &http::Uri) -> Result<Reached, Unreached> {
    let deadline = Instant::from_std(clock::monotonic()) + WITHIN;
    let Some(target) = Place::of(uri) else {
        return Err(Unreached::at(
            "address",
            format!("{uri} names no host"),
            "check --endpoint-url and AWS_ENDPOINT_URL",
        ));
    };
    let proxy = Matcher::from_env().intercept(uri);
    let first = match proxy.as_ref().map(|proxy| Place::of(proxy.uri())) {
        Some(Some(proxy)) => proxy,
        _ => target.clone(),
    };
    let by = if proxy.is_some() { format!("through the proxy {}:{}, ", first.host, first.port) } else { String::new() };
    let addresses = look_up(&first, proxy.is_some(), deadline).await?;
    let mut stream = connect(&first, &addresses, proxy.is_some(), deadline).await?;
    if let Some(proxy) = &proxy {
        if first.tls {
            // The talk with such a proxy is TLS inside of TLS, which the calls below will show.
            return Ok(format!("{by}connected; the proxy itself speaks TLS, so the rest is left to the calls"));
        }
        if target.tls {
            let authorization = proxy.basic_auth().map(|value| value.as_bytes().to_vec());
            tunnel(&mut stream, &target, authorization, deadline).await?;
        }
    }
    if !target.tls {
        return Ok(format!("{by}connected, without TLS"));
    }
    let seen = tls::handshake(stream, target.host.clone(), deadline).await?;
    Ok(format!("{by}connected, certificate by {seen}"))
}

async fn look_up(place: &Place, is_proxy: bool, deadline: Instant) -> Result<Vec<SocketAddr>, Unreached> {
    let what = if is_proxy { "the proxy's name" } else { "the name" };
    let fix = if is_proxy {
        "check HTTPS_PROXY and HTTP_PROXY, or unset them"
    } else {
        "check the network, the VPN and DNS: getent hosts NAME; and the region"
    };
    let failed = |why: String| Unreached::at("DNS", format!("{what} {} has no address: {why}", place.host), fix);
    let lookup = tokio::net::lookup_host((place.host.as_str(), place.port));
    match timeout_at(deadline, lookup).await {
        Ok(Ok(found)) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() { Err(failed("none was given".to_owned())) } else { Ok(found) }
        }
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_late) => Err(failed("no name server answered in time".to_owned())),
    }
}

async fn connect(
    place: &Place,
    addresses: &[SocketAddr],
    is_proxy: bool,
    deadline: Instant,
) -> Result<TcpStream, Unreached> {
    let what = if is_proxy { "the proxy " } else { "" };
    let fix = if is_proxy {
        "check HTTPS_PROXY and HTTP_PROXY, and whether the proxy runs"
    } else {
        "check the firewall and the VPN; behind a proxy set HTTPS_PROXY; with a stand-in check --endpoint-url"
    };
    let failed = |why: String| Unreached::at("connect", format!("{what}{}:{}: {why}", place.host, place.port), fix);
    match timeout_at(deadline, TcpStream::connect(addresses)).await {
        Ok(connected) => connected.map_err(|error| failed(error.to_string())),
        Err(_late) => Err(failed(format!("no answer within {} s", WITHIN.as_secs()))),
    }
}

/// Asks an HTTP proxy for the way on (RFC 9110, CONNECT).
async fn tunnel(
    stream: &mut TcpStream,
    target: &Place,
    authorization: Option<Vec<u8>>,
    deadline: Instant,
) -> Result<(), Unreached> {
    let place = format!("{}:{}", target.host, target.port);
    let fix = "ask whoever runs the proxy to let it through, or except it with NO_PROXY";
    let failed = |why: String| Unreached::at("proxy", format!("it does not let us to {place}: {why}"), fix);
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n").into_bytes();
    if let Some(value) = authorization {
        request.extend(b"Proxy-Authorization: ");
        request.extend(value);
        request.extend(b"\r\n");
    }
    request.extend(b"\r\n");
    let talk = async {
        stream.write_all(&request).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") && answer.len() < PROXY_ANSWER {
            answer.push(stream.read_u8().await?);
        }
        Ok::<_, std::io::Error>(answer)
    };
    let answer = match timeout_at(deadline, talk).await {
        Ok(Ok(answer)) => String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned(),
        Ok(Err(error)) => return Err(failed(error.to_string())),
        Err(_late) => return Err(failed("it did not answer in time".to_owned())),
    };
    match answer.split_whitespace().nth(1) {
        Some(status) if status.starts_with('2') => Ok(()),
        _ => Err(failed(format!("it said \"{}\"", watchbell_core::words::clean(&answer)))),
    }
}

/// The variables that name a proxy, without what somebody may have put into them for signing in.
pub(super) fn proxy_variables() -> Vec<String> {
    let names =
        ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    names.iter().filter_map(|name| Some(format!("{name}={}", without_user(&set(name)?)))).collect()
}

/// `http://user:password@proxy:3128` as `http://proxy:3128`.
fn without_user(value: &str) -> String {
    let (scheme, rest) = value.split_once("://").map_or(("", value), |(scheme, rest)| (scheme, rest));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_proxy_is_left_out() {
        for (value, shown) in [
            ("http://ann:p@ss@proxy:3128", "http://proxy:3128"),
            ("ann:pass@proxy:3128", "proxy:3128"),
            ("http://proxy:3128", "http://proxy:3128"),
            ("localhost,127.0.0.1", "localhost,127.0.0.1"),
        ] {
            assert_eq!(without_user(value), shown);
        }
    }

    #[test]
    fn an_address_is_a_place() {
        for (uri, tls, host, port) in [
            ("https://sqs.eu-central-1.amazonaws.com/", true, "sqs.eu-central-1.amazonaws.com", 443),
            ("http://127.0.0.1:4566/", false, "127.0.0.1", 4566),
            ("http://[::1]/", false, "::1", 80),
        ] {
            let place = Place::of(&uri.parse().unwrap()).unwrap();
            assert_eq!((place.tls, place.host.as_str(), place.port), (tls, host, port), "{uri}");
        }
    }
}
