//! What is wrong with an arg2.

use core::fmt;

/// A part of arg2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the layout")]
pub enum Part {
    Method,
    Url,
    Status,
    Message,
    HeaderCount,
    HeaderName,
    HeaderValue,
}

/// An arg2 that cannot be read, or one that cannot be written. Offsets are in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end before a part does. A length may be wrong in both orders; this is the first one's.
    #[error("{part} at byte {at}: needs {needed} bytes, {left} left")]
    Truncated {
        /// The part.
        part: Part,
        /// Where its bytes begin.
        at: usize,
        /// Bytes that it takes.
        needed: usize,
        /// Bytes that were there for it.
        left: usize,
    },
    /// A length that goes on for more than five bytes.
    #[error("{part} at byte {at}: its length has more than 5 bytes")]
    Length {
        /// The part.
        part: Part,
        /// Where its length begins.
        at: usize,
    },
    /// Bytes behind the last header.
    #[error("{left} bytes are left over after the last header")]
    LeftOver {
        /// How many.
        left: usize,
    },
    /// A text that is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(Part),
    /// A status that HTTP does not have.
    #[error("the status is {0}, must be 100 to 999")]
    Status(u16),
    /// A part that is too long to write.
    #[error("{part} has a length of {len}, at most {limit} is allowed")]
    TooLong {
        /// The part.
        part: Part,
        /// Its length in bytes, or how many there are.
        len: usize,
        /// The largest allowed.
        limit: usize,
    },
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "method",
            Self::Url => "url",
            Self::Status => "status",
            Self::Message => "message",
            Self::HeaderCount => "header count",
            Self::HeaderName => "header name",
            Self::HeaderValue => "header value",
        })
    }
}
