//! `windows`: runs of maintenance windows, and the windows that a person types in.
//!
//! **Invariant:** reading works beside a running engine and without one; changing goes through the one writer.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use watchbell_core::schedule::{Run, TypedWindow};
use watchbell_core::words;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::{clock, control, schedule};

use crate::args::{AddWindow, Global, Preview, When, Windows, WindowsAct};
use crate::ended::{Answer, Ended};
use crate::output::{self, Out};

/// How far back and ahead the list goes by itself.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 7);
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Runs that are named after a window was typed in.
const NEXT: usize = 5;

/// Does what was asked.
pub(super) async fn run(asked: Windows, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    match &asked.act {
        None => list(&asked, &dir, out),
        Some(WindowsAct::Show(run)) => show(&run.run, &dir, out),
        Some(WindowsAct::Add(window)) => add(window, &dir, out).await,
        Some(WindowsAct::Remove(window)) => remove(&window.name, &dir, out).await,
        Some(WindowsAct::Preview(when)) => preview(when, out),
    }
}

fn list(asked: &Windows, dir: &DataDir, out: Out) -> Ended {
    let now = clock::now();
    let from = asked.since.map_or_else(|| now.checked_sub(BACK).unwrap_or(now), |since| since.at(now));
    let to = asked.until.map_or_else(|| now.checked_add(AHEAD).unwrap_or(now), |until| until.at(now));
    let reader = Reader::open(dir).map_err(Problem::from)?;
    let runs = reader.windows(from, to).map_err(Problem::from)?;
    let (typed, sources) =
        (reader.typed_windows().map_err(Problem::from)?, reader.window_sources().map_err(Problem::from)?);
    if out.is_json() {
        out.document(&json!({ "ok": true, "runs": runs, "typed": typed, "sources": sources }))?;
        return Ok(Answer::Done);
    }
    if runs.is_empty() {
        out.note("No run of a maintenance window is known from this time.");
        if typed.is_empty() {
            out.note("Type one in: watchbellctl windows add --help");
        }
    } else {
        out.text(&output::windows::list(&runs, now, &TimeZone::system(), out))?;
    }
    for source in &sources {
        if let Some(problem) = &source.problem {
            let place = format!("{} in {}", source.account, source.region);
            out.note(&format!("Windows of {place} are not read from SSM: {}", words::clean_to(&problem.message, 300)));
            out.note(&format!("  {}", words::clean_to(&problem.hint, 500)));
        }
    }
    Ok(Answer::Done)
}

fn show(run: &str, dir: &DataDir, out: Out) -> Ended {
    let reader = Reader::open(dir).map_err(Problem::from)?;
    let Some(report) = reader.window(run).map_err(Problem::from)? else {
        let message = format!("The history knows no run {}", words::clean_to(run, 200));
        return Err(Problem::new(Code::No, message, "Look it up: watchbellctl windows --json").into());
    };
    if out.is_json() {
        out.document(&report)?;
    } else {
        out.text(&output::windows::card(&report, clock::now(), &TimeZone::system(), out))?;
    }
    Ok(Answer::Done)
}

async fn add(asked: &AddWindow, dir: &DataDir, out: Out) -> Ended {
    let window = window(&asked.name, &asked.when, asked.duration, asked.cutoff);
    // Before the engine is asked: a refusal needs none.
    let now = clock::now();
    let outlook = schedule::outlook(&window, now, NEXT).map_err(|error| schedule::refused(&error))?;
    control::perform(dir, Act::PutTypedWindow(Box::new(window.clone()))).await?;
    if out.is_json() {
        out.document(&json!({ "ok": true, "window": window, "next": runs(&outlook.next) }))?;
    } else {
        let name = words::clean(&window.name);
        out.text(&format!("{name} is typed in.\n{}", output::windows::next(&outlook, now, &TimeZone::system())))?;
    }
    Ok(Answer::Done)
}

async fn remove(name: &str, dir: &DataDir, out: Out) -> Ended {
    control::perform(dir, Act::RemoveTypedWindow { name: name.to_owned() }).await?;
    if out.is_json() {
        out.document(&json!({ "ok": true, "removed": name }))?;
    } else {
        out.text(&format!("{} is taken off. Its past runs stay in the history.", words::clean(name)))?;
    }
    Ok(Answer::Done)
}

fn preview(asked: &Preview, out: Out) -> Ended {
    let window = window("preview", &asked.when, 1, 0);
    let now = clock::now();
    let outlook = schedule::outlook(&window, now, usize::try_from(asked.runs).unwrap_or(NEXT))
        .map_err(|error| schedule::refused(&error))?;
    if out.is_json() {
        let starts: Vec<Timestamp> = outlook.next.iter().map(|run| run.start).collect();
        out.document(&json!({ "ok": true, "starts": starts }))?;
    } else {
        out.text(&output::windows::starts(&outlook, now, &TimeZone::system()))?;
    }
    Ok(Answer::Done)
}

fn window(name: &str, when: &When, duration_hours: u32, cutoff_hours: u32) -> TypedWindow {
    TypedWindow {
        name: name.trim().to_owned(),
        schedule: when.schedule.clone(),
        duration_hours,
        cutoff_hours,
        time_zone: when.time_zone.clone(),
        offset_days: when.offset,
        start: when.start.clone(),
        end: when.end.clone(),
        anchor: None,
    }
}

fn runs(next: &[Run]) -> Value {
    next.iter().map(|run| json!({ "start": run.start, "cutoff": run.cutoff, "end": run.end })).collect()
}
