//! The alerts about deafness: which should be up, when each may ring, and whether it is up.
//!
//! **Invariant 3:** a deafness rings once a cause. In quiet hours it rings only if it needs the person and they let it, else it
//! waits for their end; a snooze holds back only what may heal by itself. What cannot be judged rings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use watchbell_core::policy::{AlertText, Urgency};
use watchbell_core::words;

use super::Notifier;
use crate::clock;
use crate::health::{BlindAlarm, Board};
use crate::store::Store;

/// Before the topic: the keys of these alerts are not the store's.
const KEY: &str = "blind ";

/// The alerts about deafness that should be up, by topic.
#[derive(Debug, Default)]
pub(crate) struct Deafness(BTreeMap<String, Alert>);

#[derive(Debug)]
struct Alert {
    text: AlertText,
    needs_person: bool,
    up: bool,
}

/// What is left to do after everything that may ring did, or could not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Something could not be shown and is to be tried again.
    pub(super) retry: bool,
    /// When what waits for the end of a snooze or of quiet hours may ring.
    pub(super) next: Option<Timestamp>,
}

impl Deafness {
    /// Puts up the alerts whose time has come and takes down those of what hears again.
    pub(super) async fn ring(&mut self, board: &Board, store: &Store, notifier: &dyn Notifier) -> Due {
        for alarm in board.alarms() {
            let (needs_person, text) = (alarm.state.needs_person(), text(&alarm));
            self.0.insert(alarm.topic_arn, Alert { text, needs_person, up: false });
        }
        let mut due = Due::default();
        if self.0.is_empty() {
            return due;
        }
        let blind: Vec<_> = board.lines().into_iter().filter(|line| line.state.is_blind()).collect();
        let healed = |topic: &String| !blind.iter().any(|line| line.topic_arn == *topic);
        for topic in self.0.keys().filter(|topic| healed(topic)).cloned().collect::<Vec<_>>() {
            self.0.remove(&topic);
            notifier.close(&format!("{KEY}{topic}")).await;
        }
        for (topic, alert) in self.0.iter_mut().filter(|(_, alert)| !alert.up) {
            if let Some(until) = waits(store, alert.needs_person).await {
                due.next = due.next.into_iter().chain([until]).min();
                continue;
            }
            match notifier.show(&format!("{KEY}{topic}"), &alert.text, &[]).await {
                Ok(_) => alert.up = true,
                Err(problem) => {
                    tracing::warn!(%problem, topic, "the alert about deafness waits");
                    due.retry = true;
                }
            }
        }
        due
    }

    /// Another notification server took over, which shows none of them.
    pub(super) fn server_changed(&mut self) {
        self.0.values_mut().for_each(|alert| alert.up = false);
    }
}

async fn waits(store: &Store, needs_person: bool) -> Option<Timestamp> {
    let held = store.holds_deafness(needs_person, clock::now()).await;
    held.unwrap_or_else(|error| {
        tracing::warn!(%error, "whether it is quiet cannot be read, so the alert about deafness rings");
        None
    })
}

fn text(alarm: &BlindAlarm) -> AlertText {
    let name = alarm.topic_arn.rsplit(':').next().unwrap_or(&alarm.topic_arn);
    AlertText {
        title: words::clean(&format!("Watchbell cannot hear {name}")),
        body: words::clean_to(&format!("{}. {}.", capital(&alarm.reason), capital(&alarm.hint)), 300),
        urgency: Urgency::Critical,
        sound: true,
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jiff::SignedDuration;
    use watchbell_core::health::SubscriptionState;
    use watchbell_core::quiet::QuietHours;

    use super::super::{Answer, Button};
    use super::*;
    use crate::error::{Code, Problem};
    use crate::paths::DataDir;
    use crate::store::Act;
    use crate::view::SubscriptionStatus;

    #[derive(Default)]
    struct Wall(Mutex<Vec<String>>);

    impl Notifier for Wall {
        fn show<'a>(
            &'a self,
            key: &'a str,
            _text: &'a AlertText,
            _buttons: &'a [Button],
        ) -> Answer<'a, Result<u32, Problem>> {
            self.0.lock().unwrap().push(key.to_owned());
            Box::pin(async { Ok(1) })
        }

        fn close<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
            self.0.lock().unwrap().retain(|up| up != key);
            Box::pin(async {})
        }
    }

    impl Wall {
        fn up(&self) -> usize {
            self.0.lock().unwrap().len()
        }
    }

    fn deaf_board() -> Board {
        let board = Board::default();
        let topic = "arn:aws:sns:us-east-1:123456789012:t";
        board.add(SubscriptionStatus::new(topic, "q", SubscriptionState::Connecting));
        let problem = Problem::new(Code::AwsRefused, "signed out of acme", "sign in");
        board.troubled(topic, SubscriptionState::SignedOut, &problem);
        board
    }

    /// It is quiet now and for at least an hour, and this breaks through.
    fn quiet(breaks_through: bool) -> QuietHours {
        let now = clock::now().to_zoned(jiff::tz::TimeZone::system());
        let from = now.checked_sub(SignedDuration::from_hours(1)).unwrap().time().strftime("%H:%M").to_string();
        let to = now.checked_add(SignedDuration::from_hours(2)).unwrap().time().strftime("%H:%M").to_string();
        serde_json::from_value(serde_json::json!({
            "spans": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": from, "to": to}],
            "break_through": {"blind": breaks_through},
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn a_deafness_that_needs_the_person_obeys_quiet_hours_and_no_snooze() {
        let temp = tempfile::tempdir().unwrap();
        let store = Store::open(&DataDir::resolve(Some(temp.path())).unwrap()).unwrap();
        let (board, wall, mut deafness) = (deaf_board(), Wall::default(), Deafness::default());
        store.act(Act::SetQuietHours { quiet: quiet(false) }).await.unwrap();
        let due = deafness.ring(&board, &store, &wall).await;
        assert_eq!(wall.up(), 0, "the person did not let it ring in quiet hours");
        assert!(due.next.is_some_and(|at| at > clock::now()), "it waits for their end and asks for a wake");
        store.act(Act::SetQuietHours { quiet: quiet(true) }).await.unwrap();
        let until = clock::now() + SignedDuration::from_hours(1);
        store.act(Act::Snooze { until, window: false }).await.unwrap();
        assert_eq!(deafness.ring(&board, &store, &wall).await, Due::default(), "nothing is left to do");
        assert_eq!(wall.up(), 1, "what the person lets through rings, and no snooze silences it");
        deafness.ring(&board, &store, &wall).await;
        assert_eq!(wall.up(), 1, "once a cause");
        board.completed("arn:aws:sns:us-east-1:123456789012:t", 0);
        deafness.ring(&board, &store, &wall).await;
        assert_eq!(wall.up(), 0, "and goes when it is over");
    }
}
