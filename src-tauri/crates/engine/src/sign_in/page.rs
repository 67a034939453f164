//! The page at the end of a sign-in in the browser, and the one request that leads to it.
//!
//! **Invariant:** what the browser sends is hostile: it is read within bounds, and none of it is in the page.

use std::borrow::Cow;

use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// The longest head of a request that is read, in bytes.
const LONGEST: u64 = 16 * 1024;

/// What a request to the listener was.
pub(super) enum Came {
    /// With the right state: the code.
    Code(SecretString),
    /// With the right state: the person or the administrator said no.
    Denied,
    /// Anything else: a favicon, another program, a forged answer.
    Other,
}

/// Reads one request, answers it, and says what it was.
pub(super) async fn answer(stream: TcpStream, state: &str) -> std::io::Result<Came> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    let mut head = (&mut stream).take(LONGEST);
    head.read_line(&mut first).await?;
    // The rest of the head is read off, or closing would reset the connection before the page arrived.
    loop {
        let mut line = String::new();
        if head.read_line(&mut line).await? == 0 || line.trim().is_empty() {
            break;
        }
    }
    let came = understood(&first, state);
    let (status, words) = match &came {
        Came::Code(_) => ("200 OK", "Watchbell has the answer. You can close this tab."),
        Came::Denied => ("200 OK", "The sign-in was refused. You can close this tab."),
        Came::Other => ("404 Not Found", "Nothing is here."),
    };
    let stream = stream.get_mut();
    stream.write_all(page(status, words).as_bytes()).await?;
    stream.shutdown().await?;
    Ok(came)
}

fn understood(first: &str, state: &str) -> Came {
    let mut words = first.split(' ');
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else { return Came::Other };
    let Some(query) = target.strip_prefix("/oauth/callback?") else { return Came::Other };
    let field = |wanted: &str| {
        let mut fields = query.split('&').filter_map(|pair| pair.split_once('='));
        fields.find(|(name, _)| *name == wanted).and_then(|(_, value)| decoded(value))
    };
    let (code, told, error) = (field("code"), field("state"), field("error"));
    if told.as_deref() != Some(state) {
        return Came::Other;
    }
    match (code.filter(|code| !code.is_empty()), error) {
        (Some(code), None) => Came::Code(code.into()),
        _ => Came::Denied,
    }
}

fn decoded(text: &str) -> Option<String> {
    let plain = text.replace('+', " ");
    percent_encoding::percent_decode_str(&plain).decode_utf8().ok().map(Cow::into_owned)
}

fn page(status: &str, words: &str) -> String {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Watchbell</title><body style=\"font:1.1rem system-ui,sans-serif;margin:20vh auto;max-width:30rem;text-align:center\">\
         <p>{words}</p>"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn code(line: &str) -> Option<String> {
        match understood(line, "s t") {
            Came::Code(code) => Some(code.expose_secret().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn only_the_right_state_brings_a_code() {
        assert_eq!(code("GET /oauth/callback?code=a%2Bb&state=s%20t HTTP/1.1").as_deref(), Some("a+b"));
        assert_eq!(code("GET /oauth/callback?state=s+t&code=c HTTP/1.1").as_deref(), Some("c"));
        for other in [
            "GET /oauth/callback?code=c&state=other HTTP/1.1",
            "GET /oauth/callback?code=c HTTP/1.1",
            "GET /oauth/callback?code=&state=s%20t HTTP/1.1",
            "POST /oauth/callback?code=c&state=s%20t HTTP/1.1",
            "GET /favicon.ico HTTP/1.1",
            "GET /oauth/callback?code=%ff&state=s%20t HTTP/1.1",
            "",
        ] {
            assert_eq!(code(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_refusal_with_the_right_state_is_one_and_a_forged_one_is_not() {
        let line = "GET /oauth/callback?error=access_denied&state=s%20t HTTP/1.1";
        assert!(matches!(understood(line, "s t"), Came::Denied));
        assert!(matches!(understood(line, "other"), Came::Other), "another program cannot end a sign-in");
    }
}
