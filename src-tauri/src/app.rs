//! The app put together: plugins, tray, engine, window.
//!
//! **Invariant:** two worker threads and no timer of its own: with nothing to do the shell does nothing.

use std::sync::Arc;

use tauri::{App, AppHandle, Manager, Wry};
use tauri_plugin_window_state::StateFlags;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::settings::Settings;

use crate::args::Args;
use crate::shell::Shell;
use crate::{autostart, exit, ipc, run, tray, window};

/// Runs the app until it ends.
pub(crate) fn run(args: &Args) -> Result<(), Problem> {
    let cannot = |what: &str, error: &dyn std::fmt::Display| {
        Problem::new(Code::No, format!("{what}: {error}"), "the log in the data folder may say more")
    };
    let demo = if args.demo {
        Some(tempfile::tempdir().map_err(|error| cannot("no folder for the demonstration", &error))?)
    } else {
        None
    };
    let chosen = demo.as_ref().map_or(args.data_dir.as_deref(), |folder| Some(folder.path()));
    let dir = DataDir::resolve(chosen)?;
    // A full disk must not keep the app from ringing: it runs without a log then.
    let log = watchbell_engine::logs::init(&dir, true);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| cannot("no threads for the engine", &error))?;
    tauri::async_runtime::set(runtime.handle().clone());

    let shell = Arc::new(Shell::new(dir, args.endpoint_url.clone(), args.demo));
    let ipc = ipc::builder();
    let of_start = args.clone();
    let of_setup = Arc::clone(&shell);
    let app = tauri::Builder::default()
        .plugin(single_instance(&shell.dir))
        .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(remembered()).build())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(tauri_plugin_autostart::Builder::new().arg("--hidden").app_name("watchbell").build())
        .manage(Arc::clone(&shell))
        .invoke_handler(ipc.invoke_handler())
        .setup(move |app| {
            ipc.mount_events(app);
            start(app, &of_setup, &of_start);
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|error| cannot("the window system refused", &error))?;
    let code = app.run_return(|app, event| exit::on_event(app, &event));
    shell.quit.cancel();
    // A thread that is stuck in a blocking call must not keep the process.
    runtime.shutdown_background();
    drop((demo, log));
    if code == 0 { Ok(()) } else { Err(cannot("the app ended with a code of its own", &code)) }
}

fn start(app: &App<Wry>, shell: &Arc<Shell>, args: &Args) {
    let (hidden, demo, endpoint_url) = (args.hidden, args.demo, args.endpoint_url.clone());
    let usual = args.data_dir.is_none() && std::env::var_os(watchbell_engine::paths::DATA_DIR_VARIABLE).is_none();
    let handle = app.handle();
    tauri::async_runtime::spawn(exit::on_signals(Arc::clone(shell)));
    tray::start(handle, shell);
    tauri::async_runtime::spawn(ipc::tell(handle.clone(), Arc::clone(shell)));
    tauri::async_runtime::spawn(run::run(handle.clone(), Arc::clone(shell), endpoint_url, demo));
    // Start-up with the session is of the person's own data folder; another one must not switch it off.
    if usual && !demo {
        let wanted = Settings::load(&shell.dir).unwrap_or_default().autostart;
        if let Err(problem) = autostart::apply(handle, wanted) {
            tracing::warn!(%problem, "start-up with the session is not as the settings say");
        }
    }
    if !hidden {
        window::open(handle, shell, None);
    }
}

/// What a window remembers. Not whether it was visible: it is shown when it has painted, and only then.
fn remembered() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED
}

/// One app for each data folder; a second start opens the first one's window.
fn single_instance(dir: &DataDir) -> tauri::plugin::TauriPlugin<Wry> {
    let key = dir.socket().file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("dev.watchbell.Watchbell.f{key}"))
        .callback(|app: &AppHandle<Wry>, arguments, _| {
            if !arguments.iter().any(|argument| argument == "--hidden") {
                window::open(app, app.state::<Arc<Shell>>().inner(), None);
            }
        })
        .build()
}
