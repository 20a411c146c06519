//! arg2: application headers, `nh:2 (k~2 v~2){nh}`.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::tracing::{TRACING_PREFIX, is_tracing};

/// Application headers: texts by names, in the order of the wire. Names may repeat; the last one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Decodes arg2. No bytes at all are no headers.
    pub fn decode(arg2: &[u8]) -> Result<Self, HeadersError> {
        if arg2.is_empty() {
            return Ok(Self::new());
        }
        let mut rest = arg2;
        let truncated = |rest: &[u8]| HeadersError::Truncated { at: arg2.len() - rest.len() };
        let count = length(&mut rest).ok_or_else(|| truncated(rest))?;
        let mut pairs = Vec::new();
        let mut text = || {
            let at = arg2.len() - rest.len();
            let mut next = rest;
            let len = length(&mut next).ok_or(HeadersError::Truncated { at })?;
            let (text, after) = next.split_at_checked(len).ok_or(HeadersError::Truncated { at })?;
            rest = after;
            core::str::from_utf8(text).map_err(|_| HeadersError::NotUtf8 { at })
        };
        for _ in 0..count {
            let (name, value) = (text()?, text()?);
            pairs.push((name.into(), value.into()));
        }
        match rest.len() {
            0 => Ok(Self(pairs)),
            left => Err(HeadersError::LeftOver { left }),
        }
    }

    /// Encodes arg2; no headers are two bytes of zero, which every peer takes.
    pub fn encode(&self) -> Result<Bytes, HeadersError> {
        if self.0.is_empty() {
            return Ok(Bytes::from_static(&[0, 0]));
        }
        let size: usize = self.0.iter().map(|(name, value)| 4 + name.len() + value.len()).sum();
        let mut out = Vec::with_capacity(2 + size);
        let count = u16::try_from(self.0.len()).map_err(|_| HeadersError::TooMany { count: self.0.len() })?;
        out.extend_from_slice(&count.to_be_bytes());
        for (name, value) in &self.0 {
            for text in [name, value] {
                let len = u16::try_from(text.len())
                    .map_err(|_| HeadersError::TooLong { name: excerpt(name), len: text.len() })?;
                out.extend_from_slice(&len.to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        }
        Ok(out.into())
    }

    /// The value of a header, the last one's where its name repeats.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// Gives a header a value, in the place of the first one of its name, and drops all others of it.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, mut value) = (name.into(), Some(value.into()));
        self.0.retain_mut(|(key, old)| {
            if *key != name {
                return true;
            }
            value.take().map(|new| *old = new).is_some()
        });
        if let Some(value) = value {
            self.0.push((name, value));
        }
    }

    /// Adds a header behind all others, whatever their names.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are, repeated names counted each time.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What carries a trace: names without [`TRACING_PREFIX`], and values.
    pub fn tracing(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter_map(|(name, value)| Some((name.strip_prefix(TRACING_PREFIX)?, value)))
    }

    /// Removes what carries a trace.
    pub fn strip_tracing(&mut self) {
        self.0.retain(|(name, _)| !is_tracing(name));
    }

    /// Replaces what carries a trace, given without [`TRACING_PREFIX`]. Forwarded headers with other names stay.
    pub fn set_tracing<'a>(&mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (name, value) in pairs {
            self.set([TRACING_PREFIX, name].concat(), value);
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// An arg2 that cannot be read, or headers that cannot be written. Offsets are in bytes from the start of arg2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadersError {
    /// The bytes end before the count, or the name or value that begins here, does.
    #[error("headers: the bytes end within what begins at byte {at}")]
    Truncated {
        /// Where it begins.
        at: usize,
    },
    /// A name or value that is not UTF-8.
    #[error("headers: the text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Where its length is.
        at: usize,
    },
    /// Bytes behind the last header.
    #[error("headers: {left} bytes are left over after the last one")]
    LeftOver {
        /// How many.
        left: usize,
    },
    /// A name or value that is too long to write.
    #[error("headers: name or value of `{name}` has {len} bytes, at most 65535 are allowed")]
    TooLong {
        /// The name, or the start of it.
        name: String,
        /// Length of what is too long.
        len: usize,
    },
    /// More headers than can be written.
    #[error("headers: there are {count}, at most 65535 are allowed")]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

fn length(rest: &mut &[u8]) -> Option<usize> {
    let (len, after) = rest.split_first_chunk::<2>()?;
    *rest = after;
    Some(usize::from(u16::from_be_bytes(*len)))
}

/// Enough of a name to know it.
fn excerpt(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests;
