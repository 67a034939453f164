//! A gate before a stand-in: lets calls through, and holds, answers or counts those that a test names.
//!
//! **Invariant:** what is not named passes unchanged. A held call has reached the stand-in already when it is said to be held, so
//! that a test knows what exists.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What becomes of a call.
#[derive(Clone)]
enum Then {
    /// It is done, and its answer waits until the gate opens.
    Hold,
    /// It never reaches the stand-in; the first of these answers whose mark is in the request is given.
    Answer(Vec<Marked>),
}

/// An answer to requests that contain `mark`.
#[derive(Clone)]
struct Marked {
    mark: String,
    status: u16,
    body: String,
}

#[derive(Default)]
struct Plan {
    by_action: HashMap<String, Then>,
    seen: Vec<String>,
    bodies: Vec<(String, String)>,
    date: Option<String>,
    signed: Vec<Signed>,
}

/// A call that was signed with a temporary key.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The action.
    pub action: String,
    /// Its session token.
    pub token: String,
    /// When it was signed, as it says itself (`X-Amz-Date`), or when it came if that is earlier, in epoch seconds: a call may be under way
    /// for a while, and the SDK takes the time that a long poll lay for a clock that is behind.
    pub at: i64,
}

/// A running gate. Everything ends when it is dropped.
pub struct Gate {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub url: String,
    plan: Arc<Mutex<Plan>>,
    held: watch::Receiver<u32>,
    open: watch::Sender<bool>,
    _serving: JoinSet<()>,
}

impl Gate {
    /// A gate before the stand-in at this URL.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn before(upstream: &str) -> anyhow::Result<Self> {
        let upstream = upstream.strip_prefix("http://").context("a stand-in's URL begins with http://")?.to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let plan = Arc::<Mutex<Plan>>::default();
        let (holding, held) = watch::channel(0);
        let (open, opened) = watch::channel(false);
        let mut serving = JoinSet::new();
        let shared = Arc::clone(&plan);
        serving.spawn(async move {
            let mut calls = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, plan, holding, opened) =
                    (upstream.clone(), Arc::clone(&shared), holding.clone(), opened.clone());
                calls.spawn(async move {
                    // A client that goes away in the middle is what some tests are about.
                    let _ = serve(client, &upstream, &plan, &holding, opened).await;
                });
            }
        });
        Ok(Self { url, plan, held, open, _serving: serving })
    }

    /// Calls of this action (`CreateQueue`) are done, and their answers held back until [`Gate::open`].
    pub fn hold(&self, action: &str) {
        lock(&self.plan).by_action.insert(action.to_owned(), Then::Hold);
    }

    /// Calls of this action get this answer and go no further.
    pub fn answer(&self, action: &str, status: u16, body: impl Into<String>) {
        self.answer_when(action, "", status, body);
    }

    /// Such calls with `mark` in their body get this answer, before those named earlier.
    pub fn answer_when(&self, action: &str, mark: &str, status: u16, body: impl Into<String>) {
        let answer = Marked { mark: mark.to_owned(), status, body: body.into() };
        match lock(&self.plan).by_action.entry(action.to_owned()).or_insert_with(|| Then::Answer(Vec::new())) {
            Then::Answer(answers) => answers.insert(0, answer),
            held @ Then::Hold => *held = Then::Answer(vec![answer]),
        }
    }

    /// Calls of this action pass again.
    pub fn pass(&self, action: &str) {
        lock(&self.plan).by_action.remove(action);
    }

    /// Answers of the stand-in carry this `Date` from now on (RFC 9110, IMF-fixdate).
    pub fn dated(&self, date: &str) {
        lock(&self.plan).date = Some(date.to_owned());
    }

    /// Every action that came so far, in order.
    pub fn seen(&self) -> Vec<String> {
        lock(&self.plan).seen.clone()
    }

    /// What came with each call of this action, in order.
    pub fn bodies(&self, action: &str) -> Vec<String> {
        let plan = lock(&self.plan);
        plan.bodies.iter().filter(|(seen, _)| seen == action).map(|(_, body)| body.clone()).collect()
    }

    /// Every call that was signed with a temporary key, in order.
    pub fn signed(&self) -> Vec<Signed> {
        lock(&self.plan).signed.clone()
    }

    /// Resolves once a call is held.
    ///
    /// # Errors
    /// When none is within 20 s.
    pub async fn holds(&mut self) -> anyhow::Result<()> {
        tokio::time::timeout(Duration::from_secs(20), self.held.wait_for(|held| *held > 0))
            .await
            .context("no call was held")??;
        Ok(())
    }

    /// Lets every held call go, and those to come.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(
    client: TcpStream,
    upstream: &str,
    plan: &Mutex<Plan>,
    holding: &watch::Sender<u32>,
    mut opened: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut client = BufReader::new(client);
    while let Some((head, body)) = request(&mut client).await? {
        let action = action(&head, &body).unwrap_or_default();
        let then = {
            let mut plan = lock(plan);
            plan.seen.push(action.clone());
            plan.bodies.push((action.clone(), String::from_utf8_lossy(&body).into_owned()));
            if let Some(token) = header(&head, "x-amz-security-token") {
                let date = header(&head, "x-amz-date").context("a signed call has no date")?;
                let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date)?.in_tz("UTC")?.timestamp().as_second();
                let at = at.min(watchbell_engine::clock::now().as_second());
                plan.signed.push(Signed { action: action.clone(), token: token.to_owned(), at });
            }
            plan.by_action.get(&action).cloned()
        };
        let text = String::from_utf8_lossy(&body);
        let said = match &then {
            Some(Then::Answer(answers)) => answers.iter().find(|answer| text.contains(&answer.mark)),
            _ => None,
        };
        let answer = if let Some(Marked { status, body, .. }) = said {
            format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        } else {
            let date = lock(plan).date.clone();
            forward(upstream, &head, &body, date.as_deref()).await?
        };
        if matches!(then, Some(Then::Hold)) {
            holding.send_modify(|held| *held += 1);
            opened.wait_for(|open| *open).await?;
        }
        client.get_mut().write_all(&answer).await?;
    }
    Ok(())
}

/// Head and body of the next request on a connection; `None` when it was closed.
async fn request(client: &mut BufReader<TcpStream>) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length(&head).unwrap_or_default()];
    client.read_exact(&mut body).await?;
    Ok(Some((head, body)))
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then(|| value.trim()))
}

fn length(head: &str) -> Option<usize> {
    header(head, "content-length")?.parse().ok()
}

/// SQS names it in a header, SNS and STS in the form.
fn action(head: &str, body: &[u8]) -> Option<String> {
    if let Some(target) = header(head, "x-amz-target") {
        return target.rsplit('.').next().map(str::to_owned);
    }
    let form = std::str::from_utf8(body).ok()?;
    form.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
}

/// The whole answer of the stand-in. The `Host` stays that of the gate, which the request was signed for.
async fn forward(upstream: &str, head: &str, body: &[u8], date: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut server = BufReader::new(TcpStream::connect(upstream).await?);
    server.get_mut().write_all(format!("{head}\r\n").as_bytes()).await?;
    server.get_mut().write_all(body).await?;
    let Some((mut answer, body)) = request(&mut server).await? else { bail!("the stand-in gave no answer") };
    if let Some(date) = date {
        let rest = answer.split_inclusive("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        answer = format!("{}Date: {date}\r\n", rest.collect::<String>());
    }
    answer.push_str("\r\n");
    let mut answer = answer.into_bytes();
    answer.extend(body);
    Ok(answer)
}
