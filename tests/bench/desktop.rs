//! The desktop app on a private screen: what it costs in the tray, and how soon its window shows something.
//!
//! First paint is seen in the screen's own memory (`Xvfb -fbdir`), looked at every 2 ms: when a pixel other than the empty screen's
//! is there, and when the window shows content (at least [`CONTENT`] colours, which no empty window has). The clock starts just before
//! the program does.

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::view::{EngineState, StatusReport};
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::TrayHost;

use crate::machine;
use crate::queue::Aws;

/// So many colours are a drawn page: text alone has dozens of shades.
const CONTENT: usize = 24;
const WIDTH: usize = 1280;
const HEIGHT: usize = 900;

/// A session with a screen whose memory can be read.
struct Stage {
    session: Session,
    _server: NotificationServer,
    tray: TrayHost,
    _xvfb: Child,
    screen: PathBuf,
}

impl Stage {
    async fn set() -> anyhow::Result<Self> {
        let mut session = Session::without_screen().await?;
        let folder = session.path("screen");
        std::fs::create_dir(&folder)?;
        let mut xvfb = tokio::process::Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0"])
            .arg(format!("{WIDTH}x{HEIGHT}x24"))
            .arg("-fbdir")
            .arg(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting Xvfb")?;
        let stdout = xvfb.stdout.take().context("Xvfb has no stdout")?;
        let number = BufReader::new(stdout).lines().next_line().await?.context("Xvfb named no display")?;
        session.set("DISPLAY", format!(":{}", number.trim()));
        session.set("GDK_BACKEND", "x11");
        session.set("AWS_ACCESS_KEY_ID", "test");
        session.set("AWS_SECRET_ACCESS_KEY", "test");
        let server = NotificationServer::start(&session.bus, &["actions", "body", "body-markup"]).await?;
        let tray = TrayHost::start(&session.bus).await?;
        Ok(Self { session, _server: server, tray, _xvfb: xvfb, screen: folder.join("Xvfb_screen0") })
    }

    fn start(&self, data: &Path, arguments: &[&str]) -> anyhow::Result<Child> {
        let program = std::env::current_exe()?.with_file_name("watchbell");
        let mut command = self.session.command(&program);
        command.args(arguments).env("WATCHBELL_DATA_DIR", data);
        command.spawn().with_context(|| format!("{} is missing: build it first", program.display()))
    }
}

/// Three rows: memory and processor time of the hidden app, and the window's first paint.
pub(crate) async fn measure(fauxqs: &Fauxqs, starts: usize) -> anyhow::Result<Vec<String>> {
    let mut rows = hidden(fauxqs).await?;
    rows.push(first_paint(starts).await?);
    Ok(rows)
}

#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
async fn hidden(fauxqs: &Fauxqs) -> anyhow::Result<Vec<String>> {
    let mut stage = Stage::set().await?;
    let aws = Aws::of(fauxqs).await;
    let topic = aws.topic("desktop").await?;
    let queue = aws.queue("desktop").await?;
    let data = stage.session.path("watchbell");
    crate::latency::remember(&data, fauxqs, &topic, &queue).await?;
    let dir = DataDir::resolve(Some(&data))?;
    let app = stage.start(&data, &["--hidden"])?;
    let pid = app.id().context("watchbell has ended")?;
    stage.tray.next(Duration::from_mins(1)).await.context("no icon in the tray")?;
    // Warm: it has drained a run of 500 nodes, rung, and waits.
    let run = simulate::patch_run(&RunSpec {
        command_id: uuid::Uuid::new_v4().to_string(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: 500,
        fail: 20,
        time_out: 5,
        not_run: 0,
        level: Level::Invocation,
        probe: None,
        topic: topic.clone(),
        started: jiff::Timestamp::now() - jiff::SignedDuration::from_secs(95),
        seed: 7,
    });
    aws.fill(&queue, &topic, &run).await?;
    until(&dir, |status| status.engine == EngineState::Running && status.unacknowledged == 1).await?;
    tokio::time::sleep(Duration::from_secs(25)).await;
    let polled = |status: &StatusReport| status.subscriptions.first().and_then(|line| line.last_completed_poll);
    let before = polled(&control::status(&dir).await?);
    until(&dir, |status| polled(status) > before).await?;
    // A long poll of 20 s has just begun.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let family = machine::family(pid);
    let memory: f64 = family.iter().filter_map(|pid| machine::proc_mib(*pid, "smaps_rollup", "Pss:")).sum();
    let ticks = machine::ticks(pid).context("no processor time")?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let spent = machine::ticks(pid).context("no processor time")? - ticks;
    let (last, processes) = (polled(&control::status(&dir).await?), family.len());
    anyhow::ensure!(last.is_some(), "the queue is not heard");
    Ok(vec![
        format!(
            "| app in the tray, warm (1,000 messages, one alert), {processes} process | {:.0} MB PSS | none | 80 MB |",
            memory * 1.048_576
        ),
        format!("| its processor time in 10 s between two polls | {spent} ticks of 10 ms | none | 0 |"),
    ])
}

async fn until(dir: &DataDir, holds: impl Fn(&StatusReport) -> bool) -> anyhow::Result<()> {
    for _ in 0..600 {
        if control::status(dir).await.is_ok_and(|status| holds(&status)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the app did not come so far within a minute")
}

#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
async fn first_paint(starts: usize) -> anyhow::Result<String> {
    let mut stage = Stage::set().await?;
    let screen = File::open(&stage.screen)?;
    let (mut mapped, mut painted) = (Vec::new(), Vec::new());
    // The first start fills the caches of the machine and is not counted.
    for start in 0..=starts {
        let empty = colours(&screen)?;
        let data = stage.session.path(&format!("paint-{start}"));
        let began = Instant::now();
        let mut app = stage.start(&data, &[])?;
        let mut shown = None;
        let drawn = loop {
            let seen = colours(&screen)?;
            if shown.is_none() && seen != empty {
                shown = Some(began.elapsed());
            }
            if seen.len() >= CONTENT {
                break began.elapsed();
            }
            anyhow::ensure!(began.elapsed() < Duration::from_mins(1), "no window showed content within a minute");
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        if start > 0 {
            mapped.push(shown.unwrap_or(drawn).as_secs_f64());
            painted.push(drawn.as_secs_f64());
        }
        let _ = stage.tray.next(Duration::from_millis(500)).await;
        app.kill().await?;
        while colours(&screen)?.len() >= CONTENT {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    mapped.sort_by(f64::total_cmp);
    painted.sort_by(f64::total_cmp);
    let middle = painted.len() / 2;
    Ok(format!(
        "| window, from process start to drawn content in the screen's memory, median of {starts} (first pixel) | {:.2} s ({:.2} s) | none | 0.8 s |",
        painted[middle], mapped[middle]
    ))
}

/// The colours of every third pixel of every fifth line. The file is an XWD dump: a header that tells its own length, 256 colours of 12
/// bytes, then four bytes a pixel.
fn colours(screen: &File) -> anyhow::Result<HashSet<u32>> {
    let mut head = [0; 80];
    screen.read_exact_at(&mut head, 0)?;
    let field = |at: usize| u32::from_be_bytes([head[4 * at], head[4 * at + 1], head[4 * at + 2], head[4 * at + 3]]);
    let (header, line, colours) = (u64::from(field(0)), u64::from(field(12)), u64::from(field(19)));
    let mut seen = HashSet::new();
    let mut row = vec![0; WIDTH * 4];
    for y in (0..HEIGHT).step_by(5) {
        screen.read_exact_at(&mut row, header + colours * 12 + u64::try_from(y)? * line)?;
        seen.extend(row.chunks_exact(12).map(|pixel| u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0])));
    }
    Ok(seen)
}
