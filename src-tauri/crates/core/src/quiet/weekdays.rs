//! A set of weekdays, written as a list of short names.

use jiff::civil::Weekday;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Some days of the week. In JSON: `["mon", "tue"]`, Monday first, each once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// These days and no others.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(days.into_iter().fold(0, |set, day| set | bit(day)))
    }

    /// Whether the day is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..7).filter(|day| self.0 & (1 << day) != 0).map(|day| NAMES[day]))
    }
}

impl<'de> Deserialize<'de> for Weekdays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = 0;
        for name in Vec::<String>::deserialize(deserializer)? {
            match NAMES.iter().position(|known| *known == name) {
                Some(day) => set |= 1 << day,
                None => return Err(de::Error::unknown_variant(&name, &NAMES)),
            }
        }
        Ok(Self(set))
    }
}
