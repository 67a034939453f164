//! Every sentence a person reads about a command: alerts, tray, terminal and window share these words.
//!
//! **Invariants:** text that came in a message leaves here cleaned and bounded; "of 200" is said only when the number of
//! targets is known, else "of 212 heard from"; success is never claimed for nodes that were not heard.
//! Never here: times of a clock, colours, markup.

mod age;
mod alert;
mod clean;
mod collective;
mod counts;
mod detail;
mod names;
mod sentence;
mod ticket;

pub(crate) use clean::is_unseen;
pub(crate) use detail::was_not_reached;
pub(crate) use names::bare_document;

pub use age::{age, ahead, waited};
pub use alert::{alert, told_apart};
pub use clean::{CLEAN_LIMIT, clean, clean_to, escape_markup};
pub use collective::{cannot_tell, clock, collective, ended};
pub use counts::{progress, trouble};
pub use detail::{detail, detail_sentence};
pub use names::{document_name, list_nodes, plural, short_id, subject};
pub use sentence::sentence;
pub use ticket::fit_for_ticket;
