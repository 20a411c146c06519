//! Bytes, and how a cassette writes them.

use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::ops::Deref;
use core::str;

use bytes::Bytes;

/// How bytes stand in a cassette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// As text; more than 128 KiB of it as base64 all the same.
    Text,
    /// As base64 behind the tag `!!binary`.
    Binary,
}

/// Bytes of a cassette. They remember how they were written, so that a file which is saved again changes no more than
/// it must; two that are written differently are equal all the same. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blob {
    bytes: Bytes,
    style: Style,
}

impl Blob {
    /// Bytes that have not been written yet: as text if they are UTF-8 without control characters.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let is_text = str::from_utf8(&bytes).is_ok_and(|text| !text.chars().any(char::is_control));
        Blob { style: if is_text { Style::Text } else { Style::Binary }, bytes }
    }

    pub(crate) fn text(text: String) -> Self {
        Blob { bytes: text.into(), style: Style::Text }
    }

    pub(crate) fn binary(bytes: Vec<u8>) -> Self {
        Blob { bytes: bytes.into(), style: Style::Binary }
    }

    /// How they are written.
    pub fn style(&self) -> Style {
        self.style
    }

    /// The bytes, shared.
    pub fn to_bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The bytes.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// What is written when it is written as text.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self.style {
            Style::Text => str::from_utf8(&self.bytes).ok(),
            Style::Binary => None,
        }
    }
}

impl Default for Blob {
    fn default() -> Self {
        Blob::new(Bytes::new())
    }
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Blob {}

impl Hash for Blob {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl From<Bytes> for Blob {
    fn from(bytes: Bytes) -> Self {
        Blob::new(bytes)
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Blob::new(bytes)
    }
}

impl From<String> for Blob {
    fn from(text: String) -> Self {
        Blob::new(text)
    }
}

impl From<&[u8]> for Blob {
    fn from(bytes: &[u8]) -> Self {
        Blob::new(Bytes::copy_from_slice(bytes))
    }
}

impl From<&str> for Blob {
    fn from(text: &str) -> Self {
        Blob::from(text.as_bytes())
    }
}
