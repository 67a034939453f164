//! Where the app is shown: on the person's own screen, or on a private one with a real notification daemon, a window manager
//! and a panel.
//!
//! **Invariant:** on the person's screen too, history, settings and the folders of the toolkit are the demonstration's own;
//! only the display, the bus and the alerts are the person's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use tokio::process::{Child, Command};
use watchbell_tests::harness::session::Session;

/// The size of the private screen, in pixels.
pub(crate) const SCREEN: (u32, u32) = (1920, 1080);
const DUNST: &str = include_str!("dunstrc");
const PANEL: &str = include_str!("panel.xml");
const XFCONFD: &str = "xfce4/xfconf/xfconfd";

/// Where programs run, and with which variables.
pub(crate) struct Desk {
    /// The private session; `None` on the person's screen.
    pub(crate) session: Option<Session>,
    variables: Vec<(OsString, OsString)>,
    // What a desktop consists of; ends before the session does.
    furniture: Vec<Child>,
}

impl Desk {
    /// The person's session where there is a screen, else one of its own.
    pub(crate) async fn find(place: &Path, data: &Path, endpoint_url: &str) -> anyhow::Result<Self> {
        let own = |name: &str| place.join(name).into_os_string();
        let mut variables: Vec<(OsString, OsString)> = vec![
            ("WATCHBELL_DATA_DIR".into(), data.into()),
            ("AWS_ENDPOINT_URL".into(), endpoint_url.into()),
            ("AWS_ACCESS_KEY_ID".into(), "test".into()),
            ("AWS_SECRET_ACCESS_KEY".into(), "test".into()),
            ("AWS_REGION".into(), "us-east-1".into()),
            ("AWS_EC2_METADATA_DISABLED".into(), "true".into()),
        ];
        let has_screen =
            ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
        if !has_screen {
            let session = Session::with_screen(SCREEN.0, SCREEN.1).await?;
            let mut desk = Self { session: Some(session), variables, furniture: Vec::new() };
            desk.furnish().await?;
            return Ok(desk);
        }
        if let Some(authority) = authority() {
            variables.push(("XAUTHORITY".into(), authority));
        }
        for (name, folder) in
            [("HOME", "home"), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "share"), ("XDG_CACHE_HOME", "cache")]
        {
            std::fs::create_dir_all(place.join(folder))?;
            variables.push((name.into(), own(folder)));
        }
        Ok(Self { session: None, variables, furniture: Vec::new() })
    }

    /// A program on this desk, silent, killed when dropped.
    pub(crate) fn command(&self, program: impl Into<PathBuf>) -> Command {
        let program = program.into();
        let mut command = if let Some(session) = &self.session {
            session.command(program)
        } else {
            let mut command = Command::new(program);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
                command.env_remove(name);
            }
            command
        };
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// A window manager, a notification daemon, and a panel with a tray.
    async fn furnish(&mut self) -> anyhow::Result<()> {
        let Some(session) = &self.session else { return Ok(()) };
        let dunstrc = session.path("dunstrc");
        tokio::fs::write(&dunstrc, DUNST).await?;
        let channels = session.path("config/xfce4/xfconf/xfce-perchannel-xml");
        tokio::fs::create_dir_all(&channels).await?;
        tokio::fs::write(channels.join("xfce4-panel.xml"), PANEL).await?;
        let xfconfd = ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/libexec"]
            .iter()
            .map(|folder| Path::new(folder).join(XFCONFD))
            .find(|path| path.exists())
            .context("xfconfd, which comes with xfce4-panel, is missing")?;
        let mut start = |mut command: Command, name: &str| -> anyhow::Result<()> {
            self.furniture.push(command.spawn().with_context(|| format!("starting {name}"))?);
            Ok(())
        };
        // A plain background: on black, dark menus and alerts have no edge.
        let mut wall = session.command("display");
        let size = format!("{}x{}", SCREEN.0, SCREEN.1);
        wall.args(["-size", &size, "-window", "root", "xc:#5b6673"]);
        start(wall, "ImageMagick's display")?;
        start(session.command("openbox"), "openbox")?;
        let mut dunst = session.command("dunst");
        dunst.arg("-conf").arg(dunstrc);
        start(dunst, "dunst")?;
        start(session.command(xfconfd), "xfconfd")?;
        wait_for_name(session, "org.xfce.Xfconf").await?;
        let mut panel = session.command("xfce4-panel");
        panel.arg("--disable-wm-check");
        start(panel, "xfce4-panel")?;
        wait_for_name(session, "org.freedesktop.Notifications").await?;
        wait_for_name(session, "org.kde.StatusNotifierWatcher").await
    }
}

/// X servers of a login ask for a cookie, which lies in the person's home unless a variable says otherwise.
fn authority() -> Option<OsString> {
    std::env::var_os("XAUTHORITY").or_else(|| {
        let usual = PathBuf::from(std::env::var_os("HOME")?).join(".Xauthority");
        usual.exists().then(|| usual.into_os_string())
    })
}

async fn wait_for_name(session: &Session, name: &str) -> anyhow::Result<()> {
    let bus = session.bus.connect().await?;
    let names = zbus::fdo::DBusProxy::new(&bus).await?;
    for _ in 0..200 {
        if names.name_has_owner(name.try_into()?).await? {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("nobody owned {name} on the private bus within 10 s")
}
