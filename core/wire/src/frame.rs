//! The 16-byte frame header, and whole frames off a stream.

use core::fmt;

use bytes::{Buf, Bytes, BytesMut};

use crate::malformed::{Field, Malformed, Problem};

/// Bytes of the header that starts every frame.
pub const FRAME_HEADER: usize = 16;
/// Largest frame in bytes, header included: the size field has 16 bits.
pub const MAX_FRAME: usize = 65_535;
/// Largest body of a frame in bytes.
pub const MAX_BODY: usize = MAX_FRAME - FRAME_HEADER;
/// Id of frames that belong to no message: connection-level errors.
pub const NO_MESSAGE: u32 = 0xFFFF_FFFF;

/// The eleven frame types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameType {
    /// First frame of the side that opened the connection.
    InitReq,
    /// Answer to init req.
    InitRes,
    /// First frame of a request.
    CallReq,
    /// First frame of a response.
    CallRes,
    /// Further frame of a request.
    CallReqContinue,
    /// Further frame of a response.
    CallResContinue,
    /// The caller no longer wants an answer.
    Cancel,
    /// Another worker has taken the call.
    Claim,
    /// Asks whether the peer is alive.
    PingReq,
    /// Answer to ping req.
    PingRes,
    /// Failure of one call, or of the connection.
    Error,
}

impl FrameType {
    /// All types in the order of their bytes.
    pub const ALL: [Self; 11] = [
        Self::InitReq,
        Self::InitRes,
        Self::CallReq,
        Self::CallRes,
        Self::CallReqContinue,
        Self::CallResContinue,
        Self::Cancel,
        Self::Claim,
        Self::PingReq,
        Self::PingRes,
        Self::Error,
    ];

    /// Names a type byte, if the protocol does.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0x01 => Self::InitReq,
            0x02 => Self::InitRes,
            0x03 => Self::CallReq,
            0x04 => Self::CallRes,
            0x13 => Self::CallReqContinue,
            0x14 => Self::CallResContinue,
            0xC0 => Self::Cancel,
            0xC1 => Self::Claim,
            0xD0 => Self::PingReq,
            0xD1 => Self::PingRes,
            0xFF => Self::Error,
            _ => return None,
        })
    }

    /// The type byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::InitReq => 0x01,
            Self::InitRes => 0x02,
            Self::CallReq => 0x03,
            Self::CallRes => 0x04,
            Self::CallReqContinue => 0x13,
            Self::CallResContinue => 0x14,
            Self::Cancel => 0xC0,
            Self::Claim => 0xC1,
            Self::PingReq => 0xD0,
            Self::PingRes => 0xD1,
            Self::Error => 0xFF,
        }
    }
}

impl fmt::Display for FrameType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InitReq => "init req",
            Self::InitRes => "init res",
            Self::CallReq => "call req",
            Self::CallRes => "call res",
            Self::CallReqContinue => "call req continue",
            Self::CallResContinue => "call res continue",
            Self::Cancel => "cancel",
            Self::Claim => "claim",
            Self::PingReq => "ping req",
            Self::PingRes => "ping res",
            Self::Error => "error",
        })
    }
}

/// The fields of a frame's 16-byte header; reserved bytes are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameHeader {
    /// Bytes of the whole frame, this header included: 16 or more.
    pub size: u16,
    /// The type byte as received; [`FrameType::from_byte`] names it.
    pub kind: u8,
    /// Message id.
    pub id: u32,
}

impl FrameHeader {
    /// Reads the header at the front of `input`; `None` asks for more bytes.
    ///
    /// A size below 16 is refused as soon as its two bytes are there. The stream cannot be followed after that.
    #[inline]
    pub fn peek(input: &[u8]) -> Result<Option<Self>, Malformed> {
        let Some(&size) = input.first_chunk::<2>() else { return Ok(None) };
        let size = u16::from_be_bytes(size);
        if usize::from(size) < FRAME_HEADER {
            return Err(too_small(size));
        }
        let Some(&[_, _, kind, _, a, b, c, d, ..]) = input.first_chunk::<FRAME_HEADER>() else {
            return Ok(None);
        };
        Ok(Some(Self { size, kind, id: u32::from_be_bytes([a, b, c, d]) }))
    }

    /// The header's bytes, for whoever passes a frame on as it is. Reserved bytes are zero.
    pub const fn encode(self) -> [u8; FRAME_HEADER] {
        let [s0, s1] = self.size.to_be_bytes();
        let [a, b, c, d] = self.id.to_be_bytes();
        [s0, s1, self.kind, 0, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0]
    }
}

#[cold]
fn too_small(size: u16) -> Malformed {
    let problem = Problem::OutOfRange { value: u64::from(size), min: 16, max: 65_535 };
    Malformed::new(Field::FrameSize, 0, problem)
}

/// One whole frame. Its body shares the memory that it was received in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The type byte as received; [`FrameType::from_byte`] names it.
    pub kind: u8,
    /// Message id.
    pub id: u32,
    /// Everything behind the 16-byte header.
    pub body: Bytes,
}

impl Frame {
    /// Takes one whole frame off the front of `input`; leaves `input` untouched when it is not all there, and on error.
    #[inline]
    pub fn take(input: &mut BytesMut) -> Result<Option<Self>, Malformed> {
        let Some(FrameHeader { size, kind, id }) = FrameHeader::peek(input)? else { return Ok(None) };
        let size = usize::from(size);
        if input.len() < size {
            return Ok(None);
        }
        let mut body = input.split_to(size).freeze();
        body.advance(FRAME_HEADER);
        Ok(Some(Self { kind, id, body }))
    }
}

#[cfg(test)]
mod tests;
