//! A stand-in for IAM Identity Center: its OIDC service, the page in the browser, and the access portal, on one loopback port.
//!
//! It keeps to what AWS documents: `RegisterClient`, `StartDeviceAuthorization`, `CreateToken` with PKCE, a device and a refresh
//! token, then accounts, roles and their credentials. It can deny, slow down, let things expire, and refuse to refresh.
//!
//! **Invariant:** a code, a device code and a refresh token are good for one use; the verifier is checked against the challenge, the
//! redirect against the one that was asked for, the client's secret always. What was wrong is noted and refused.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;
use watchbell_engine::clock;

/// How it behaves. Changed while it runs.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is one thing that the real one does now and then")]
pub struct Manners {
    /// How long an access token lasts, in seconds.
    pub token_seconds: i64,
    /// How long a role's credentials last, in seconds.
    pub role_seconds: i64,
    /// Whether a sign-in gives a refresh token.
    pub refreshes: bool,
    /// The refresh is refused.
    pub refuse_refresh: bool,
    /// The person says no on the page.
    pub deny: bool,
    /// How often a device is told that nobody has answered yet.
    pub pending: u32,
    /// How often a device is told to slow down, after that.
    pub slow_down: u32,
    /// A device's code has ended.
    pub expired: bool,
    /// Letters of padding in each secret, as real ones are long.
    pub padding: usize,
    /// The access key of every role: its id, secret and, for a temporary one, token. Made up without it.
    pub role_key: Option<(String, String)>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            token_seconds: 3600,
            role_seconds: 3600,
            refreshes: true,
            refuse_refresh: false,
            deny: false,
            pending: 0,
            slow_down: 0,
            expired: false,
            padding: 3000,
            role_key: None,
        }
    }
}

#[derive(Default)]
struct Books {
    manners: Manners,
    /// Client id to secret, and whether it may use a browser.
    clients: HashMap<String, (String, bool)>,
    /// Code to challenge and redirect.
    codes: HashMap<String, (String, String)>,
    devices: HashSet<String>,
    tokens: HashMap<String, i64>,
    /// Until when each session token of a role is good.
    roles: HashMap<String, i64>,
    refresh: HashSet<String>,
    /// Everything that must never be seen outside.
    secrets: Vec<String>,
    /// What came: `CreateToken authorization_code`, `GetRoleCredentials`, …
    seen: Vec<String>,
    /// What was not as it should be.
    wrong: Vec<String>,
}

/// A running stand-in. Everything ends when it is dropped.
pub struct IdentityCenter {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub url: String,
    books: Arc<Mutex<Books>>,
    _serving: JoinSet<()>,
}

/// Its two accounts, and the roles of the first.
pub const ACCOUNTS: [(&str, &str); 2] = [("111111111111", "Production"), ("222222222222", "Sandbox")];
/// The roles of every account.
pub const ROLES: [&str; 3] = ["Admin", "OnCall", "ReadOnly"];

impl IdentityCenter {
    /// Starts it.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(manners: Manners) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let books = Arc::new(Mutex::new(Books { manners, ..Books::default() }));
        let (shared, own_url) = (Arc::clone(&books), url.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut calls = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (books, url) = (Arc::clone(&shared), own_url.clone());
                calls.spawn(async move {
                    // A client that goes away is what some tests are about.
                    let _ = serve(stream, &url, &books).await;
                });
            }
        });
        Ok(Self { url, books, _serving: serving })
    }

    /// The start URL of its access portal.
    pub fn start_url(&self) -> String {
        format!("{}/start", self.url)
    }

    /// Changes how it behaves from now on.
    pub fn change(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut lock(&self.books).manners);
    }

    /// Every secret that it ever gave.
    pub fn secrets(&self) -> Vec<String> {
        lock(&self.books).secrets.clone()
    }

    /// Until when the credentials with this session token are good, in epoch seconds.
    pub fn good_until(&self, session_token: &str) -> Option<i64> {
        lock(&self.books).roles.get(session_token).copied()
    }

    /// What came, in order.
    pub fn seen(&self) -> Vec<String> {
        lock(&self.books).seen.clone()
    }

    /// How often this came.
    pub fn count(&self, what: &str) -> usize {
        lock(&self.books).seen.iter().filter(|seen| *seen == what).count()
    }

    /// What was not as AWS wants it.
    pub fn wrong(&self) -> Vec<String> {
        lock(&self.books).wrong.clone()
    }

    /// Ends every access token now, as an administrator does who ends a session.
    pub fn end_sessions(&self) {
        let mut books = lock(&self.books);
        books.tokens.clear();
        books.refresh.clear();
    }
}

fn lock(books: &Mutex<Books>) -> MutexGuard<'_, Books> {
    books.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> i64 {
    clock::now().as_second()
}

struct Request {
    method: String,
    path: String,
    query: HashMap<String, String>,
    token: String,
    body: Value,
}

type Answer = (u16, &'static str, String);

async fn serve(stream: TcpStream, url: &str, books: &Mutex<Books>) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let (status, kind, body) = lock(books).answer(&request, url);
        let location = if status == 302 { format!("Location: {body}\r\n") } else { String::new() };
        let body = if status == 302 { String::new() } else { body };
        let fault =
            serde_json::from_str::<Value>(&body).ok().and_then(|body| body["__type"].as_str().map(str::to_owned));
        let fault = fault.map(|fault| format!("X-Amzn-ErrorType: {fault}\r\n")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{location}{fault}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.get_mut().write_all(head.as_bytes()).await?;
        stream.get_mut().write_all(body.as_bytes()).await?;
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Option<Request>> {
    let mut first = String::new();
    if stream.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "x-amz-sso_bearer_token" => value.trim().clone_into(&mut token),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let mut words = first.split(' ');
    let (method, target) = (words.next().context("a method")?, words.next().context("a target")?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), decoded(v)));
    Ok(Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.collect(),
        token,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    }))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let pair = (byte == b'%').then(|| [rest.next(), rest.next()]);
        let hex = pair.and_then(|pair| {
            let pair = [pair[0]?, pair[1]?];
            u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()
        });
        bytes.push(hex.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ok(body: &Value) -> Answer {
    (200, "application/json", body.to_string())
}

fn refused(status: u16, fault: &str, error: &str) -> Answer {
    (
        status,
        "application/json",
        json!({ "__type": fault, "error": error, "error_description": error, "message": error }).to_string(),
    )
}

impl Books {
    fn secret(&mut self, kind: &str) -> String {
        let secret = format!("{kind}-{}{}", Uuid::new_v4().simple(), "x".repeat(self.manners.padding));
        self.secrets.push(secret.clone());
        secret
    }

    fn answer(&mut self, asked: &Request, url: &str) -> Answer {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", "/client/register") => self.register(&asked.body),
            ("POST", "/device_authorization") => self.device(&asked.body, url),
            ("GET", "/authorize") => self.authorize(&asked.query),
            ("POST", "/token") => self.token(&asked.body),
            ("GET", "/assignment/accounts") => self.accounts(asked),
            ("GET", "/assignment/roles") => self.roles(asked),
            ("GET", "/federation/credentials") => self.credentials(asked),
            ("POST", "/logout") => {
                self.seen.push("Logout".into());
                self.tokens.remove(&asked.token);
                (200, "application/json", String::new())
            }
            _ => (404, "text/plain", "nothing is here".into()),
        }
    }

    fn register(&mut self, body: &Value) -> Answer {
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

    fn client(&mut self, body: &Value) -> bool {
        let known = self.clients.get(body["clientId"].as_str().unwrap_or_default());
        known.is_some_and(|(secret, _)| body["clientSecret"] == *secret)
    }

    fn device(&mut self, body: &Value, url: &str) -> Answer {
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

    fn authorize(&mut self, query: &HashMap<String, String>) -> Answer {
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

    fn token(&mut self, body: &Value) -> Answer {
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

    fn tokens(&mut self) -> Answer {
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

    fn signed_in(&mut self, asked: &Request, what: &str) -> Result<(), Answer> {
        self.seen.push(what.to_owned());
        match self.tokens.get(&asked.token) {
            Some(ends) if *ends > now() => Ok(()),
            _ => Err(refused(401, "UnauthorizedException", "Session token not found or invalid")),
        }
    }

    /// A page of one, so that every reader has to ask for the next.
    fn accounts(&mut self, asked: &Request) -> Answer {
        if let Err(answer) = self.signed_in(asked, "ListAccounts") {
            return answer;
        }
        let at: usize = asked.query.get("next_token").and_then(|at| at.parse().ok()).unwrap_or(0);
        let (id, name) = ACCOUNTS[at.min(ACCOUNTS.len() - 1)];
        let mut page =
            json!({ "accountList": [{ "accountId": id, "accountName": name, "emailAddress": "root@example.com" }] });
        if at + 1 < ACCOUNTS.len() {
            page["nextToken"] = json!((at + 1).to_string());
        }
        ok(&page)
    }

    fn roles(&mut self, asked: &Request) -> Answer {
        if let Err(answer) = self.signed_in(asked, "ListAccountRoles") {
            return answer;
        }
        let account = asked.query.get("account_id").cloned().unwrap_or_default();
        let roles: Vec<Value> = ROLES.iter().map(|role| json!({ "roleName": role, "accountId": account })).collect();
        ok(&json!({ "roleList": roles }))
    }

    fn credentials(&mut self, asked: &Request) -> Answer {
        if let Err(answer) = self.signed_in(asked, "GetRoleCredentials") {
            return answer;
        }
        if !asked.query.get("role_name").is_some_and(|role| ROLES.contains(&role.as_str())) {
            return refused(403, "ForbiddenException", "No access");
        }
        let (id, secret) = self.manners.role_key.clone().unwrap_or_else(|| ("test".into(), "test".into()));
        let token = self.secret("session-token");
        self.roles.insert(token.clone(), now() + self.manners.role_seconds);
        ok(&json!({ "roleCredentials": {
            "accessKeyId": id, "secretAccessKey": secret, "sessionToken": token,
            "expiration": (now() + self.manners.role_seconds) * 1000,
        }}))
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

/// A program for `BROWSER` that follows the address as a person would who is signed in already.
///
/// # Errors
/// When it cannot be written.
pub fn browser(folder: &std::path::Path) -> anyhow::Result<std::path::PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let file = folder.join("browser");
    // As a real one: a connection in advance, then a favicon, then the page.
    let script = "#!/usr/bin/env python3
import sys, urllib.request
urllib.request.urlopen(sys.argv[1]).read()
";
    std::fs::write(&file, script)?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700))?;
    Ok(file)
}
