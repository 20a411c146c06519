//! What is wrong with a Thrift file, and where.

use std::fmt;
use std::sync::Arc;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
}

impl Position {
    /// The first character of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A Thrift file that cannot be used.
///
/// `Display` says where and why: ``shared.thrift:12:5: expected a type, found `}` ``.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    file: Arc<str>,
    at: Option<Position>,
    fault: Fault,
}

impl Error {
    /// A fault at a place in a file.
    #[cold]
    pub(crate) fn new(file: &Arc<str>, at: Position, fault: Fault) -> Self {
        Self { file: Arc::clone(file), at: Some(at), fault }
    }

    /// A fault of a file as a whole.
    #[cold]
    pub(crate) fn whole(file: &str, fault: Fault) -> Self {
        Self { file: file.into(), at: None, fault }
    }

    /// The file at fault, as it was named to the parser or by an include.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where in the file; nothing if it could not be read at all.
    pub fn at(&self) -> Option<Position> {
        self.at
    }

    /// What is wrong there.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}:{at}: {}", self.file, self.fault),
            None => write!(f, "{}: {}", self.file, self.fault),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

/// What is wrong with a Thrift file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something else stands where the grammar wants this.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would be right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A name that nothing of the kind has.
    #[error("expected {expected}, but `{name}` is none{hint}")]
    Unknown {
        /// What the name should be of.
        expected: &'static str,
        /// The name.
        name: String,
        /// What helps, beginning with its own punctuation; may be empty.
        hint: String,
    },
    /// A name or an id that is taken.
    #[error("expected a new {what}, but `{name}` is taken{by}")]
    Duplicate {
        /// What it is the name or id of.
        what: &'static str,
        /// The name or id.
        name: String,
        /// Where the first one is, beginning with its own punctuation; may be empty.
        by: String,
    },
    /// A definition that contains itself.
    #[error("expected {what} that does not lead back to itself, but `{name}` does")]
    Circular {
        /// The kind of definition.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A file that cannot be had.
    #[error("expected a file that can be read, but `{path}` cannot be: {reason}")]
    Unreadable {
        /// The path, relative to where the first file is.
        path: String,
        /// Why.
        reason: String,
    },
    /// More of something than is allowed.
    #[error("expected at most {limit} {what}")]
    Limit {
        /// What is counted.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
}

impl Fault {
    /// Something else stands where this was expected.
    pub(crate) fn expected(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Expected { expected: expected.into(), found: found.into() }
    }
}
