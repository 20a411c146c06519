//! What is wrong with received bytes: the field, where it is, and the numbers.

use core::fmt;

use crate::FrameType;

/// Received bytes that do not follow the protocol. Holds no text and allocates nothing.
///
/// `Display` gives the protocol's own wording where it has one (checksums, the empty service name, argument counts), so
/// that it can be sent back as the message of an error frame; anything else reads like
/// `call req: chunk at byte 57 needs 300 bytes, 12 left`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Malformed {
    /// Type of the frame, where it is known.
    pub frame: Option<FrameType>,
    /// The field at fault.
    pub field: Field,
    /// Where the field's bytes begin, in bytes from the start of the frame's body; 0 where that makes no sense.
    pub offset: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// A field of a frame, or of a message as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the protocol's own")]
pub enum Field {
    FrameSize,
    FrameType,
    Version,
    HeaderCount,
    HeaderKey,
    HeaderValue,
    HostPort,
    ProcessName,
    Flags,
    Ttl,
    Tracing,
    Service,
    Code,
    ChecksumType,
    Checksum,
    /// One chunk of an argument: its length or its bytes.
    Chunk,
    /// The three arguments of a message, counted.
    Args,
    Arg1,
    /// Reason of a cancel.
    Why,
    /// Text of an error frame.
    Message,
}

/// What is wrong with a [`Field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// The body ends before the field does.
    Truncated {
        /// Bytes that the field takes.
        needed: usize,
        /// Bytes that were there for it.
        left: usize,
    },
    /// A number outside its range.
    OutOfRange {
        /// The number received.
        value: u64,
        /// Smallest value allowed.
        min: u64,
        /// Largest value allowed.
        max: u64,
    },
    /// Longer than allowed.
    TooLong {
        /// Bytes received, or at least this many.
        len: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// A value that the protocol does not name.
    Unknown {
        /// The value received.
        value: u64,
    },
    /// Not UTF-8.
    NotUtf8,
    /// Given twice.
    Duplicate,
    /// Empty where it must not be.
    Empty,
    /// Not there at all.
    Missing,
    /// Not the same in all frames of one message.
    Changed,
    /// A checksum that does not verify.
    Mismatch {
        /// Value that the frame carries.
        expected: u32,
        /// Value computed over the bytes received.
        actual: u32,
        /// Byte of the checksum type.
        kind: u8,
    },
    /// Another number of them than the protocol asks for.
    Count {
        /// How many there must be.
        expected: usize,
        /// How many there were.
        got: usize,
    },
}

impl Malformed {
    pub(crate) const fn new(field: Field, offset: usize, problem: Problem) -> Self {
        Self { frame: None, field, offset, problem }
    }

    /// Names the type of the frame, unless it is named already.
    #[must_use = "gives the value back, changes nothing in place"]
    pub const fn within(mut self, frame: FrameType) -> Self {
        if self.frame.is_none() {
            self.frame = Some(frame);
        }
        self
    }
}

impl core::error::Error for Malformed {}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field, self.problem) {
            (Field::ChecksumType, Problem::Unknown { value }) => {
                return write!(f, "unknown checksum type {value}");
            }
            (Field::ChecksumType, Problem::Changed) => return f.write_str("checksum type changed"),
            (Field::Checksum, Problem::Mismatch { expected, actual, kind }) => {
                return write!(f, "invalid checksum (type {kind}) expected: {expected} actual: {actual}");
            }
            (Field::Service, Problem::Empty) => return f.write_str("no service name given"),
            (Field::Args, Problem::Count { expected, got }) => {
                return write!(f, "expected {expected} args, got {got}");
            }
            (Field::Arg1, Problem::TooLong { len, limit }) => {
                return write!(f, "arg1 length {len} is larger than the limit {limit}");
            }
            (_, _) => {}
        }
        if let Some(frame) = self.frame {
            write!(f, "{frame}: ")?;
        }
        write!(f, "{}", self.field)?;
        if !matches!(self.problem, Problem::Missing)
            && !matches!(self.field, Field::FrameSize | Field::FrameType)
        {
            write!(f, " at byte {}", self.offset)?;
        }
        write!(f, " {}", self.problem)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FrameSize => "frame size",
            Self::FrameType => "frame type",
            Self::Version => "version",
            Self::HeaderCount => "header count",
            Self::HeaderKey => "header key",
            Self::HeaderValue => "header value",
            Self::HostPort => "host_port",
            Self::ProcessName => "process_name",
            Self::Flags => "flags",
            Self::Ttl => "ttl",
            Self::Tracing => "tracing",
            Self::Service => "service",
            Self::Code => "code",
            Self::ChecksumType => "checksum type",
            Self::Checksum => "checksum",
            Self::Chunk => "chunk",
            Self::Args => "args",
            Self::Arg1 => "arg1",
            Self::Why => "why",
            Self::Message => "message",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { needed, left } => write!(f, "needs {needed} bytes, {left} left"),
            Self::OutOfRange { value, min, max } => write!(f, "is {value}, must be {min} to {max}"),
            Self::TooLong { len, limit } => write!(f, "has {len} bytes, at most {limit} are allowed"),
            Self::Unknown { value } => write!(f, "has the unknown value {value}"),
            Self::NotUtf8 => f.write_str("is not UTF-8"),
            Self::Duplicate => f.write_str("is there twice"),
            Self::Empty => f.write_str("is empty"),
            Self::Missing => f.write_str("is missing"),
            Self::Changed => f.write_str("changed within the message"),
            Self::Mismatch { expected, actual, kind } => {
                write!(f, "does not verify (type {kind}) expected: {expected} actual: {actual}")
            }
            Self::Count { expected, got } => write!(f, "expected {expected}, got {got}"),
        }
    }
}

#[cfg(test)]
mod tests;
