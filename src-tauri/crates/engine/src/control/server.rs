//! The engine's end of the socket: one short conversation a connection, a line in, a line out.
//!
//! **Invariant:** at most [`MOST_CLIENTS`] at once, each with a time-out, so that a stuck client holds nothing up.

use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{GenericFilePath, ListenerOptions};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{LONGEST_LINE, Reply, Request};
use crate::engine::Desk;
use crate::error::{Code, Problem};
use crate::paths::DataDir;

const MOST_CLIENTS: usize = 16;
const CONVERSATION: Duration = Duration::from_secs(30);

/// After the system refused a connection, for want of file handles say.
const AFTER_REFUSAL: Duration = Duration::from_millis(200);

/// Answers until cancelled.
pub(crate) fn serve(listener: Listener, desk: Arc<Desk>, tasks: &TaskTracker, cancel: CancellationToken) {
    let clients = Arc::new(Semaphore::new(MOST_CLIENTS));
    let of_clients = tasks.clone();
    tasks.spawn(async move {
        loop {
            let next = async {
                let permit = Arc::clone(&clients).acquire_owned().await.map_err(std::io::Error::other)?;
                Ok::<_, std::io::Error>((listener.accept().await?, permit))
            };
            let (stream, permit) = tokio::select! {
                () = cancel.cancelled() => return,
                next = next => match next {
                    Ok(next) => next,
                    Err(error) => {
                        tracing::warn!(%error, "a client of the socket could not be heard");
                        tokio::time::sleep(AFTER_REFUSAL).await;
                        continue;
                    }
                },
            };
            let (desk, cancel) = (Arc::clone(&desk), cancel.clone());
            of_clients.spawn(async move {
                let _permit = permit;
                tokio::select! {
                    () = cancel.cancelled() => {}
                    spoken = tokio::time::timeout(CONVERSATION, converse(stream, &desk)) => {
                        if let Ok(Err(error)) = spoken {
                            tracing::debug!(%error, "a client of the socket went away");
                        }
                    }
                }
            });
        }
    });
}

/// Opens the socket. A socket file left by a killed engine is replaced: the caller holds the lock.
///
/// # Errors
/// When the socket cannot be made.
pub(crate) fn listen(dir: &DataDir) -> Result<Listener, Problem> {
    let path = dir.socket();
    let failed = |error: std::io::Error| {
        Problem::new(
            Code::Storage,
            format!("cannot open the local socket {}: {error}", path.display()),
            "check that XDG_RUNTIME_DIR is a folder of yours",
        )
    };
    #[cfg(unix)]
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(failed(error));
    }
    let name = path.to_fs_name::<GenericFilePath>().map_err(failed)?;
    let options = ListenerOptions::new().name(name);
    #[cfg(unix)]
    let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
    options.create_tokio().map_err(failed)
}

async fn converse(stream: Stream, desk: &Desk) -> std::io::Result<()> {
    if !same_user(&stream)? {
        tracing::warn!("a process of another user knocked at the socket");
        return Ok(());
    }
    let mut writing = &stream;
    let mut line = Vec::new();
    BufReader::new((&stream).take(LONGEST_LINE)).read_until(b'\n', &mut line).await?;
    let reply = match serde_json::from_slice::<Request>(&line) {
        Ok(request) => desk.answer(request).await,
        Err(error) => Reply::Refused {
            problem: Problem::new(
                Code::Usage,
                format!("the engine did not understand the request: {error}"),
                "use a watchbellctl of the same version as the running Watchbell",
            ),
        },
    };
    let mut text = serde_json::to_vec(&reply)?;
    text.push(b'\n');
    writing.write_all(&text).await?;
    writing.flush().await
}

#[cfg(unix)]
fn same_user(stream: &Stream) -> std::io::Result<bool> {
    let ours = rustix::process::geteuid().as_raw();
    Ok(stream.peer_creds()?.euid().is_some_and(|theirs| theirs == ours))
}

#[cfg(not(unix))]
fn same_user(_stream: &Stream) -> std::io::Result<bool> {
    Ok(true) // a named pipe is made with the user's own default security descriptor
}
