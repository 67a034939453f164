//! Signing in with a code that is typed on a page, on this machine or any other (RFC 8628).
//!
//! **Invariant:** AWS says how often it may be asked, and is asked no oftener.

use std::time::Duration;

use super::browser::cancelled;
use super::flow::{Asked, Asking};
use super::oidc::{NoToken, Oidc, Registration, Tokens};
use crate::clock;
use crate::error::{Code, Problem};

/// What `slow_down` adds (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

pub(super) async fn sign_in(oidc: &Oidc, of: &Registration, asking: &Asking<'_>) -> Result<Tokens, Problem> {
    let device = oidc.device(of).await?;
    let complete_url = device.complete_url.clone().filter(|url| is_web(url));
    if !is_web(&device.url) {
        return Err(Problem::new(
            Code::AwsUnreachable,
            "the page for the code has an address that is none",
            "a proxy or another service may have answered: check --endpoint-url",
        ));
    }
    // The code can be typed by hand, so a browser that does not start is no failure.
    if let Some(url) = &complete_url
        && let Err(problem) = asking.open(url).await
    {
        tracing::info!(%problem, "the page for the code was not opened");
    }
    (asking.tell)(Asked::Code {
        url: device.url.clone(),
        complete_url,
        code: device.user_code.clone(),
        until: device.ends,
    });
    let mut interval = device.interval;
    loop {
        tokio::select! {
            () = asking.cancel.cancelled() => return Err(cancelled()),
            () = tokio::time::sleep(interval) => {}
        }
        if clock::now() >= device.ends {
            return Err(NoToken::Expired.problem());
        }
        match oidc.by_device(of, &device.code).await {
            Ok(tokens) => return Ok(tokens),
            Err(NoToken::Pending) => {}
            Err(NoToken::SlowDown) => interval += SLOWER,
            // The network may come back before the code ends.
            Err(NoToken::Failed(refusal)) if refusal.transient => interval = interval.max(SLOWER),
            Err(why) => return Err(why.problem()),
        }
    }
}

fn is_web(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://127.0.0.1:")) && !url.contains(char::is_control)
}
