//! error frames.

use alloc::{borrow::Cow, string::String};

use bytes::Bytes;

use crate::{ErrorCode, MAX_BODY, Malformed, Tracing, cursor::Cursor, frame::FrameType, malformed::Field};

/// Longest text of an error frame in bytes: what a body holds behind code, tracing and length.
pub const MAX_ERROR_MESSAGE: usize = MAX_BODY - 1 - Tracing::LEN - 2;

/// The failure of the call with this frame's id, or of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorFrame {
    /// Why.
    pub code: ErrorCode,
    /// The call's trace context; zeros on connection-level errors.
    pub tracing: Tracing,
    /// Text for people. Meant to be UTF-8.
    pub message: Bytes,
}

impl ErrorFrame {
    /// Decodes a body; the text shares its memory. Bytes behind the text are ignored.
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        Self::read(body).map_err(|malformed| malformed.within(FrameType::Error))
    }

    fn read(body: &Bytes) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let code = ErrorCode::from_byte(cursor.u8(Field::Code)?);
        let tracing = Tracing::decode(cursor.array(Field::Tracing)?);
        let message = body.slice_ref(cursor.long(Field::Message)?);
        Ok(Self { code, tracing, message })
    }

    /// The text, with U+FFFD for what is not UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.message)
    }
}

#[cfg(test)]
mod tests;
