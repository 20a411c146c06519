//! How long a call may still take.

use core::time::Duration;

use tchannel_proto::Timestamp;

use super::Refusal;

/// The time of one call, from its arrival at the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttl {
    deadline: Timestamp,
}

impl Ttl {
    /// The time that a call has: what its caller gives it, `most` at most. A caller that streams may give none
    /// (`streams`): then it is `most`.
    pub fn received(now: Timestamp, millis: u32, streams: bool, most: Duration) -> Result<Self, Refusal> {
        let given = match millis {
            0 if streams => most,
            0 => return Err(Refusal::NoTtl),
            millis => most.min(Duration::from_millis(millis.into())),
        };
        Ok(Ttl { deadline: now + given })
    }

    /// When the caller is told that it took too long.
    pub const fn deadline(self) -> Timestamp {
        self.deadline
    }

    /// What is passed on, in milliseconds: the time left, never rounded up.
    pub fn left(self, now: Timestamp) -> Result<u32, Refusal> {
        let millis = u32::try_from(self.deadline.since(now).as_millis()).unwrap_or(u32::MAX);
        if millis == 0 { Err(Refusal::TtlExpired) } else { Ok(millis) }
    }
}

/// The most time that a relay gives a call.
pub const MAX_TTL: Duration = Duration::from_secs(120);
