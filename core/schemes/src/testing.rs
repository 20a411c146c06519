//! What the tests of several modules share.

use std::vec::Vec;

use bytes::Bytes;

#[cfg(feature = "thrift")]
use crate::thrift::{DecodeError, Reader};

/// Bytes of hex digits; spaces are for people.
pub(crate) fn hex(text: &str) -> Bytes {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    assert_eq!(digits.len() % 2, 0, "{text}");
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

/// What `read` gives for all of `bytes`, or its error as a text.
#[cfg(feature = "thrift")]
pub(crate) fn reading<'a, T>(
    bytes: &'a Bytes,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, std::string::String> {
    let mut from = Reader::new(bytes);
    let value = read(&mut from).map_err(|error| std::format!("{error}"))?;
    assert_eq!(from.left(), 0, "{bytes:?}");
    Ok(value)
}
