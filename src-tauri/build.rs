//! Tells Tauri which commands exist, and makes the folder of the window's pages where they were not built yet.

use std::path::Path;

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
    tauri_build::build();
}
