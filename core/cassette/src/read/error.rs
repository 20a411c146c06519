//! Why a text is no cassette.

use alloc::string::String;

use thiserror::Error;

use super::tree::{MAX_DEPTH, MAX_NODES};

/// A text that is no cassette, or none that can be read without losing something.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// Where, counted from 1.
    pub line: usize,
    /// What.
    pub problem: Problem,
}

/// What is wrong with a text that is no cassette.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The format of another version.
    #[error("this file has version {0} of the format and only version 1 can be read; record it again")]
    UnsupportedVersion(i64),
    /// Not YAML.
    #[error("this is not YAML: {0}")]
    Yaml(String),
    /// More than one document.
    #[error("a second document begins here; a cassette is one")]
    SecondDocument,
    /// An anchor or an alias.
    #[error("anchors and aliases are not read; write the value out")]
    Alias,
    /// A tag other than `!!binary`, `!!str`, `!!python/str` and `!!python/unicode`, or one in the wrong place.
    #[error("the tag {0} means nothing here; bytes have !!binary, texts need no tag")]
    Tag(String),
    /// Deeper than [`MAX_DEPTH`].
    #[error("this is nested more than {MAX_DEPTH} levels deep; a cassette has 6")]
    TooDeep,
    /// More than [`MAX_NODES`], or too much of it in one place.
    #[error("this is too long, at most {MAX_NODES} keys and values are read; make several cassettes of it")]
    TooLong,
    /// A character that YAML 1.1 takes for a line break and YAML 1.2 does not.
    #[error("{0:?} means different things to different readers; write it as an escape in double quotes")]
    AmbiguousBreak(char),
    /// A value of the wrong kind.
    #[error("{name} has to be {wanted}")]
    Expected {
        /// What the value is for.
        name: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A text without quotes that YAML reads as something else.
    #[error("{name} is text, and YAML takes {scalar:?} for something else; put it in quotes")]
    Unquoted {
        /// What the value is for.
        name: &'static str,
        /// Its beginning.
        scalar: String,
    },
    /// Bytes whose base64 is broken.
    #[error("{name} is not base64: {problem}")]
    Base64 {
        /// What the value is for.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Bytes where a text has to be.
    #[error("{name} has to be UTF-8")]
    NotUtf8 {
        /// What the value is for.
        name: &'static str,
    },
    /// A key that has to be there is not.
    #[error("{of} without `{key}`")]
    Missing {
        /// What it belongs to.
        of: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A key that is there twice.
    #[error("{of} has `{key}` twice; leave one")]
    Duplicate {
        /// What it belongs to.
        of: &'static str,
        /// The key.
        key: String,
    },
    /// A key that means nothing.
    #[error("{of} has no `{key}`; correct or remove it")]
    UnknownKey {
        /// What it belongs to.
        of: &'static str,
        /// Its beginning.
        key: String,
    },
    /// An arg scheme without a meaning.
    #[error("argScheme is 0 for raw, 1 for json or 2 for thrift, not {0}")]
    Scheme(i64),
    /// A response code without a meaning.
    #[error("code is 0 for success or 1 for an application error, not {0}")]
    Code(i64),
}

/// As much of a text as a message shows.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
