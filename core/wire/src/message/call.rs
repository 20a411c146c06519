//! call req and call res: the first frame of a request or response.

use bytes::Bytes;

use crate::{
    Checksum, Chunks, ChunksView, HeaderBlock, Headers, Malformed, Route, RouteView, Tracing, cursor::Cursor,
    frame::FrameType, malformed::Field,
};

/// Longest arg1 in bytes that is sent or accepted.
pub const MAX_ARG1: usize = 16_384;

/// The flags byte of call frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// The last frame of a message, and not streamed.
    pub const NONE: Self = Self(0);
    /// More frames of this message follow.
    pub const MORE: Self = Self(0x01);
    /// The caller calls it a stream. Recorded, without effect, and never sent.
    pub const STREAMING: Self = Self(0x02);

    /// Whether more frames of this message follow.
    pub const fn more(self) -> bool {
        self.0 & Self::MORE.0 != 0
    }

    /// Whether the streaming bit is set.
    pub const fn streaming(self) -> bool {
        self.0 & Self::STREAMING.0 != 0
    }
}

/// The code byte of a call res: whether the handler succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ResponseCode(pub u8);

impl ResponseCode {
    /// The call succeeded.
    pub const OK: Self = Self(0);
    /// The handler answered with an application error.
    pub const NOT_OK: Self = Self(1);

    /// Whether the call succeeded: any byte but 0 says that it did not.
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }
}

/// First frame of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReq {
    /// Whether more frames follow.
    pub flags: Flags,
    /// Time the caller gives the call, in milliseconds. 0 is received from some peers and never sent.
    pub ttl: u32,
    /// Trace context.
    pub tracing: Tracing,
    /// Service and transport headers.
    pub route: Route,
    /// Checksum of this frame's chunks.
    pub checksum: Checksum,
    /// The arguments, or the first part of them.
    pub chunks: Chunks,
}

impl CallReq {
    /// Decodes a body; service, headers and chunks share its memory.
    #[inline]
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        let CallReqView { flags, ttl, tracing, route, checksum, chunks } = CallReqView::decode(body)?;
        Ok(Self { flags, ttl, tracing, route: route.share(body), checksum, chunks: chunks.share(body) })
    }
}

/// First frame of a request, its parts where they lie in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallReqView<'a> {
    /// As in [`CallReq`].
    pub flags: Flags,
    /// As in [`CallReq`].
    pub ttl: u32,
    /// As in [`CallReq`].
    pub tracing: Tracing,
    /// As in [`CallReq`].
    pub route: RouteView<'a>,
    /// As in [`CallReq`].
    pub checksum: Checksum,
    /// As in [`CallReq`].
    pub chunks: ChunksView<'a>,
}

impl<'a> CallReqView<'a> {
    /// Decodes a body.
    #[inline]
    pub fn decode(body: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(body).map_err(|malformed| malformed.within(FrameType::CallReq))
    }

    #[inline]
    fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let flags = Flags(cursor.u8(Field::Flags)?);
        let ttl = cursor.u32(Field::Ttl)?;
        let tracing = Tracing::decode(cursor.array(Field::Tracing)?);
        let route = RouteView::read(&mut cursor)?;
        let (checksum, chunks) = ChunksView::read(&mut cursor)?;
        Ok(Self { flags, ttl, tracing, route, checksum, chunks })
    }
}

/// First frame of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRes {
    /// Whether more frames follow.
    pub flags: Flags,
    /// Whether the handler succeeded.
    pub code: ResponseCode,
    /// The request's trace context.
    pub tracing: Tracing,
    /// Transport headers.
    pub headers: HeaderBlock,
    /// Checksum of this frame's chunks.
    pub checksum: Checksum,
    /// The arguments, or the first part of them.
    pub chunks: Chunks,
}

impl CallRes {
    /// Decodes a body; headers and chunks share its memory.
    #[inline]
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        let CallResView { flags, code, tracing, headers, checksum, chunks } = CallResView::decode(body)?;
        Ok(Self { flags, code, tracing, headers: headers.share(body), checksum, chunks: chunks.share(body) })
    }
}

/// First frame of a response, its parts where they lie in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallResView<'a> {
    /// As in [`CallRes`].
    pub flags: Flags,
    /// As in [`CallRes`].
    pub code: ResponseCode,
    /// As in [`CallRes`].
    pub tracing: Tracing,
    /// As in [`CallRes`].
    pub headers: Headers<'a>,
    /// As in [`CallRes`].
    pub checksum: Checksum,
    /// As in [`CallRes`].
    pub chunks: ChunksView<'a>,
}

impl<'a> CallResView<'a> {
    /// Decodes a body.
    #[inline]
    pub fn decode(body: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(body).map_err(|malformed| malformed.within(FrameType::CallRes))
    }

    #[inline]
    fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let flags = Flags(cursor.u8(Field::Flags)?);
        let code = ResponseCode(cursor.u8(Field::Code)?);
        let tracing = Tracing::decode(cursor.array(Field::Tracing)?);
        let headers = Headers::read(&mut cursor)?;
        let (checksum, chunks) = ChunksView::read(&mut cursor)?;
        Ok(Self { flags, code, tracing, headers, checksum, chunks })
    }
}

/// Reads the tracing bytes of a call req body that is otherwise unreadable, for the error frame about it. Zeros if the
/// body ends before them.
pub fn salvage_tracing(call_req_body: &[u8]) -> Tracing {
    let tracing = call_req_body.get(FLAGS_AND_TTL..).and_then(<[u8]>::first_chunk);
    tracing.map_or(Tracing::ZERO, |bytes| Tracing::decode(*bytes))
}

/// Reads the more-fragments bit of a call frame body that is otherwise unreadable. An empty body has none.
pub fn salvage_more(body: &[u8]) -> bool {
    body.first().is_some_and(|&flags| Flags(flags).more())
}

const FLAGS_AND_TTL: usize = 5;

#[cfg(test)]
mod tests;
