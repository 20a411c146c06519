//! Values by their keys, checked for what they have to be.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use data_encoding::BASE64;

use super::error::{ParseError, Problem, shown};
use super::tree::{Content, Node, Scalar, Tag};
use crate::{Blob, plain};

/// The keys of one map, each taken once.
pub(super) struct Fields {
    line: usize,
    of: &'static str,
    values: Vec<(String, Node)>,
}

impl Fields {
    /// The fields of a map that has to have these keys only.
    pub(super) fn of(node: Node, of: &'static str, known: &[&str]) -> Result<Self, ParseError> {
        let line = node.line;
        let Content::Map(pairs) = node.content else { return Err(expected(line, of, "a map")) };
        let mut values: Vec<(String, Node)> = Vec::new();
        for (key, value) in pairs {
            let problem = if !known.contains(&key.as_str()) {
                Problem::UnknownKey { of, key: shown(&key) }
            } else if values.iter().any(|(earlier, _)| *earlier == key) {
                Problem::Duplicate { of, key }
            } else {
                values.push((key, value));
                continue;
            };
            return Err(ParseError { line: value.line, problem });
        }
        Ok(Fields { line, of, values })
    }

    /// A value. One that stands for nothing is not there.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let at = self.values.iter().position(|(found, _)| found == key)?;
        Some(self.values.swap_remove(at).1).filter(|node| !node.is_null())
    }

    pub(super) fn required(&mut self, key: &'static str) -> Result<Node, ParseError> {
        self.take(key).ok_or_else(|| self.missing(key))
    }

    pub(super) fn missing(&self, key: &'static str) -> ParseError {
        ParseError { line: self.line, problem: Problem::Missing { of: self.of, key } }
    }

    pub(super) fn optional<T: Default>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Node, &'static str) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        self.take(key).map_or_else(|| Ok(T::default()), |node| read(node, key))
    }
}

pub(super) fn list(node: Node, name: &'static str) -> Result<Vec<Node>, ParseError> {
    match node.content {
        Content::List(nodes) => Ok(nodes),
        Content::Map(_) | Content::Scalar(_) => Err(expected(node.line, name, "a list")),
    }
}

pub(super) fn integer(node: &Node, name: &'static str) -> Result<i64, ParseError> {
    let number = match &node.content {
        Content::Scalar(Scalar { text, tag: Tag::None, is_plain: true }) => text.parse().ok(),
        Content::Scalar(_) | Content::List(_) | Content::Map(_) => None,
    };
    number.ok_or_else(|| expected(node.line, name, "a number"))
}

pub(super) fn blob(node: Node, name: &'static str) -> Result<Blob, ParseError> {
    let line = node.line;
    let Content::Scalar(mut scalar) = node.content else {
        return Err(expected(line, name, "text or !!binary"));
    };
    match scalar.tag {
        Tag::Str => Ok(Blob::text(scalar.text)),
        Tag::None if !scalar.is_plain || plain::is_text(&scalar.text) => Ok(Blob::text(scalar.text)),
        Tag::None => {
            let scalar = shown(&scalar.text);
            Err(ParseError { line, problem: Problem::Unquoted { name, scalar } })
        }
        Tag::Binary => {
            scalar.text.retain(|c| !c.is_ascii_whitespace());
            let bad =
                |error: data_encoding::DecodeError| Problem::Base64 { name, problem: error.to_string() };
            let bytes = BASE64.decode(scalar.text.as_bytes());
            bytes.map(Blob::binary).map_err(|error| ParseError { line, problem: bad(error) })
        }
    }
}

pub(super) fn text(node: Node, name: &'static str) -> Result<String, ParseError> {
    let line = node.line;
    let bytes = blob(node, name)?.into_bytes();
    String::from_utf8(bytes.into()).map_err(|_| ParseError { line, problem: Problem::NotUtf8 { name } })
}

fn expected(line: usize, name: &'static str, wanted: &'static str) -> ParseError {
    ParseError { line, problem: Problem::Expected { name, wanted } }
}
