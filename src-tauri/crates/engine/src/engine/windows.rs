//! When SSM's API is asked for maintenance windows: at the start, every 5 minutes while one is open or near, else rarely.
//!
//! **Invariants:** one reader an account and region, however many subscriptions share it. A denial is logged once and asked
//! again in half a day; throttling makes the pauses grow. Switched off in the settings, nothing is asked. Looks are spread by
//! jitter, and while nothing is near none comes more often than every half hour.

mod readers;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;

pub(super) use self::readers::Readers;
use crate::aws::access::Access;
use crate::aws::windows::{Again, Place, look};
use crate::clock;
use crate::health::Board;
use crate::paths::DataDir;
use crate::settings::Settings;
use crate::store::{Reader, Store, StoreError, SubscriptionRecord, WindowsKnown};
use crate::view::WindowState;

/// The first look waits for the first polls, which matter more.
const FIRST: Duration = Duration::from_secs(15);
/// While a window is open or near.
const NEAR: Duration = Duration::from_mins(5);
/// Otherwise, plus up to as much again.
const FAR: Duration = Duration::from_mins(30);
/// After a denial.
const DENIED: Duration = Duration::from_hours(12);
/// The settings are looked at again so often while they say no.
const OFF: Duration = Duration::from_mins(30);
/// A window counts as near so long before its start and after its end.
const AROUND: (SignedDuration, SignedDuration) = (SignedDuration::from_mins(6), SignedDuration::from_mins(15));

/// What a reader works with.
pub(super) struct Room {
    pub(super) dir: DataDir,
    pub(super) store: Store,
    pub(super) board: Board,
    pub(super) readers: Readers,
}

/// Reads windows with the rights of one subscription, always the newest, until cancelled.
pub(super) async fn now_and_then(
    mut access: watch::Receiver<Option<Access>>,
    record: SubscriptionRecord,
    room: Room,
    cancel: CancellationToken,
) {
    let region = record.topic_arn.region();
    loop {
        let granted = access.borrow_and_update().clone();
        let reading = async {
            match granted {
                Some(granted) => follow(&granted, region, &room).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            Ok(()) = access.changed() => {}
            () = reading => {}
        }
    }
}

async fn follow(access: &Access, region: &str, room: &Room) {
    let mut backoff = Backoff::new(Duration::from_mins(1), FAR);
    let account = loop {
        tokio::time::sleep(FIRST).await;
        if is_off(&room.dir).await {
            tokio::time::sleep(OFF).await;
            continue;
        }
        match access.account(region).await {
            Ok(account) => break account,
            // The pollers tell of it.
            Err(_) => tokio::time::sleep(backoff.fail(fastrand::f64())).await,
        }
    };
    let place = Place { account, region: region.to_owned() };
    let seat = loop {
        match room.readers.take(&place) {
            Some(seat) => break seat,
            // Another subscription reads the same windows.
            None => tokio::time::sleep(FAR).await,
        }
    };
    let ssm = access.ssm(region).await;
    let mut wakes = room.board.wakes();
    backoff.reset();
    loop {
        tokio::select! {
            () = tokio::time::sleep(seat.wait()) => {}
            Ok(()) = wakes.changed() => {
                seat.woke();
                continue;
            }
        }
        if is_off(&room.dir).await {
            seat.plan(OFF);
            continue;
        }
        let Some(known) = known(&room.dir, &place).await else {
            seat.plan(NEAR);
            continue;
        };
        let now = clock::now();
        let looked = look(&ssm, &place, &known, now).await;
        seat.say(looked.reading.problem.as_ref().filter(|_| looked.again == Again::Rarely));
        if let Err(error) = room.store.tell_windows(looked.reading, now).await {
            tracing::warn!(%error, "what SSM told of windows could not be stored");
        }
        let pause = match looked.again {
            Again::Rarely => DENIED,
            Again::Later => backoff.fail(fastrand::f64()).max(NEAR / 2),
            Again::Usual => {
                backoff.reset();
                usual(&room.dir, clock::now()).await
            }
        };
        seat.plan(pause.mul_f64(1.0 + 0.1 * fastrand::f64()));
    }
}

async fn is_off(dir: &DataDir) -> bool {
    let dir = dir.clone();
    let read = tokio::task::spawn_blocking(move || Settings::load(&dir).unwrap_or_default().read_windows).await;
    !read.unwrap_or(true)
}

async fn known(dir: &DataDir, place: &Place) -> Option<WindowsKnown> {
    let (dir, place) = (dir.clone(), place.clone());
    let read = tokio::task::spawn_blocking(move || {
        Reader::open(&dir)?.windows_known(&place.account, &place.region, clock::now())
    });
    let known = read.await.ok()?;
    known.inspect_err(|error| tracing::warn!(%error, "what is known of windows cannot be read")).ok()
}

async fn usual(dir: &DataDir, now: Timestamp) -> Duration {
    let dir = dir.clone();
    let read = tokio::task::spawn_blocking(move || pause(&Reader::open(&dir)?, now, fastrand::f64())).await;
    read.ok().and_then(Result::ok).unwrap_or(FAR)
}

/// How long until the next look, with nothing wrong. `chance` is drawn evenly from 0 to 1.
fn pause(reader: &Reader, now: Timestamp, chance: f64) -> Result<Duration, StoreError> {
    let (before, after) = AROUND;
    let at = |span: SignedDuration| now.checked_add(span).unwrap_or(now);
    let far = FAR + FAR.mul_f64(chance);
    let ahead = SignedDuration::try_from(far).map_or(now, |far| at(far + before));
    let runs = reader.windows(at(-after), ahead)?;
    let near = runs.iter().any(|run| run.state != WindowState::Upcoming || run.start <= at(before));
    if near {
        return Ok(NEAR);
    }
    // Not past the next start: what opens is seen when it has opened.
    let next = runs.iter().map(|run| run.start.duration_since(now)).min();
    let next = next.and_then(|until| Duration::try_from(until).ok());
    Ok(next.map_or(far, |until| far.min(until)).max(NEAR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Act;
    use watchbell_core::schedule::TypedWindow;

    #[tokio::test]
    async fn looks_are_rare_until_a_window_is_near() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        let store = Store::open(&dir).unwrap();
        let reader = Reader::open(&dir).unwrap();
        let now = clock::now();
        assert_eq!(pause(&reader, now, 0.0).unwrap(), FAR, "with nothing near, not more often than that");
        assert_eq!(pause(&reader, now, 1.0).unwrap(), FAR * 2, "spread by chance");
        let in_minutes = |minutes| now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        let window = TypedWindow {
            name: "w".into(),
            schedule: "rate(30 days)".into(),
            duration_hours: 1,
            cutoff_hours: 0,
            time_zone: None,
            offset_days: None,
            start: Some(in_minutes(20).to_string()),
            end: None,
            anchor: None,
        };
        store.act(Act::PutTypedWindow(Box::new(window))).await.unwrap();
        let soon = pause(&reader, now, 0.0).unwrap();
        assert!(soon > NEAR && soon <= Duration::from_mins(20), "not past the next start: {soon:?}");
        for minutes in [15, 20, 70, 90] {
            assert_eq!(pause(&reader, in_minutes(minutes), 0.0).unwrap(), NEAR, "{minutes} min from now one is near");
        }
        assert_eq!(pause(&reader, in_minutes(200), 0.0).unwrap(), FAR, "and then it is not");
        store.close().await;
    }
}
