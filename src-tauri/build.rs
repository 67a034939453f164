//! Tells Tauri which of our commands there are, so that it refuses the window whatever `capabilities/window.json` does not list, and
//! makes the folder of the window's pages where they were not built yet.

use std::path::Path;

use tauri_build::{AppManifest, Attributes};

fn main() {
    // `cargo check` must work before the pages were built; `make build` always builds them first.
    let pages = Path::new("../ui/dist");
    if !pages.join("index.html").exists() {
        let written = std::fs::create_dir_all(pages).and_then(|()| {
            std::fs::write(
                pages.join("index.html"),
                "<!doctype html><title>Watchbell</title><p>The pages were not built: run make build.",
            )
        });
        if let Err(error) = written {
            println!("cargo::warning=no pages for the window: {error}");
        }
    }
    let commands: &'static [&'static str] = commands().leak();
    let attributes = Attributes::new().app_manifest(AppManifest::new().commands(commands));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}

/// What the capability file lists: `allow-save-settings` is the command `save_settings`. A test holds it against `src/ipc`.
fn commands() -> Vec<&'static str> {
    let text = std::fs::read_to_string("capabilities/window.json").unwrap_or_default();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let permissions = file["permissions"].as_array().into_iter().flatten().filter_map(|one| one.as_str());
    permissions
        .filter_map(|permission| permission.strip_prefix("allow-"))
        .map(|command| &*command.replace('-', "_").leak())
        .collect()
}
