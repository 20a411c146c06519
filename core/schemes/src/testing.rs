//! What the tests of several modules share.

use std::vec::Vec;

use bytes::Bytes;

/// Bytes of hex digits; spaces are for people.
pub(crate) fn hex(text: &str) -> Bytes {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    assert_eq!(digits.len() % 2, 0, "{text}");
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}
