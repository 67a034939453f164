//! HTTP as far as the stand-in needs it: requests as they come, answers and faults as AWS writes them.

use std::collections::HashMap;
use std::sync::Mutex;

use anyhow::Context;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Books, lock};

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: HashMap<String, String>,
    pub(super) token: String,
    pub(super) body: Value,
}

pub(super) type Answer = (u16, &'static str, String);

pub(super) async fn serve(stream: TcpStream, url: &str, books: &Mutex<Books>) -> anyhow::Result<()> {
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

pub(super) async fn read(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Option<Request>> {
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

pub(super) fn decoded(text: &str) -> String {
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

pub(super) fn ok(body: &Value) -> Answer {
    (200, "application/json", body.to_string())
}

pub(super) fn refused(status: u16, fault: &str, error: &str) -> Answer {
    (
        status,
        "application/json",
        json!({ "__type": fault, "error": error, "error_description": error, "message": error }).to_string(),
    )
}
