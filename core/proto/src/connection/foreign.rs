//! First bytes that belong to another protocol.

use alloc::format;
use alloc::string::String;

/// Whether this is a TLS alert, the answer of a server that speaks TLS to an init req, which passes for the start of a
/// frame. It may be all that ever comes: less than a frame header.
pub(super) fn is_alert(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x15, 0x03])
        && bytes.get(3..5) == Some(&[0, 2])
        && matches!(bytes.get(5), Some(1 | 2))
}

/// What a frame header looks like that is none of this protocol.
pub(super) fn described(header: &[u8]) -> Option<String> {
    let text = || core::str::from_utf8(header).ok().filter(|text| text.chars().all(is_printed));
    let protocol = named(header).map(String::from).or_else(|| text().map(|text| format!("{text:?}")))?;
    Some(format!("{protocol}: the peer speaks another protocol"))
}

/// Whether these are the first bytes of a TLS client hello, which pass for those of a long init req.
pub(super) fn is_client_hello(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x16, 0x03]) && bytes.get(5) == Some(&1) && bytes.get(9) == Some(&3)
}

fn named(bytes: &[u8]) -> Option<&'static str> {
    const HTTP: [&[u8]; 7] = [b"GET ", b"POST", b"HTTP", b"PUT ", b"HEAD", b"PRI ", b"OPTI"];
    if HTTP.iter().any(|start| bytes.starts_with(start)) {
        Some("HTTP")
    } else if bytes.starts_with(&[0x16, 0x03]) || is_alert(bytes) {
        Some("TLS")
    } else {
        None
    }
}

fn is_printed(c: char) -> bool {
    matches!(c, ' '..='~' | '\r' | '\n' | '\t')
}
