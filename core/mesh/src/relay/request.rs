//! A request that is passed on.

use alloc::borrow::Cow;
use core::time::Duration;

use bytes::Bytes;
use tchannel_proto::Timestamp;
use tchannel_wire::{CallReq, Cancel, Continue, Flags, FrameType, MAX_ARG1, Malformed};

use super::progress::Progress;
use super::{Passed, Refusal, Ttl, routing_name};

/// A request on its way through: its first frame until it is passed on, then how far it has come.
///
/// Keeps the memory of its first frame.
#[derive(Clone, Debug)]
pub struct Request {
    body: Bytes,
    call: CallReq,
    arg1: Bytes,
    ttl: Ttl,
    progress: Progress,
}

impl Request {
    /// Reads the body of a call req, and refuses one that must not be passed on. `most`: the most time that it gets,
    /// usually [`MAX_TTL`](super::MAX_TTL).
    pub fn read(now: Timestamp, body: &Bytes, most: Duration) -> Result<Self, Refusal> {
        let call = CallReq::decode(body)?;
        if !call.route.is_sendable() {
            return Err(Refusal::HeaderKey);
        }
        let (kind, chunks) = (call.checksum.kind, &call.chunks);
        let progress = Progress::begin(call.flags, kind, chunks)?;
        if chunks.count() == 1 {
            return Err(Refusal::Arg1Split);
        }
        let arg1 = chunks.iter().next().unwrap_or_default();
        if arg1.len() > MAX_ARG1 {
            return Err(Refusal::Arg1TooLong { len: arg1.len() });
        }
        let ttl = Ttl::received(now, call.ttl, call.flags.more(), most)?;
        Ok(Request { body: body.clone(), arg1, ttl, progress, call })
    }

    /// The name that it is routed by, and counted under.
    pub fn routing_name(&self) -> &str {
        routing_name(self.call.route.service(), self.call.route.headers())
    }

    /// Its first frame, as it came.
    pub fn call(&self) -> &CallReq {
        &self.call
    }

    /// arg1 as text, with U+FFFD for what is not UTF-8.
    pub fn endpoint(&self) -> Cow<'_, str> {
        alloc::string::String::from_utf8_lossy(&self.arg1)
    }

    /// When its caller is told that it took too long.
    pub fn deadline(&self) -> Timestamp {
        self.ttl.deadline()
    }

    /// The first frame, to be passed on now under this id.
    pub fn first(&self, now: Timestamp, id: u32) -> Result<Passed, Refusal> {
        let [a, b, c, d] = self.ttl.left(now)?.to_be_bytes();
        let front = [passed_flags(self.call.flags), a, b, c, d];
        Ok(Passed::new(FrameType::CallReq, id, &front, &self.body))
    }

    /// The body of a further frame, to be passed on under this id. `None`: it follows the last one, and is dropped.
    pub fn more(&mut self, body: &Bytes, id: u32) -> Result<Option<Passed>, Refusal> {
        further(&mut self.progress, FrameType::CallReqContinue, body, id)
    }
}

/// A further frame of either direction.
pub(super) fn further(
    progress: &mut Progress,
    kind: FrameType,
    body: &Bytes,
    id: u32,
) -> Result<Option<Passed>, Refusal> {
    if progress.ended() {
        return Ok(None);
    }
    let frame = Continue::decode(body).map_err(|malformed| malformed.within(kind))?;
    progress.frame(frame.flags, frame.checksum.kind, &frame.chunks)?;
    Ok(Some(Passed::new(kind, id, &[passed_flags(frame.flags)], body)))
}

/// A cancel frame for the peer behind, unless it is one that takes none. One that cannot be read is dropped.
pub fn cancel_frame(body: &Bytes, id: u32) -> Result<Passed, Malformed> {
    Cancel::decode(body)?;
    Ok(Passed::new(FrameType::Cancel, id, &[], body))
}

/// The one flag that is passed on.
pub(super) fn passed_flags(flags: Flags) -> u8 {
    flags.0 & Flags::MORE.0
}
