//! The only room that reads a clock. Everywhere else time is an argument, so that tests can choose it.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The wall clock, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the room that the lint points to")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The wall clock in the zone of this machine.
pub fn zoned() -> Zoned {
    now().to_zoned(TimeZone::system())
}

/// A clock that never goes back and does not count while the machine sleeps, for ages and time-outs.
#[expect(clippy::disallowed_methods, reason = "this is the room that the lint points to")]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// All clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// [`monotonic`].
    pub awake: Instant,
    /// How long the machine has slept, from an origin of no meaning: only differences say something.
    pub slept: Duration,
    /// [`now`].
    pub wall: Timestamp,
}

impl Reading {
    /// How long ago `earlier` was, sleep included.
    pub fn since(&self, earlier: &Self) -> Duration {
        self.awake.saturating_duration_since(earlier.awake) + self.slept.saturating_sub(earlier.slept)
    }
}

/// Reads all clocks.
pub fn reading() -> Reading {
    let (awake, wall) = (monotonic(), now());
    Reading { awake, slept: slept(awake, wall), wall }
}

/// `CLOCK_BOOTTIME` counts sleep and `CLOCK_MONOTONIC` does not (`clock_gettime(2)`).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn slept(_awake: Instant, _wall: Timestamp) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let read = |clock| {
        let time = clock_gettime(clock);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or_default(), u32::try_from(time.tv_nsec).unwrap_or_default())
    };
    // Whoever is held up between the two calls sees a longer sleep than there was: the least of three is right.
    let ahead = || {
        let awake = read(ClockId::Monotonic);
        read(ClockId::Boottime).saturating_sub(awake)
    };
    ahead().min(ahead()).min(ahead())
}

/// How far the wall clock ran ahead of the monotonic one, which stands still in sleep on macOS (`mach_absolute_time`). On Windows
/// it does not stand still; there a sleep shows as a long time without any sign of life (`health::wake`). Not yet run there.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn slept(awake: Instant, wall: Timestamp) -> Duration {
    use std::sync::OnceLock;
    static ORIGIN: OnceLock<(Instant, Timestamp)> = OnceLock::new();
    let &(first_awake, first_wall) = ORIGIN.get_or_init(|| (awake, wall));
    let wall = Duration::try_from(wall.duration_since(first_wall)).unwrap_or_default();
    wall.saturating_sub(awake.saturating_duration_since(first_awake))
}
