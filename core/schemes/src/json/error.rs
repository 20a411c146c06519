//! What is wrong with JSON that was read, or with a value that was to be written.

use alloc::string::{String, ToString};

use super::excerpt;

/// An argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// arg2: the headers.
    Head,
    /// arg3: the body.
    Body,
}

/// An argument that is no JSON, or not of the type expected.
///
/// `Display` says what and where: `json parse error: body: expected value at line 1 column 4`. A server answers
/// `bad request` with [`answer`](Self::answer).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {text}", self.answer())]
pub struct DecodeError {
    part: Part,
    text: String,
}

impl DecodeError {
    pub(super) fn new(part: Part, error: &impl ToString) -> Self {
        Self { part, text: excerpt(error.to_string()) }
    }

    /// The argument at fault.
    pub fn part(&self) -> Part {
        self.part
    }

    /// The text for the caller.
    pub const fn answer(&self) -> &'static str {
        match self.part {
            Part::Head => "json parse error: head",
            Part::Body => "json parse error: body",
        }
    }
}

/// A value that JSON cannot hold. Nothing of it may be sent.
///
/// `Display` says where and what: `cannot be written as JSON: prices[2]: NaN is no JSON number`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written as JSON: {path}{}{text}", if path.is_empty() { "" } else { ": " })]
pub struct EncodeError {
    path: String,
    text: String,
}

impl EncodeError {
    pub(super) fn new(path: String, text: &impl ToString) -> Self {
        Self { path: excerpt(path), text: excerpt(text.to_string()) }
    }

    /// The way to the part at fault, `prices[2]`; empty for the value as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }
}
