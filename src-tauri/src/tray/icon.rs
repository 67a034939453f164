//! The tray's marks, in the tone that the panel needs.

use tauri::image::Image;
use watchbell_core::tray::TrayMark;

/// The mark, light on dark panels and dark on light ones.
pub(super) fn of(mark: TrayMark) -> Image<'static> {
    match (mark, panel_is_light()) {
        (TrayMark::Fine, false) => tauri::include_image!("../icons/tray/fine-light.png"),
        (TrayMark::Fine, true) => tauri::include_image!("../icons/tray/fine-dark.png"),
        (TrayMark::Window, false) => tauri::include_image!("../icons/tray/window-light.png"),
        (TrayMark::Window, true) => tauri::include_image!("../icons/tray/window-dark.png"),
        (TrayMark::Failing, false) => tauri::include_image!("../icons/tray/failing-light.png"),
        (TrayMark::Failing, true) => tauri::include_image!("../icons/tray/failing-dark.png"),
        (TrayMark::Blind, false) => tauri::include_image!("../icons/tray/blind-light.png"),
        (TrayMark::Blind, true) => tauri::include_image!("../icons/tray/blind-dark.png"),
        (TrayMark::Snoozed, false) => tauri::include_image!("../icons/tray/snoozed-light.png"),
        (TrayMark::Snoozed, true) => tauri::include_image!("../icons/tray/snoozed-dark.png"),
    }
}

/// Desktops tell the tone of their windows but not of their panels. GNOME's and XFCE's panels are dark in both; KDE's,
/// Cinnamon's and MATE's follow their windows.
fn panel_is_light() -> bool {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let follows = ["KDE", "X-Cinnamon", "MATE"].iter().any(|name| desktop.split(':').any(|part| part == *name));
    follows && !windows_are_dark()
}

fn windows_are_dark() -> bool {
    // KDE writes its scheme here for every toolkit; the others name their theme in the same file.
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| std::path::Path::new(&home).join(".config")));
    let settings = folder.and_then(|folder| std::fs::read_to_string(folder.join("gtk-3.0/settings.ini")).ok());
    settings.is_some_and(|text| {
        text.lines().any(|line| {
            let line = line.to_ascii_lowercase().replace(' ', "");
            line == "gtk-application-prefer-dark-theme=true"
                || line == "gtk-application-prefer-dark-theme=1"
                || (line.starts_with("gtk-theme-name=") && line.contains("dark"))
        })
    })
}
