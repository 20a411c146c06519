//! Whether bytes look like a frame.
//!
//! Every header that is known to be sent has zeros in its reserved bytes, which together with the type and the lengths
//! inside the body leaves little to chance. The work per byte looked at is bounded, whatever the lengths say.

use tchannel_wire::{ChecksumKind, FrameType, MAX_HEADERS, Tracing};

use super::HEADER;

/// How bytes look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    Right,
    Wrong,
    /// More bytes will tell.
    Open,
}

/// Looks at the header at the front, as much of it as is there.
pub(super) fn header(bytes: &[u8]) -> Looks {
    let size = bytes.first_chunk().map(|size| usize::from(u16::from_be_bytes(*size)));
    let kind = bytes.get(2).map(|kind| FrameType::from_byte(*kind));
    if size.is_some_and(|size| size < HEADER) || kind == Some(None) || !reserved(bytes).all(|byte| byte == 0)
    {
        return Looks::Wrong;
    }
    if bytes.len() < HEADER { Looks::Open } else { Looks::Right }
}

/// Whether neither the type nor the reserved bytes are as anybody writes them.
pub(super) fn is_nonsense(bytes: &[u8]) -> bool {
    bytes.get(2).is_some_and(|kind| FrameType::from_byte(*kind).is_none())
        && reserved(bytes).any(|byte| byte != 0)
}

fn reserved(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let behind_id = bytes.iter().skip(8).take(8);
    bytes.get(3).into_iter().chain(behind_id).copied()
}

/// Looks for a whole frame at the front, and at the header behind it as far as that is there.
///
/// Without `eager` that header has to be whole, unless the bytes have `ended`.
pub(super) fn whole_frame(bytes: &[u8], eager: bool, ended: bool) -> Looks {
    match header(bytes) {
        Looks::Wrong => return Looks::Wrong,
        // Half a header at the end of everything is none.
        Looks::Open => return if ended { Looks::Wrong } else { Looks::Open },
        Looks::Right => {}
    }
    let size = bytes.first_chunk().map_or(0, |size| usize::from(u16::from_be_bytes(*size)));
    let Some((frame, behind)) = bytes.split_at_checked(size) else {
        return if ended { Looks::Wrong } else { Looks::Open };
    };
    if !body(frame[2], &frame[HEADER..]) {
        return Looks::Wrong;
    }
    match header(behind) {
        Looks::Open if !eager && !ended => Looks::Open,
        Looks::Open | Looks::Right => Looks::Right,
        Looks::Wrong => Looks::Wrong,
    }
}

/// Whether the lengths inside a body lead exactly to its end.
fn body(kind: u8, body: &[u8]) -> bool {
    let Some(kind) = FrameType::from_byte(kind) else { return false };
    let read = match kind {
        FrameType::InitReq | FrameType::InitRes => init(body),
        FrameType::CallReq => {
            step(body, 1 + 4 + Tracing::LEN).and_then(|rest| short(rest)).and_then(headers).and_then(chunks)
        }
        FrameType::CallRes => step(body, 1 + 1 + Tracing::LEN).and_then(headers).and_then(chunks),
        FrameType::CallReqContinue | FrameType::CallResContinue => step(body, 1).and_then(chunks),
        FrameType::Cancel => step(body, 4 + Tracing::LEN).and_then(long),
        FrameType::Claim => step(body, 4 + Tracing::LEN),
        FrameType::PingReq | FrameType::PingRes => Some(body),
        FrameType::Error => step(body, 1 + Tracing::LEN).and_then(long),
    };
    let flags_known = match kind {
        FrameType::CallReq | FrameType::CallRes | FrameType::CallReqContinue | FrameType::CallResContinue => {
            body.first().is_some_and(|flags| *flags <= 3)
        }
        FrameType::InitReq
        | FrameType::InitRes
        | FrameType::Cancel
        | FrameType::Claim
        | FrameType::PingReq
        | FrameType::PingRes
        | FrameType::Error => true,
    };
    flags_known && read.is_some_and(<[u8]>::is_empty)
}

fn init(body: &[u8]) -> Option<&[u8]> {
    let mut rest = step(body, 2)?;
    let count = u16::from_be_bytes(*rest.first_chunk()?);
    if usize::from(count) > MAX_HEADERS {
        return None;
    }
    rest = step(rest, 2)?;
    for _ in 0..count {
        rest = long(long(rest)?)?;
    }
    Some(rest)
}

fn headers(body: &[u8]) -> Option<&[u8]> {
    let (count, mut rest) = body.split_first()?;
    if usize::from(*count) > MAX_HEADERS {
        return None;
    }
    for _ in 0..*count {
        rest = short(short(rest)?)?;
    }
    Some(rest)
}

/// A checksum, and as many chunks as a frame can have: three arguments, and the fourth that one implementation sends.
fn chunks(body: &[u8]) -> Option<&[u8]> {
    const MOST: usize = 4;
    let kind = ChecksumKind::from_byte(*body.first()?)?;
    let mut rest = long(step(body, 1 + kind.field_len())?)?;
    for _ in 1..MOST {
        if rest.is_empty() {
            break;
        }
        rest = long(rest)?;
    }
    Some(rest)
}

fn step(bytes: &[u8], len: usize) -> Option<&[u8]> {
    bytes.get(len..)
}

fn short(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first()?;
    step(rest, usize::from(*len))
}

fn long(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_first_chunk()?;
    step(rest, usize::from(u16::from_be_bytes(*len)))
}
