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

/// Desktops tell the tone of their windows but not of their panels. GNOME's panel is dark whatever the windows are, and so
/// is XFCE's unless its own setting says otherwise; KDE's, Cinnamon's and MATE's follow their windows.
fn panel_is_light() -> bool {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let is = |name: &str| desktop.split(':').any(|part| part == name);
    let config = config_folder();
    let read = |file: &str| std::fs::read_to_string(config.as_ref()?.join(file)).ok();
    if is("XFCE") {
        let channel = |name: &str| read(&format!("xfce4/xfconf/xfce-perchannel-xml/{name}.xml"));
        return xfce_is_light(channel("xfce4-panel").as_deref(), channel("xsettings").as_deref());
    }
    // KDE writes its scheme here for every toolkit; the others name their theme in the same file.
    let follows = ["KDE", "X-Cinnamon", "MATE"].into_iter().any(is);
    follows && !read("gtk-3.0/settings.ini").is_some_and(|text| is_dark(&text))
}

fn config_folder() -> Option<std::path::PathBuf> {
    std::env::var_os("XDG_CONFIG_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| std::path::Path::new(&home).join(".config")))
}

fn is_dark(gtk_settings: &str) -> bool {
    gtk_settings.lines().any(|line| {
        let line = line.to_ascii_lowercase().replace(' ', "");
        line == "gtk-application-prefer-dark-theme=true"
            || line == "gtk-application-prefer-dark-theme=1"
            || (line.starts_with("gtk-theme-name=") && line.contains("dark"))
    })
}

/// XFCE keeps its settings in files of one property a line. Its panel's dark mode is on unless it was switched off.
fn xfce_is_light(panel: Option<&str>, settings: Option<&str>) -> bool {
    let value = |text: Option<&str>, name: &str| {
        let property = format!("name=\"{name}\"");
        let line = text?.lines().find(|line| line.contains(&property))?;
        Some(line.split("value=\"").nth(1)?.split('"').next()?.to_ascii_lowercase())
    };
    let follows = value(panel, "dark-mode").is_some_and(|on| on == "false");
    follows && !value(settings, "ThemeName").is_some_and(|theme| theme.contains("dark"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xfces_panel_is_light_only_when_its_dark_mode_is_off_and_its_theme_is_light() {
        let panel =
            |on: &str| format!("<channel>\n  <property name=\"dark-mode\" type=\"bool\" value=\"{on}\"/>\n</channel>");
        let theme = |name: &str| format!("<property name=\"ThemeName\" type=\"string\" value=\"{name}\"/>");
        assert!(!xfce_is_light(None, None), "nothing said: its dark mode is on");
        assert!(!xfce_is_light(Some(&panel("true")), Some(&theme("Adwaita"))));
        assert!(xfce_is_light(Some(&panel("false")), None));
        assert!(xfce_is_light(Some(&panel("false")), Some(&theme("Adwaita"))));
        assert!(!xfce_is_light(Some(&panel("false")), Some(&theme("Adwaita-dark"))), "it follows a dark theme");
    }

    #[test]
    fn a_dark_theme_is_told_by_its_name_or_by_the_wish_for_one() {
        assert!(is_dark("[Settings]\ngtk-application-prefer-dark-theme = true\n"));
        assert!(is_dark("gtk-theme-name=Breeze-Dark"));
        assert!(!is_dark("[Settings]\ngtk-theme-name=Breeze\n"));
    }
}
