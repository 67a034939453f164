//! A queue on loopback that does what the test says: SQS's JSON protocol over plain HTTP/1.1, as far as receiving needs it.
//!
//! What a real stand-in cannot be made to do is done here: refuse single entries of a delete, hang, cut a connection, or let a
//! test look at the database at the very moment of a call.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::aws::access::{Access, Identity};
use crate::clock;

/// One call as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `ReceiveMessage`, `DeleteMessageBatch`, …
    pub(crate) action: String,
    pub(crate) body: Value,
    /// Which connection it came on, counted from 0.
    pub(crate) connection: usize,
    pub(crate) at: Instant,
}

impl Call {
    /// The receipt handles of a `DeleteMessageBatch`, sorted.
    pub(crate) fn handles(&self) -> Vec<String> {
        let entries = self.body["Entries"].as_array().cloned().unwrap_or_default();
        let mut handles: Vec<String> =
            entries.iter().map(|entry| entry["ReceiptHandle"].as_str().unwrap().to_owned()).collect();
        handles.sort();
        handles
    }
}

/// What a test has a call answered with, instead of what the queue would say.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// An error as AWS writes it.
    Error(u16, &'static str),
    /// Nothing, for ever.
    Hang,
    /// The connection is cut.
    Cut,
    /// These handles are refused; `true`: by our own fault.
    Refuse(BTreeMap<String, bool>),
    /// The queue's own answer, after this time.
    After(Duration),
}

type Script = Box<dyn FnMut(&Call) -> Option<Fault> + Send>;

#[derive(Default)]
struct Queue {
    visible: VecDeque<(usize, String)>,
    deleted: Vec<String>,
    calls: Vec<Call>,
    sent: usize,
    /// How many seconds its clock is ahead, once it dates its answers.
    ahead: Option<i64>,
    /// How many seconds ago the messages were sent, once it says so.
    waited: Option<i64>,
}

/// The stand-in. It ends when dropped.
pub(crate) struct StandIn {
    pub(crate) url: String,
    queue: Arc<Mutex<Queue>>,
    script: Arc<Mutex<Script>>,
    /// How many receives are being answered, and the most there were at once.
    pub(crate) receiving: Arc<AtomicUsize>,
    pub(crate) most: Arc<AtomicUsize>,
    _end: DropGuard,
}

impl StandIn {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let cancel = CancellationToken::new();
        let server = Self {
            url,
            queue: Arc::default(),
            script: Arc::new(Mutex::new(Box::new(|_| None))),
            receiving: Arc::default(),
            most: Arc::default(),
            _end: cancel.clone().drop_guard(),
        };
        let (queue, script) = (Arc::clone(&server.queue), Arc::clone(&server.script));
        let (receiving, most) = (Arc::clone(&server.receiving), Arc::clone(&server.most));
        let tasks = TaskTracker::new();
        tasks.clone().spawn(async move {
            let mut connections = 0;
            loop {
                let stream = tokio::select! {
                    () = cancel.cancelled() => return,
                    accepted = listener.accept() => accepted.unwrap().0,
                };
                let (queue, script) = (Arc::clone(&queue), Arc::clone(&script));
                let (receiving, most) = (Arc::clone(&receiving), Arc::clone(&most));
                let (number, cancel) = (connections, cancel.clone());
                connections += 1;
                tasks.spawn(async move {
                    tokio::select! {
                        () = cancel.cancelled() => {}
                        _ = serve(stream, number, &queue, &script, &receiving, &most) => {}
                    }
                });
            }
        });
        server
    }

    /// From now on each call is answered as `script` says; `None`: as the queue says.
    pub(crate) fn script(&self, script: impl FnMut(&Call) -> Option<Fault> + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    pub(crate) fn well(&self) {
        self.script(|_| None);
    }

    /// Puts messages in. The handle of the n-th ever put in is `h<n>`, with leading zeros.
    pub(crate) fn send(&self, bodies: impl IntoIterator<Item = String>) {
        let mut queue = self.queue.lock().unwrap();
        for body in bodies {
            let number = queue.sent;
            queue.visible.push_back((number, body));
            queue.sent += 1;
        }
    }

    /// From now on each answer is dated by a clock that is so many seconds ahead.
    pub(crate) fn dates(&self, ahead: i64) {
        self.queue.lock().unwrap().ahead = Some(ahead);
    }

    /// From now on each message says that it was sent so many seconds before it is received, by the stand-in's clock.
    pub(crate) fn waited(&self, seconds: i64) {
        self.queue.lock().unwrap().waited = Some(seconds);
    }

    /// Every call of this action so far.
    pub(crate) fn calls(&self, action: &str) -> Vec<Call> {
        self.queue.lock().unwrap().calls.iter().filter(|call| call.action == action).cloned().collect()
    }

    /// The handles that were deleted, in the order in which they were.
    pub(crate) fn deleted(&self) -> Vec<String> {
        self.queue.lock().unwrap().deleted.clone()
    }

    pub(crate) fn access(&self) -> Access {
        let identity = Identity::AccessKey { id: "AKIAIOSFODNN7EXAMPLE".into(), secret: "s".to_owned().into() };
        Access::new(identity, None, Some(self.url.clone()))
    }

    pub(crate) async fn client(&self) -> aws_sdk_sqs::Client {
        self.access().sqs("us-east-1").await
    }
}

pub(crate) fn handle(number: usize) -> String {
    format!("h{number:03}")
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    queue: &Mutex<Queue>,
    script: &Mutex<Script>,
    receiving: &AtomicUsize,
    most: &AtomicUsize,
) -> std::io::Result<()> {
    loop {
        let Some((action, body)) = request(&mut stream).await? else { return Ok(()) };
        let call = Call { action, body, connection, at: clock::monotonic() };
        queue.lock().unwrap().calls.push(call.clone());
        let polls = call.action == "ReceiveMessage";
        if polls {
            most.fetch_max(receiving.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        }
        let fault = (script.lock().unwrap())(&call);
        let (status, answer) = match fault {
            Some(Fault::Cut) => return Ok(()),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Error(status, code)) => (status, json!({"__type": code, "message": "as the test says"})),
            Some(Fault::Refuse(refused)) => (200, queue.lock().unwrap().answer(&call, &refused)),
            Some(Fault::After(time)) => {
                tokio::time::sleep(time).await;
                (200, queue.lock().unwrap().answer(&call, &BTreeMap::new()))
            }
            None => {
                let answer = queue.lock().unwrap().answer(&call, &BTreeMap::new());
                if polls && answer["Messages"].as_array().is_some_and(Vec::is_empty) {
                    // A long poll, as long as a test can wait.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                (200, answer)
            }
        };
        if polls {
            receiving.fetch_sub(1, Ordering::SeqCst);
        }
        let text = answer.to_string();
        let date = queue.lock().unwrap().ahead.map(date).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status} Said\r\n{date}Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(text.as_bytes()).await?;
    }
}

/// The header, in the form of RFC 9110.
fn date(ahead: i64) -> String {
    let now = clock::now() + jiff::SignedDuration::from_secs(ahead);
    format!("Date: {}\r\n", now.strftime("%a, %d %b %Y %H:%M:%S GMT"))
}

impl Queue {
    fn answer(&mut self, call: &Call, refused: &BTreeMap<String, bool>) -> Value {
        match call.action.as_str() {
            "ReceiveMessage" => {
                let taken = self.visible.len().min(10);
                let sent = self.waited.map(|waited| {
                    let ago = jiff::SignedDuration::from_secs(self.ahead.unwrap_or_default() - waited);
                    (clock::now() + ago).as_millisecond().to_string()
                });
                let messages: Vec<Value> = self
                    .visible
                    .drain(..taken)
                    .map(|(number, body)| {
                        let mut message =
                            json!({"MessageId": format!("m{number}"), "ReceiptHandle": handle(number), "Body": body});
                        if let Some(sent) = &sent {
                            message["Attributes"] = json!({"SentTimestamp": sent});
                        }
                        message
                    })
                    .collect();
                json!({"Messages": messages})
            }
            "DeleteMessageBatch" => {
                let (mut successful, mut failed) = (Vec::new(), Vec::new());
                for entry in call.body["Entries"].as_array().unwrap() {
                    let held = entry["ReceiptHandle"].as_str().unwrap().to_owned();
                    if let Some(ours) = refused.get(&held) {
                        let code = if *ours { "ReceiptHandleIsInvalid" } else { "InternalError" };
                        failed.push(json!({"Id": entry["Id"], "SenderFault": ours, "Code": code}));
                    } else {
                        successful.push(json!({"Id": entry["Id"]}));
                        self.deleted.push(held);
                    }
                }
                json!({"Successful": successful, "Failed": failed})
            }
            _ => json!({}),
        }
    }
}

/// The action and the body of the next request; `None` when the client hung up.
async fn request(stream: &mut TcpStream) -> std::io::Result<Option<(String, Value)>> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_string();
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            while bytes.len() < end + 4 + length {
                let read = stream.read(&mut part).await?;
                if read == 0 {
                    return Ok(None);
                }
                bytes.extend_from_slice(&part[..read]);
            }
            let action = header("x-amz-target").unwrap_or_default();
            let action = action.rsplit('.').next().unwrap_or_default().to_owned();
            let body = serde_json::from_slice(&bytes[end + 4..end + 4 + length]).unwrap_or_default();
            return Ok(Some((action, body)));
        }
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&part[..read]);
    }
}
