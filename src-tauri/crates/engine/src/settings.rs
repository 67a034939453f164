//! What the person chose, in `settings.json`. No secrets, ever.
//!
//! **Invariant:** written atomically, 0600; a missing file or key means the default, an unknown key of a newer version
//! is kept out of the way, not an error.

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Problem};
use crate::paths::{self, DataDir};

/// The colours of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The person's choices.
#[expect(clippy::struct_excessive_bools, reason = "each is one switch on the settings page")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Colours of the window.
    pub theme: Theme,
    /// Whether failures ring at all.
    pub alerts: bool,
    /// Whether an alert may make a sound.
    pub sound: bool,
    /// Whether the app starts with the session.
    pub autostart: bool,
    /// Whether EventBridge's `detail.parameters` (command text, often with secrets) are stored. Off unless turned on.
    pub keep_parameters: bool,
    /// Minutes after which a failure counts as late when it is received, and is told in a digest. 1 to 1,440.
    pub late_after_minutes: u32,
    /// Whether SSM is asked for maintenance windows, where it lets us.
    pub read_windows: bool,
    /// Days after which an unacknowledged failure leaves the tray (not the history).
    pub leave_tray_after_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            alerts: true,
            sound: true,
            autostart: false,
            keep_parameters: false,
            late_after_minutes: 10,
            read_windows: true,
            leave_tray_after_days: 7,
        }
    }
}

impl Settings {
    /// The stored settings; the defaults when there are none yet.
    pub fn load(dir: &DataDir) -> Result<Self, Problem> {
        let path = dir.settings();
        let unreadable = |cause: String| {
            Problem::new(
                Code::Storage,
                format!("cannot read the settings in {}: {cause}", path.display()),
                "correct the file, or delete it to start from the defaults",
            )
        };
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// Stores the settings, whole or not at all.
    pub fn save(&self, dir: &DataDir) -> Result<(), Problem> {
        let failed = |cause: String| {
            Problem::new(
                Code::Storage,
                format!("cannot save the settings in {}: {cause}", dir.settings().display()),
                "check the free space and that you may write to the data folder",
            )
        };
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.to_string()))?;
        text.push(b'\n');
        paths::replace_private(&dir.settings(), &text).map_err(|error| failed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_a_round_and_parameters_are_not_kept_unless_asked() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        let first = Settings::load(&dir).unwrap();
        assert_eq!(first, Settings::default(), "no file means the defaults");
        assert!(!first.keep_parameters, "command text often holds secrets: never stored unless turned on");
        let chosen = Settings { theme: Theme::Dark, sound: false, ..first };
        chosen.save(&dir).unwrap();
        assert_eq!(Settings::load(&dir).unwrap(), chosen, "what was saved is what is loaded");
    }

    #[test]
    fn a_missing_key_is_its_default_and_a_broken_file_says_what_to_do() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        std::fs::write(dir.settings(), r#"{"theme":"dark","of_the_future":1}"#).unwrap();
        assert_eq!(Settings::load(&dir).unwrap(), Settings { theme: Theme::Dark, ..Settings::default() });
        std::fs::write(dir.settings(), "{").unwrap();
        let problem = Settings::load(&dir).unwrap_err();
        assert!(!problem.hint.is_empty(), "a broken file comes with its remedy");
    }
}
