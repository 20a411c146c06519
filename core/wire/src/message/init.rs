//! init req and init res: the handshake.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use bytes::Bytes;

use crate::{
    Malformed,
    cursor::Cursor,
    malformed::{Field, Problem},
};

/// The version of the protocol that this crate speaks.
pub const PROTOCOL_VERSION: u16 = 2;
/// Most headers of an init that are kept, or sent.
pub const MAX_INIT_HEADERS: usize = 128;

/// Keys of init headers.
pub mod init_keys {
    /// Where the peer listens, or that it does not. Required.
    pub const HOST_PORT: &str = "host_port";
    /// Name of the peer's process, for people. Required.
    pub const PROCESS_NAME: &str = "process_name";
    /// Language of the peer's library.
    pub const LANGUAGE: &str = "tchannel_language";
    /// Version of that language or its runtime.
    pub const LANGUAGE_VERSION: &str = "tchannel_language_version";
    /// Version of the peer's library.
    pub const VERSION: &str = "tchannel_version";
}

/// What each side says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// Version of the protocol.
    pub version: u16,
    /// Who the peer is.
    pub headers: InitHeaders,
}

impl Init {
    /// Decodes a body; allocates the headers, at most 128 of them. Bytes behind the headers are ignored.
    ///
    /// Neither the version nor the required headers are judged. The error does not name the frame type, as the body
    /// does not tell it.
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let version = cursor.u16(Field::Version)?;
        let count = cursor.u16(Field::HeaderCount)?;
        let mut pairs = Vec::new();
        for _ in 0..count {
            let key = cursor.long(Field::HeaderKey)?;
            let value = cursor.long(Field::HeaderValue)?;
            if pairs.len() < MAX_INIT_HEADERS {
                pairs.push((lossy(key), lossy(value)));
            }
        }
        Ok(Self { version, headers: InitHeaders { pairs } })
    }

    /// The address that the peer announces, as it wrote it.
    pub fn host_port(&self) -> Result<&str, Malformed> {
        self.require(init_keys::HOST_PORT, Field::HostPort)
    }

    /// The name of the peer's process.
    pub fn process_name(&self) -> Result<&str, Malformed> {
        self.require(init_keys::PROCESS_NAME, Field::ProcessName)
    }

    fn require(&self, key: &str, field: Field) -> Result<&str, Malformed> {
        self.headers.get(key).ok_or(Malformed::new(field, 0, Problem::Missing))
    }
}

/// Headers of an init, in the order of the frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InitHeaders {
    pairs: Vec<(String, String)>,
}

impl InitHeaders {
    /// Value of one header; the last one, if the key is there more than once.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().rev().find(|(found, _)| *found == key).map(|(_, value)| value)
    }

    /// Keys and values, duplicates included.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator + Clone {
        self.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many headers are kept.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl<K: ToString, V: ToString> FromIterator<(K, V)> for InitHeaders {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self { pairs: pairs.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).collect() }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
