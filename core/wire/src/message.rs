//! One type per frame type, and [`Message`] over all of them.

mod call;
mod control;
mod encode;
mod error;
mod init;
mod resume;

pub use call::{
    CallReq, CallReqView, CallRes, CallResView, Flags, MAX_ARG1, ResponseCode, salvage_more, salvage_tracing,
};
pub use control::{Cancel, Claim, MAX_CANCEL_WHY};
pub use encode::EncodeError;
pub use error::{ErrorFrame, MAX_ERROR_MESSAGE};
pub use init::{Init, InitHeaders, MAX_INIT_HEADERS, PROTOCOL_VERSION, init_keys};
pub use resume::{Continue, ContinueView};

use crate::{Frame, FrameType, Malformed};

/// The content of one frame, all but its id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named like the frame types")]
pub enum Message {
    InitReq(Init),
    InitRes(Init),
    CallReq(CallReq),
    CallRes(CallRes),
    CallReqContinue(Continue),
    CallResContinue(Continue),
    Cancel(Cancel),
    Claim(Claim),
    PingReq,
    PingRes,
    Error(ErrorFrame),
}

impl Message {
    /// Decodes any frame; `None` for a type that the protocol does not name.
    ///
    /// Call frames, cancels and errors share the frame's memory; an init copies its headers.
    pub fn decode(frame: &Frame) -> Result<Option<Self>, Malformed> {
        let Some(kind) = FrameType::from_byte(frame.kind) else { return Ok(None) };
        let body = &frame.body;
        let message = match kind {
            FrameType::InitReq => Init::decode(body).map(Self::InitReq),
            FrameType::InitRes => Init::decode(body).map(Self::InitRes),
            FrameType::CallReq => CallReq::decode(body).map(Self::CallReq),
            FrameType::CallRes => CallRes::decode(body).map(Self::CallRes),
            FrameType::CallReqContinue => Continue::decode(body).map(Self::CallReqContinue),
            FrameType::CallResContinue => Continue::decode(body).map(Self::CallResContinue),
            FrameType::Cancel => Cancel::decode(body).map(Self::Cancel),
            FrameType::Claim => Claim::decode(body).map(Self::Claim),
            FrameType::PingReq => Ok(Self::PingReq),
            FrameType::PingRes => Ok(Self::PingRes),
            FrameType::Error => ErrorFrame::decode(body).map(Self::Error),
        };
        message.map(Some).map_err(|malformed| malformed.within(kind))
    }

    /// The type of the frame that carries it.
    pub const fn frame_type(&self) -> FrameType {
        match self {
            Self::InitReq(_) => FrameType::InitReq,
            Self::InitRes(_) => FrameType::InitRes,
            Self::CallReq(_) => FrameType::CallReq,
            Self::CallRes(_) => FrameType::CallRes,
            Self::CallReqContinue(_) => FrameType::CallReqContinue,
            Self::CallResContinue(_) => FrameType::CallResContinue,
            Self::Cancel(_) => FrameType::Cancel,
            Self::Claim(_) => FrameType::Claim,
            Self::PingReq => FrameType::PingReq,
            Self::PingRes => FrameType::PingRes,
            Self::Error(_) => FrameType::Error,
        }
    }
}

#[cfg(test)]
mod tests;
