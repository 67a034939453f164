//! A stand-in for IAM Identity Center: its OIDC service, the page in the browser, and the access portal, on one loopback port.
//!
//! It keeps to what AWS documents: `RegisterClient`, `StartDeviceAuthorization`, `CreateToken` with PKCE, a device and a refresh
//! token, then accounts, roles and their credentials. It can deny, slow down, let things expire, and refuse to refresh.
//!
//! **Invariant:** a code, a device code and a refresh token are good for one use; the verifier is checked against the challenge, the
//! redirect against the one that was asked for, the client's secret always. What was wrong is noted and refused.

mod oidc;
mod portal;
mod wire;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use uuid::Uuid;
use watchbell_engine::clock;

use wire::{Answer, Request, serve};

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
