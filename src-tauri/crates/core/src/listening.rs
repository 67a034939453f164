//! When nobody listened: the silences between the completed polls of one queue, why, and whether messages can have been lost.
//!
//! **Invariants:** a silence is measured on a clock that cannot be set, so a corrected wall clock draws no gap; what is not known
//! (the retention of an adopted queue) is said as unknown, never as "nothing lost".
//! Never here: clocks and tables. Readings come in, what is to be kept goes out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A shorter silence is no gap: one slow poll and a new connection after it. As long as it takes to be called deaf.
pub const SHORTEST: Duration = Duration::from_secs(90);

/// How often the last completed poll is kept while all is well. A crash therefore draws its gap at most this much too long.
pub const KEPT_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// How long a personal queue keeps a message: the `MessageRetentionPeriod` of [`crate::plan::queue_attributes`].
pub const RETENTION: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Why nobody listened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// Watchbell did not run: it was ended, or it ended otherwise.
    Quit,
    /// The machine slept.
    Sleep,
    /// The person paused the subscription.
    Paused,
    /// It ran and could not hear.
    Blind,
    /// The queue was gone, so that nothing that was sent meanwhile was kept.
    QueueMissing,
}

impl Silence {
    /// The word used in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Sleep => "sleep",
            Self::Paused => "paused",
            Self::Blind => "blind",
            Self::QueueMissing => "queue_missing",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Quit, Self::Sleep, Self::Paused, Self::Blind, Self::QueueMissing]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// A time in which nobody listened to one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last instant known to have been heard.
    pub from: Timestamp,
    /// The first poll that completed again.
    pub to: Timestamp,
    /// Why.
    pub reason: Silence,
    /// Whether it lasted longer than the queue keeps messages, or there was no queue to keep them. `None`: not known.
    pub may_have_lost: Option<bool>,
}

/// What is to be kept of the listening to one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// The last completed poll.
    pub at: Timestamp,
    /// What explains the silence that begins here, if the next poll is one of a later run.
    pub then: Silence,
    /// The silence that just ended.
    pub gap: Option<Gap>,
}

/// The listening to one queue, from poll to poll.
#[derive(Debug, Clone)]
pub struct Listening {
    /// How long the queue keeps a message, where known.
    retention: Option<SignedDuration>,
    /// The last completed poll.
    heard: Option<Timestamp>,
    /// What was kept last.
    kept: Option<Timestamp>,
    /// Why it has been silent since, as far as known.
    silence: Silence,
}

impl Listening {
    /// Begins with what an earlier run kept. `retention` is the queue's, `None` where not known.
    pub fn new(retention: Option<SignedDuration>, kept: Option<(Timestamp, Silence)>) -> Self {
        let (heard, silence) = kept.map_or((None, Silence::Quit), |(at, then)| (Some(at), then));
        Self { retention, heard, kept: None, silence }
    }

    /// The machine slept since the last completed poll.
    pub fn slept(&mut self) {
        if self.kept.is_some() && self.silence != Silence::QueueMissing {
            self.silence = Silence::Sleep;
        }
    }

    /// The queue was found gone. Gives what is to be kept at once: whoever listens next must know that nothing waited.
    pub fn queue_gone(&mut self) -> Option<Heard> {
        let before = std::mem::replace(&mut self.silence, Silence::QueueMissing);
        self.heard.filter(|_| before != Silence::QueueMissing).map(|at| Heard { at, then: self.silence, gap: None })
    }

    /// A poll completed at `now`. `silent` is the time since the one before in this run, measured on a clock that counts sleep
    /// and cannot be set; `None` for the first of a run. Gives what is to be kept now, rarely.
    pub fn completed(&mut self, now: Timestamp, silent: Option<Duration>) -> Option<Heard> {
        let silent = match (silent, self.heard) {
            (Some(silent), _) => SignedDuration::try_from(silent).unwrap_or(SignedDuration::MAX),
            (None, Some(heard)) => now.duration_since(heard),
            (None, None) => SignedDuration::ZERO,
        };
        let gap = (silent.unsigned_abs() >= SHORTEST && silent.is_positive()).then(|| Gap {
            from: now.checked_sub(silent).unwrap_or(now),
            to: now,
            reason: self.silence,
            may_have_lost: match self.silence {
                Silence::QueueMissing => Some(true),
                _ => self.retention.map(|kept| silent > kept),
            },
        });
        // A clock that was set back must not put off the next note for as long.
        let due = self.kept.is_none_or(|kept| now.duration_since(kept).abs() >= KEPT_EVERY);
        self.heard = Some(now);
        self.silence = Silence::Blind;
        (gap.is_some() || due).then(|| {
            self.kept = Some(now);
            Heard { at: now, then: Silence::Quit, gap }
        })
    }

    /// Listening ends in order because of `then`. Gives the last completed poll of this run, if there was one.
    pub fn ended(&self, then: Silence) -> Option<Heard> {
        self.kept?;
        let then = if self.silence == Silence::QueueMissing { self.silence } else { then };
        Some(Heard { at: self.heard?, then, gap: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn ours(kept: Option<(Timestamp, Silence)>) -> Listening {
        Listening::new(Some(RETENTION), kept)
    }

    const SECONDS_20: Option<Duration> = Some(Duration::from_secs(20));

    #[test]
    fn the_retention_is_that_of_the_queues_that_we_make() {
        let made = &crate::plan::queue_attributes()["MessageRetentionPeriod"];
        assert_eq!(*made, RETENTION.as_secs().to_string(), "what is called safe must be what SQS was told to keep");
    }

    #[test]
    fn a_poll_after_another_is_kept_once_in_ten_minutes() {
        let mut listening = ours(None);
        let mut now = at("2026-11-23T18:00:00Z");
        let mut kept = 0;
        for _ in 0..180 {
            kept += usize::from(listening.completed(now, SECONDS_20).is_some());
            now += SignedDuration::from_secs(20);
        }
        assert_eq!(kept, 6, "an hour of empty polls writes six times, and not 180");
    }

    #[test]
    fn a_night_off_is_a_gap_with_its_reason_and_loses_nothing() {
        let mut listening = ours(Some((at("2026-11-22T18:02:00Z"), Silence::Quit)));
        let kept = listening.completed(at("2026-11-23T08:55:00Z"), None).unwrap();
        let gap = kept.gap.expect("a night is a gap");
        assert_eq!((gap.from, gap.reason), (at("2026-11-22T18:02:00Z"), Silence::Quit), "from the last poll of before");
        assert_eq!(gap.may_have_lost, Some(false), "the queue keeps messages for 14 days");
        assert_eq!(
            listening.completed(at("2026-11-23T08:55:20Z"), SECONDS_20),
            None,
            "the next poll follows on it and draws no gap"
        );
    }

    #[test]
    fn longer_than_the_retention_may_have_lost_and_of_a_foreign_queue_nothing_is_known() {
        let left = at("2026-11-01T18:00:00Z");
        let back = at("2026-11-16T09:00:00Z");
        let gap = ours(Some((left, Silence::Quit))).completed(back, None).unwrap().gap.unwrap();
        assert_eq!(gap.may_have_lost, Some(true), "after 14 days SQS has thrown messages away");
        let mut adopted = Listening::new(None, Some((left, Silence::Paused)));
        let gap = adopted.completed(back, None).unwrap().gap.unwrap();
        assert_eq!((gap.may_have_lost, gap.reason), (None, Silence::Paused), "what is not known is not guessed");
    }

    #[test]
    fn without_a_queue_nothing_waits_however_short_it_was() {
        let left = at("2026-11-23T18:00:00Z");
        let mut gone = ours(None);
        gone.completed(left, None);
        let kept = gone.queue_gone().expect("kept at once, for a kill must not make it look harmless");
        assert_eq!((kept.at, kept.then), (left, Silence::QueueMissing), "from the last poll on");
        assert_eq!(gone.queue_gone(), None, "and once");
        gone.slept();
        let back = left + SignedDuration::from_mins(5);
        let gap = gone.clone().completed(back, Some(Duration::from_mins(5))).unwrap().gap.unwrap();
        assert_eq!((gap.reason, gap.may_have_lost), (Silence::QueueMissing, Some(true)), "though it slept meanwhile");
        // Subscribed anew: another listening goes on from what was kept.
        let kept = gone.ended(Silence::Paused).unwrap();
        let gap = ours(Some((kept.at, kept.then))).completed(back, None).unwrap().gap.unwrap();
        assert_eq!(gap.may_have_lost, Some(true), "a queue made anew does not bring back what the old one lost");
    }

    #[test]
    fn sleep_and_blindness_are_told_apart() {
        let mut listening = ours(None);
        let evening = at("2026-11-23T18:00:00Z");
        listening.completed(evening, None);
        listening.slept();
        let night = Duration::from_hours(14);
        let gap = listening.completed(at("2026-11-24T08:00:00Z"), Some(night)).unwrap().gap.unwrap();
        assert_eq!((gap.reason, gap.from), (Silence::Sleep, evening), "a closed lid is no fault of the network");
        let later = listening.completed(at("2026-11-24T08:10:00Z"), Some(Duration::from_mins(10)));
        assert_eq!(later.unwrap().gap.unwrap().reason, Silence::Blind, "awake and silent is blind");
    }

    #[test]
    fn a_clock_that_is_set_draws_no_gap() {
        let mut listening = ours(None);
        listening.completed(at("2026-11-23T18:00:00Z"), None);
        for moved in ["2026-11-23T21:00:00Z", "2026-11-20T18:00:00Z"] {
            let kept = listening.completed(at(moved), SECONDS_20).expect("kept, for the clock is another");
            assert_eq!(kept.gap, None, "20 s of silence are no gap, whatever the wall clock says");
        }
        let mut back = ours(Some((at("2026-11-23T18:00:00Z"), Silence::Quit)));
        assert_eq!(
            back.completed(at("2026-11-23T17:00:00Z"), None).unwrap().gap,
            None,
            "a gap never ends before it began"
        );
    }

    #[test]
    fn the_end_of_a_run_keeps_its_last_poll() {
        let mut listening = ours(Some((at("2026-11-20T18:00:00Z"), Silence::Paused)));
        assert_eq!(listening.ended(Silence::Quit), None, "a run that heard nothing leaves what was kept before");
        listening.slept();
        let now = at("2026-11-23T18:00:00Z");
        let kept = listening.completed(now, None).unwrap();
        assert_eq!(kept.gap.unwrap().reason, Silence::Paused, "a nap before the first poll does not explain the pause");
        listening.completed(now + SignedDuration::from_secs(20), SECONDS_20);
        let last = listening.ended(Silence::Paused).unwrap();
        assert_eq!((last.at, last.then), (now + SignedDuration::from_secs(20), Silence::Paused), "the very last poll");
    }

    #[test]
    fn one_spelling_of_a_reason() {
        for reason in [Silence::Quit, Silence::Sleep, Silence::Paused, Silence::Blind, Silence::QueueMissing] {
            assert_eq!(Silence::parse(reason.as_str()), Some(reason), "what is written can be read");
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str(), "scripts and the database use one word");
        }
    }
}
