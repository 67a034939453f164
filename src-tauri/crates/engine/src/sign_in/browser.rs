//! Signing in in the system browser: a listener on the loopback, PKCE, one answer.
//!
//! **Invariants:** the verifier never leaves this process but for the token's own request; the address that is opened holds its
//! digest alone. An answer with another state is not heard, and does not end the wait (RFC 8252, RFC 7636).

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::flow::{Asked, Asking};
use super::oidc::{NoToken, Oidc, Registration, SCOPE, Tokens};
use super::page::{self, Came};
use crate::error::{Code, Problem};

/// As long as the AWS CLI waits.
const PATIENCE: Duration = Duration::from_mins(10);
/// A connection that says nothing is given up; browsers open some in advance.
const SILENT: Duration = Duration::from_secs(20);
/// RFC 3986, "unreserved".
const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why the browser did not do it.
pub(super) enum Failed {
    /// There is none, or it did not start: the code is the way then.
    NoBrowser(Problem),
    /// The sign-in itself failed.
    Ended(Problem),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Ended(problem)
    }
}

pub(super) async fn sign_in(oidc: &Oidc, of: &Registration, asking: &Asking<'_>) -> Result<Tokens, Failed> {
    let unheard = |error: std::io::Error| {
        Failed::NoBrowser(Problem::new(
            Code::No,
            format!("no port of this machine can be listened on: {error}"),
            "sign in with a code instead: press Use a code instead, or add --device",
        ))
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(unheard)?;
    let port = listener.local_addr().map_err(unheard)?.port();
    let redirect = format!("http://127.0.0.1:{port}/oauth/callback");
    let state = Uuid::new_v4().to_string();
    // 64 letters of the system's own randomness (RFC 7636 wants 43 to 128).
    let verifier = SecretString::from(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
    let url = address(&oidc.url, of, &redirect, &state, &verifier);
    asking.open(&url).await.map_err(Failed::NoBrowser)?;
    (asking.tell)(Asked::Browser { url });
    let code = tokio::select! {
        code = tokio::time::timeout(PATIENCE, listen(&listener, &state)) => match code {
            Ok(code) => code?,
            Err(_late) => return Err(NoToken::Expired.problem().into()),
        },
        () = asking.cancel.cancelled() => return Err(cancelled().into()),
    };
    // Nobody is heard any more: one answer.
    drop(listener);
    let tokens = oidc.by_code(of, &code, &redirect, &verifier).await;
    tokens.map_err(|why| why.problem().into())
}

const CALLED_OFF: &str = "the sign-in was called off";

pub(super) fn cancelled() -> Problem {
    Problem::new(Code::No, CALLED_OFF, "")
}

/// Whether a sign-in ended because somebody called it off, which is no failure.
pub fn called_off(problem: &Problem) -> bool {
    problem.message == CALLED_OFF
}

fn address(base: &str, of: &Registration, redirect: &str, state: &str, verifier: &SecretString) -> String {
    let digest = Sha256::digest(verifier.expose_secret().as_bytes());
    // base64url without padding, from base64.
    let challenge = aws_smithy_types::base64::encode(digest).replace('+', "-").replace('/', "_").replace('=', "");
    let fields = [
        ("response_type", "code"),
        ("client_id", &of.client_id),
        ("redirect_uri", redirect),
        ("state", state),
        ("code_challenge_method", "S256"),
        ("scopes", SCOPE),
        ("code_challenge", &challenge),
    ];
    let query: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, &KEPT))).collect();
    format!("{base}/authorize?{}", query.join("&"))
}

/// Each connection in a task of its own: one that was opened in advance must not hold up the one that says something.
async fn listen(listener: &TcpListener, state: &str) -> Result<SecretString, Problem> {
    let mut visits = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let state = state.to_owned();
                visits.spawn(async move { tokio::time::timeout(SILENT, page::answer(stream, &state)).await });
            }
            Some(visit) = visits.join_next() => match visit {
                Ok(Ok(Ok(Came::Code(code)))) => return Ok(code),
                Ok(Ok(Ok(Came::Denied))) => return Err(NoToken::Denied.problem()),
                _ => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_the_digest_and_not_the_verifier() {
        let of = Registration {
            client_id: "id".into(),
            client_secret: "client-secret".to_owned().into(),
            ends: jiff::Timestamp::MAX,
        };
        // The pair of RFC 7636, appendix B.
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        let url =
            address("https://oidc.eu-west-1.amazonaws.com", &of, "http://127.0.0.1:5/oauth/callback", "s/1", &verifier);
        assert!(url.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), "{url}");
        assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2Foauth%2Fcallback&state=s%2F1&"), "{url}");
        for secret in [verifier.expose_secret(), "client-secret"] {
            assert!(!url.contains(secret), "an address is seen by others: {url}");
        }
    }
}
