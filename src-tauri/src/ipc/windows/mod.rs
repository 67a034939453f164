//! What the window may ask about maintenance windows: their runs, one run's report, and the windows that are typed in.
//!
//! **Invariants:** a span is bounded, and so is what is answered for it; what a schedule means is said by the program, never by
//! the page. Never here: the page of a command, which is in `commands`.

mod rows;
mod typed;

use jiff::{SignedDuration, Timestamp};
use watchbell_core::schedule::WindowField;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::schedule::Outlook;
use watchbell_engine::settings::Settings;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::{clock, schedule, view};

use self::rows::{WindowReport, WindowSources, WindowsPage};
use self::typed::{TypedWindow, TypedWindowCheck, TypedWindowMistake, TypedWindowRow};
use super::reading::{Answer, Held, read, usage};

/// The longest span of one question.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 120);
/// The most runs of one answer: a schedule may say every hour.
const MOST: usize = 400;
/// Runs that are shown while a window is being typed.
const NEXT: usize = 5;

/// The runs that take some of this time, the latest first, with the windows typed in and where runs are known from. Of more
/// than 400 runs those nearest to now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn windows(shell: Held<'_>, from: String, to: String) -> Answer<WindowsPage> {
    let (from, to) = span(&from, &to)?;
    let dir = shell.dir.clone();
    read(&shell, move |reader| {
        let reading = Settings::load(&dir)?.read_windows;
        let now = clock::now();
        let mut runs = reader.windows(from, to)?;
        let left_out = keep_nearest(&mut runs, now);
        let typed = reader.typed_windows()?;
        let sources = WindowSources {
            reading,
            ssm: reader.window_sources()?.into_iter().map(Into::into).collect(),
            heard: reader.window_heard()?.map(|at| at.to_string()),
        };
        Ok::<_, EngineProblem>(WindowsPage {
            runs: runs.into_iter().map(Into::into).collect(),
            left_out,
            typed: typed.into_iter().map(|window| TypedWindowRow::of(window, now)).collect(),
            sources,
        })
    })
    .await
}

/// One run with its commands, what failed and what was cut off; absent when the history does not know it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn window_run(shell: Held<'_>, run: String) -> Answer<Option<WindowReport>> {
    read(&shell, move |reader| reader.window(&run)).await.map(|report| report.map(Into::into))
}

/// What is wrong with a window that is being typed, else when it runs next. `replaces` is the name of the one that is edited.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_typed_window(
    shell: Held<'_>,
    window: TypedWindow,
    replaces: Option<String>,
) -> Answer<TypedWindowCheck> {
    let window = window.core()?;
    let outlook = match schedule::outlook(&window, clock::now(), NEXT) {
        Ok(outlook) => outlook,
        Err(error) => {
            let mistake = Some(TypedWindowMistake::of(&error, &window));
            return Ok(TypedWindowCheck { mistake, next: Vec::new(), open: None, never: false });
        }
    };
    let typed = read(&shell, Reader::typed_windows).await?;
    let mistake = is_taken(&window.name, replaces.as_deref(), &typed)
        .then(|| TypedWindowMistake::whole(WindowField::Name, &window.name, "Another typed window has this name."));
    let Outlook { next, open, never } = outlook;
    let next = next.into_iter().map(Into::into).collect();
    Ok(TypedWindowCheck { mistake, next, open: open.map(Into::into), never })
}

/// Types a window in, or puts it in place of the one named `replaces`. Refuses what SSM would refuse.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_typed_window(shell: Held<'_>, window: TypedWindow, replaces: Option<String>) -> Answer<()> {
    let window = window.core()?;
    schedule::preview(&window, clock::now(), 0).map_err(|error| schedule::refused(&error))?;
    let typed = read(&shell, Reader::typed_windows).await?;
    if is_taken(&window.name, replaces.as_deref(), &typed) {
        let told = format!("another typed window is called {}", window.name);
        return Err(EngineProblem::new(Code::Usage, told, "give this one another name, or edit that one").into());
    }
    let act = match replaces {
        Some(name) if name != window.name => Act::ReplaceTypedWindow { name, window: Box::new(window) },
        _ => Act::PutTypedWindow(Box::new(window)),
    };
    shell.desk()?.act(act).await?;
    Ok(())
}

/// Takes a typed window off. Its past runs stay in the history.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_typed_window(shell: Held<'_>, name: String) -> Answer<()> {
    shell.desk()?.act(Act::RemoveTypedWindow { name }).await?;
    Ok(())
}

fn span(from: &str, to: &str) -> Answer<(Timestamp, Timestamp)> {
    let read = |text: &str| text.parse::<Timestamp>().map_err(|error| usage(&error));
    let (from, to) = (read(from)?, read(to)?);
    if from > to || to.duration_since(from) > LONGEST {
        return Err(EngineProblem::new(Code::Usage, "this span of time is not at most 120 days", "choose less").into());
    }
    Ok((from, to))
}

/// Keeps the runs nearest to now, in their order; says how many were left out.
fn keep_nearest(runs: &mut Vec<view::WindowRun>, now: Timestamp) -> u32 {
    let Some(more) = runs.len().checked_sub(MOST).filter(|more| *more > 0) else { return 0 };
    let mut far: Vec<SignedDuration> = runs.iter().map(|run| run.start.duration_since(now).abs()).collect();
    far.sort();
    let reach = far.get(MOST - 1).copied().unwrap_or(SignedDuration::MAX);
    runs.retain(|run| run.start.duration_since(now).abs() <= reach);
    u32::try_from(more).unwrap_or(u32::MAX)
}

fn is_taken(name: &str, replaces: Option<&str>, typed: &[watchbell_core::schedule::TypedWindow]) -> bool {
    replaces != Some(name) && typed.iter().any(|window| window.name == name)
}
