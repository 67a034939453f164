//! Whose alert it is: a command's, its awaited end's, or one for many commands.
//!
//! **Invariant:** every key has one text, and no text has two keys, whatever a hostile command id holds: each text begins with
//! the room it belongs to.

use watchbell_core::policy::Kind;

/// Whose alert it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertKey {
    /// A command that fails, by SSM's id.
    Command(String),
    /// The end of a command that the person waited for.
    Ended(String),
    /// The alert for many commands.
    Many(Kind),
}

const COMMAND: &str = "command ";
const ENDED: &str = "ended ";
const MANY: &str = "many ";

impl AlertKey {
    /// The text under which it is stored and shown.
    pub fn to_text(&self) -> String {
        match self {
            Self::Command(id) => format!("{COMMAND}{id}"),
            Self::Ended(id) => format!("{ENDED}{id}"),
            Self::Many(kind) => format!("{MANY}{}", kind.as_str()),
        }
    }

    /// The key of a stored text; `None` for texts of other rooms.
    pub fn parse(text: &str) -> Option<Self> {
        let (room, rest) = text.split_at_checked(text.find(' ')? + 1)?;
        match room {
            COMMAND => Some(Self::Command(rest.to_owned())),
            ENDED => Some(Self::Ended(rest.to_owned())),
            MANY => Kind::ALL.into_iter().find(|kind| kind.as_str() == rest).map(Self::Many),
            _ => None,
        }
    }

    /// The command that it is about, if it is about one.
    pub fn command_id(&self) -> Option<&str> {
        match self {
            Self::Command(id) | Self::Ended(id) => Some(id),
            Self::Many(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_itself() {
        let all = [
            AlertKey::Command("c".into()),
            AlertKey::Command("many overflow".into()),
            AlertKey::Command(String::new()),
            AlertKey::Ended("c".into()),
            AlertKey::Many(Kind::Overflow),
            AlertKey::Many(Kind::Digest),
            AlertKey::Many(Kind::Held),
        ];
        for key in all {
            assert_eq!(AlertKey::parse(&key.to_text()), Some(key), "a stored alert finds its owner again");
        }
        for text in ["blind t", "many others", "test alert"] {
            assert_eq!(AlertKey::parse(text), None, "{text} is of another room");
        }
    }
}
