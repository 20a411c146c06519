//! What is wrong with bytes that were read, or with a value that was to be written.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::fmt;

use super::path::{Path, Step};
use super::{MAX_DEPTH, Type};

/// Received bytes that are no Thrift struct, or not the one expected.
///
/// `Display` says where and what: `Team.users[3].name at byte 57: needs 300 bytes, 12 left`.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Decode>);

#[derive(Clone, PartialEq, Eq)]
struct Decode {
    path: Path,
    at: usize,
    problem: Problem,
}

/// What is wrong with received bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The bytes end before the value does.
    #[error("needs {needed} bytes, {left} left")]
    Truncated {
        /// Bytes that the value takes.
        needed: usize,
        /// Bytes that were there for it.
        left: usize,
    },
    /// A length or a count below 0.
    #[error("declares a length of {0}")]
    Negative(i32),
    /// More items or pairs than the bytes that are left can hold.
    #[error("declares {count} items of at least {size} bytes, {left} bytes left")]
    TooMany {
        /// How many were declared.
        count: usize,
        /// Fewest bytes that one takes.
        size: usize,
        /// Bytes that were there for them.
        left: usize,
    },
    /// A type byte that this protocol does not have.
    #[error("has the unknown type {0}")]
    UnknownType(u8),
    /// A value of another type than the one that its place has.
    #[error("has the type {got}, expected {expected}")]
    WrongType {
        /// The type that the place has.
        expected: Type,
        /// The type received.
        got: Type,
    },
    /// A string that is not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// Values nested too deeply.
    #[error("is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Values that would take more memory than the reader grants.
    #[error("takes {needed} bytes of memory, {left} are left to it")]
    TooLarge {
        /// Bytes that the values take.
        needed: usize,
        /// Bytes that are left of what the reader grants.
        left: usize,
    },
    /// A required field that is not there.
    #[error("is missing")]
    Missing,
    /// Bytes behind the end of the struct.
    #[error("{0} bytes are left over after the struct")]
    LeftOver(usize),
    /// A rule of the type's own that the value breaks, in words that follow on its name.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
}

impl DecodeError {
    /// A fault that begins `at` bytes into the message; [`Reader::at`](super::Reader::at) tells.
    #[cold]
    pub fn new(at: usize, problem: Problem) -> Self {
        Self(Box::new(Decode { path: Path::default(), at, problem }))
    }

    /// The same fault, as seen from the value that the faulty one is a part of.
    #[cold]
    #[must_use = "gives the error back, changes nothing in place"]
    pub fn within(mut self, step: Step) -> Self {
        self.0.path.within(step);
        self
    }

    pub(crate) fn of(mut self, name: &'static str) -> Self {
        self.0.path.of(name);
        self
    }

    /// The way to the value at fault.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Where the value begins, in bytes from the start of the message.
    pub fn at(&self) -> usize {
        self.0.at
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

impl core::error::Error for DecodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decode { path, at, problem } = &*self.0;
        let space = if path.is_empty() { "" } else { " " };
        write!(f, "{path}{space}at byte {at}: {problem}")
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

/// A value that cannot be written. Nothing of it may be sent.
///
/// `Display` says where and what: `Team.users[3] is nested deeper than 64 levels`.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodeError(Box<Encode>);

#[derive(Clone, PartialEq, Eq)]
struct Encode {
    path: Path,
    fault: Fault,
}

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A string or a container with more than `i32::MAX` bytes or items.
    #[error("has a length of {0}, at most {max} is allowed", max = i32::MAX)]
    TooLong(usize),
    /// Values nested too deeply for any peer to read.
    #[error("is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A value of another type than its container's.
    #[error("has the type {got}, its container holds {expected}")]
    WrongType {
        /// The type that the container declares.
        expected: Type,
        /// The type of the value.
        got: Type,
    },
    /// A rule of the type's own that the value breaks, in words that follow on its name.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
}

impl EncodeError {
    /// A value at fault.
    #[cold]
    pub fn new(fault: Fault) -> Self {
        Self(Box::new(Encode { path: Path::default(), fault }))
    }

    /// The same fault, as seen from the value that the faulty one is a part of.
    #[cold]
    #[must_use = "gives the error back, changes nothing in place"]
    pub fn within(mut self, step: Step) -> Self {
        self.0.path.within(step);
        self
    }

    pub(crate) fn of(mut self, name: &'static str) -> Self {
        self.0.path.of(name);
        self
    }

    /// The way to the value at fault.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What is wrong with it.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }
}

impl core::error::Error for EncodeError {}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Encode { path, fault } = &*self.0;
        if path.is_empty() { write!(f, "the value {fault}") } else { write!(f, "{path} {fault}") }
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodeError({self})")
    }
}
