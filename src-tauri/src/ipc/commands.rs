//! What the window may ask. Reads go to a reader of their own on a blocking thread; changes go through the engine's desk.

use jiff::Timestamp;
use tauri::{AppHandle, Wry};
use tauri_plugin_opener::OpenerExt;
use watchbell_core::status::{Bucket, Status};
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::settings;
use watchbell_engine::store::{Act, StoreError};
use watchbell_engine::view::HistoryQuery;

use super::reading::{Answer, Held, apart, read};
use super::types::{
    CommandCard, CommandPage, EventPage, FeedQuery, GapRow, InvocationPage, QuarantinePage, Settings, Standing,
};
use crate::shell::Destination;
use crate::{autostart, simulation};

/// How things stand.
#[tauri::command]
#[specta::specta]
pub(crate) async fn standing(shell: Held<'_>) -> Answer<Standing> {
    Ok(Standing::from(shell.as_ref()))
}

/// One page of commands.
#[tauri::command]
#[specta::specta]
pub(crate) async fn feed(shell: Held<'_>, query: FeedQuery) -> Answer<CommandPage> {
    let query = HistoryQuery {
        status: query.status.iter().map(|status| Status::parse(status)).collect(),
        search: query.search.filter(|search| !search.trim().is_empty()),
        after: query.after,
        limit: query.limit,
        ..HistoryQuery::default()
    };
    read(&shell, move |reader| reader.history(&query)).await.map(Into::into)
}

/// One command and what was decided about it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn command(shell: Held<'_>, id: String) -> Answer<Option<CommandCard>> {
    read(&shell, move |reader| {
        let Some(row) = reader.command(&id)? else { return Ok::<_, StoreError>(None) };
        let decisions = reader.decisions(&id)?.into_iter().map(Into::into).collect();
        Ok(Some(CommandCard { command: row.into(), decisions, watched: reader.is_watched(&id)? }))
    })
    .await
}

/// One page of a command's nodes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn invocations(
    shell: Held<'_>,
    id: String,
    bucket: Option<String>,
    after: Option<String>,
    limit: u32,
) -> Answer<InvocationPage> {
    let bucket = bucket
        .map(|name| serde_json::from_value::<Bucket>(name.clone().into()).map_err(|_| name))
        .transpose()
        .map_err(|name| {
            EngineProblem::new(Code::Usage, format!("nodes are not counted as {name:?}"), "choose a count of the page")
        })?;
    read(&shell, move |reader| reader.invocations(&id, bucket, after.as_deref(), limit)).await.map(Into::into)
}

/// One page of what was said of a command.
#[tauri::command]
#[specta::specta]
pub(crate) async fn events(shell: Held<'_>, id: String, after: Option<String>, limit: u32) -> Answer<EventPage> {
    read(&shell, move |reader| reader.events(&id, after.as_deref(), limit)).await.map(Into::into)
}

/// One page of what was not understood.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quarantine(shell: Held<'_>, after: Option<String>, limit: u32) -> Answer<QuarantinePage> {
    read(&shell, move |reader| reader.quarantine(after.as_deref(), limit)).await.map(Into::into)
}

/// When nobody listened, the newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn gaps(shell: Held<'_>) -> Answer<Vec<GapRow>> {
    let rows = read(&shell, |reader| reader.gaps(Timestamp::MIN, Timestamp::MAX)).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Acknowledges one command, or all of them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn acknowledge(shell: Held<'_>, id: Option<String>) -> Answer<()> {
    shell.desk()?.act(Act::Acknowledge { command_id: id }).await?;
    Ok(())
}

/// What the person chose.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(shell: Held<'_>) -> Answer<Settings> {
    let dir = shell.dir.clone();
    Ok(apart(move || settings::Settings::load(&dir)).await?.into())
}

/// Keeps what the person chose, and puts it into force.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(app: AppHandle<Wry>, shell: Held<'_>, settings: Settings) -> Answer<()> {
    let dir = shell.dir.clone();
    let chosen = settings::Settings::from(settings);
    let chosen = apart(move || chosen.save(&dir).map(|()| chosen)).await?;
    if let Ok(desk) = shell.desk() {
        desk.store().configure(&chosen);
    }
    autostart::apply(&app, chosen.autostart)?;
    Ok(())
}

/// Shows a test alert.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_alert(shell: Held<'_>) -> Answer<()> {
    Ok(shell.desk()?.test_alert().await?)
}

/// Feeds a simulated run, on this machine only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn simulate(shell: Held<'_>) -> Answer<()> {
    Ok(simulation::patch_run_of_200(shell.desk()?.as_ref()).await?)
}

/// The page has painted. Answers with what it is to open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ready(shell: Held<'_>) -> Answer<Option<Destination>> {
    Ok(shell.take_wanted())
}

/// Opens the data folder in the desktop's own program for folders.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_data_folder(app: AppHandle<Wry>, shell: Held<'_>) -> Answer<()> {
    let folder = shell.dir.root().display().to_string();
    app.opener().open_path(&folder, None::<&str>).map_err(|error| {
        EngineProblem::new(Code::No, format!("cannot open {folder}: {error}"), "open it in your own file browser")
            .into()
    })
}

/// Ends the app, in order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quit(shell: Held<'_>) -> Answer<()> {
    shell.quit.cancel();
    Ok(())
}
