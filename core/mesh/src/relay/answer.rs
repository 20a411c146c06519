//! What comes back to the caller.

use bytes::Bytes;
use tchannel_wire::{CallRes, ErrorCode, ErrorFrame, FrameType, MAX_HEADER_KEY};

use super::progress::Progress;
use super::request::{further, passed_flags};
use super::{Passed, Refusal};

/// A response on its way back: how far it has come.
#[derive(Clone, Debug, Default)]
pub struct Answer(Option<Progress>);

impl Answer {
    /// No frame yet.
    pub fn new() -> Self {
        Answer::default()
    }

    /// The body of a call res, to be passed back under the caller's id. `None`: there was one already.
    pub fn first(&mut self, body: &Bytes, id: u32) -> Result<Option<Passed>, Refusal> {
        if self.0.is_some() {
            return Ok(None);
        }
        let response = CallRes::decode(body)?;
        if response.headers.headers().iter().any(|(key, _)| key.len() > MAX_HEADER_KEY) {
            return Err(Refusal::HeaderKey);
        }
        self.0 = Some(Progress::begin(response.flags, response.checksum.kind, &response.chunks)?);
        Ok(Some(Passed::new(FrameType::CallRes, id, &[passed_flags(response.flags)], body)))
    }

    /// The body of a call res continue, to be passed back under the caller's id. `None`: it follows the last frame, and
    /// is dropped.
    pub fn more(&mut self, body: &Bytes, id: u32) -> Result<Option<Passed>, Refusal> {
        match &mut self.0 {
            Some(progress) => further(progress, FrameType::CallResContinue, body, id),
            None => Err(Refusal::Args { got: 0 }),
        }
    }

    /// Whether the last frame was there.
    pub fn is_over(&self) -> bool {
        self.0.as_ref().is_some_and(Progress::ended)
    }
}

/// The body of an error frame from behind, to be passed back under the caller's id.
///
/// `takes_fatal`: the caller's process bears the code 0xFF on a call's id; node's, python's and our own do. To others it
/// is an unexpected error, as are codes that the protocol does not name, of which node's process dies.
pub fn error_frame(body: &Bytes, id: u32, takes_fatal: bool) -> Result<Passed, Refusal> {
    let frame = ErrorFrame::decode(body).map_err(|_| Refusal::MalformedError)?;
    let code = match frame.code {
        ErrorCode::Unknown(_) => ErrorCode::Unexpected,
        ErrorCode::Fatal if !takes_fatal => ErrorCode::Unexpected,
        code @ (ErrorCode::Timeout
        | ErrorCode::Cancelled
        | ErrorCode::Busy
        | ErrorCode::Declined
        | ErrorCode::Unexpected
        | ErrorCode::BadRequest
        | ErrorCode::Network
        | ErrorCode::Unhealthy
        | ErrorCode::Fatal) => code,
    };
    Ok(Passed::new(FrameType::Error, id, &[code.byte()], body))
}
