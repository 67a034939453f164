//! What a person wants that only a shell can do.

/// Something for the shell to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Open the window: at this command, or where it was.
    Open {
        /// SSM's command id.
        command_id: Option<String>,
    },
    /// Open the window at the report of a maintenance window's run.
    OpenRun {
        /// Which run.
        run: String,
    },
    /// Put this text into the clipboard.
    Copy {
        /// A command's id.
        text: String,
    },
}
