//! Its OIDC service and the page in the browser: registering, asking for a code or a device's code, and tokens for one.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::wire::{Answer, ok, refused};
use super::{Books, now};

impl Books {
    pub(super) fn register(&mut self, body: &Value) -> Answer {
        self.seen.push("RegisterClient".into());
        if body["clientType"] != "public" || body["scopes"] != json!(["sso:account:access"]) {
            self.wrong.push(format!("registered as {body}"));
        }
        let browser = body["redirectUris"] == json!(["http://127.0.0.1/oauth/callback"])
            && body["grantTypes"] == json!(["authorization_code", "refresh_token"])
            && body["issuerUrl"].is_string();
        let (id, secret) = (Uuid::new_v4().to_string(), self.secret("client-secret"));
        self.clients.insert(id.clone(), (secret.clone(), browser));
        let issued = now();
        ok(
            &json!({ "clientId": id, "clientSecret": secret, "clientIdIssuedAt": issued, "clientSecretExpiresAt": issued + 7_776_000 }),
        )
    }

    pub(super) fn client(&mut self, body: &Value) -> bool {
        let known = self.clients.get(body["clientId"].as_str().unwrap_or_default());
        known.is_some_and(|(secret, _)| body["clientSecret"] == *secret)
    }

    pub(super) fn device(&mut self, body: &Value, url: &str) -> Answer {
        self.seen.push("StartDeviceAuthorization".into());
        if !self.client(body) {
            return refused(401, "InvalidClientException", "invalid_client");
        }
        let code = self.secret("device-code");
        self.devices.insert(code.clone());
        ok(&json!({
            "deviceCode": code, "userCode": "WXYZ-1234", "verificationUri": format!("{url}/device"),
            "verificationUriComplete": format!("{url}/device?user_code=WXYZ-1234"), "expiresIn": 600, "interval": 1,
        }))
    }

    pub(super) fn authorize(&mut self, query: &HashMap<String, String>) -> Answer {
        self.seen.push("Authorize".into());
        let field = |name: &str| query.get(name).cloned().unwrap_or_default();
        let (redirect, state) = (field("redirect_uri"), field("state"));
        let browser = self.clients.get(&field("client_id")).is_some_and(|(_, browser)| *browser);
        let fits = browser
            && field("response_type") == "code"
            && field("code_challenge_method") == "S256"
            && field("code_challenge").len() == 43
            && field("scopes") == "sso:account:access"
            && redirect.starts_with("http://127.0.0.1:")
            && redirect.ends_with("/oauth/callback")
            && state.len() >= 16;
        if !fits {
            self.wrong.push(format!("asked for {query:?}"));
            return (400, "text/plain", "invalid_request".into());
        }
        if self.manners.deny {
            return (302, "text/plain", format!("{redirect}?error=access_denied&state={state}"));
        }
        let code = format!("code-{}", Uuid::new_v4().simple());
        self.secrets.push(code.clone());
        self.codes.insert(code.clone(), (field("code_challenge"), redirect.clone()));
        (302, "text/plain", format!("{redirect}?code={code}&state={state}"))
    }

    pub(super) fn token(&mut self, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let grant = text("grantType").rsplit(':').next().unwrap_or_default().to_owned();
        self.seen.push(format!("CreateToken {grant}"));
        if !self.client(body) {
            return refused(401, "InvalidClientException", "invalid_client");
        }
        match grant.as_str() {
            "authorization_code" => {
                let Some((challenge, redirect)) = self.codes.remove(&text("code")) else {
                    return refused(400, "InvalidGrantException", "invalid_grant");
                };
                if challenged(&text("codeVerifier")) != challenge || text("redirectUri") != redirect {
                    self.wrong.push("a code came with another verifier or redirect".into());
                    return refused(400, "InvalidGrantException", "invalid_grant");
                }
            }
            "device_code" => {
                if !self.devices.contains(&text("deviceCode")) {
                    return refused(400, "InvalidGrantException", "invalid_grant");
                }
                let manners = &mut self.manners;
                if manners.expired {
                    return refused(400, "ExpiredTokenException", "expired_token");
                }
                if manners.deny {
                    return refused(400, "AccessDeniedException", "access_denied");
                }
                if manners.pending > 0 {
                    manners.pending -= 1;
                    return refused(400, "AuthorizationPendingException", "authorization_pending");
                }
                if manners.slow_down > 0 {
                    manners.slow_down -= 1;
                    return refused(400, "SlowDownException", "slow_down");
                }
                self.devices.remove(&text("deviceCode"));
            }
            "refresh_token" => {
                if self.manners.refuse_refresh || !self.refresh.remove(&text("refreshToken")) {
                    return refused(400, "InvalidGrantException", "invalid_grant");
                }
            }
            _ => return refused(400, "UnsupportedGrantTypeException", "unsupported_grant_type"),
        }
        self.tokens()
    }

    pub(super) fn tokens(&mut self) -> Answer {
        let (access, lasts) = (self.secret("access-token"), self.manners.token_seconds);
        self.tokens.insert(access.clone(), now() + lasts);
        let mut given = json!({ "accessToken": access, "tokenType": "Bearer", "expiresIn": lasts });
        if self.manners.refreshes {
            let refresh = self.secret("refresh-token");
            self.refresh.insert(refresh.clone());
            given["refreshToken"] = json!(refresh);
        }
        ok(&given)
    }
}

/// RFC 7636, S256.
fn challenged(verifier: &str) -> String {
    use sha2::{Digest, Sha256};
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digest = Sha256::digest(verifier.as_bytes());
    let mut text = String::new();
    for three in digest.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]));
        }
    }
    text
}
