//! Who shows alerts on this desktop, asked without showing one; and one test alert where no engine runs that could show it.
//!
//! **Invariant:** ends within 2 s.

use std::time::Duration;

use watchbell_core::policy::AlertText;

use super::refused::{no_bus, no_server};
use super::screen::{PATH, SERVER};
use crate::error::{Code, Problem};

const WITHIN: Duration = Duration::from_secs(2);

/// The notification server's name and version (`GetServerInformation`, Desktop Notifications Specification 1.2).
///
/// # Errors
/// When there is no session bus, or no server on it that answers.
pub(crate) async fn server() -> Result<Option<String>, Problem> {
    let look = async {
        let bus = zbus::Connection::session().await.map_err(|error| no_bus(&error))?;
        let proxy = zbus::Proxy::new(&bus, SERVER, PATH, SERVER).await.map_err(|error| no_bus(&error))?;
        let told: (String, String, String, String) =
            proxy.call("GetServerInformation", &()).await.map_err(|_| no_server())?;
        let (name, _vendor, version, _) = told;
        Ok(Some(watchbell_core::words::clean(&format!("{name} {version}"))))
    };
    tokio::time::timeout(WITHIN, look).await.unwrap_or_else(|_late| Err(silent()))
}

/// Shows one test alert that nobody waits for.
///
/// # Errors
/// Why it could not be shown.
pub(crate) async fn show_test() -> Result<(), Problem> {
    let AlertText { title, body, .. } = super::test_text();
    let show = async {
        let shown =
            notify_rust::Notification::new().appname("Watchbell").summary(&title).body(&body).show_async().await;
        shown.map(drop).map_err(|error| Problem::new(Code::No, format!("no alert can be shown: {error}"), HINT))
    };
    tokio::time::timeout(WITHIN, show).await.unwrap_or_else(|_late| Err(silent()))
}

const HINT: &str = "restart the notification server (dunst, mako, or your desktop's own)";

fn silent() -> Problem {
    let message =
        format!("no alert can be shown: the notification server did not answer within {} s", WITHIN.as_secs());
    Problem::new(Code::No, message, HINT)
}
