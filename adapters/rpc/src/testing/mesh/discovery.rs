//! The routers' thrift, byte by byte.

use std::net::SocketAddr;

use crate::HostPort;

/// Reads `{1: {1: service}}`.
pub(super) fn asked(arg3: &[u8]) -> Option<String> {
    let rest = arg3.strip_prefix(&[STRUCT, 0, 1, STRING, 0, 1])?;
    let (len, rest) = rest.split_first_chunk()?;
    let len = usize::try_from(i32::from_be_bytes(*len)).ok()?;
    let (name, end) = rest.split_at_checked(len)?;
    (end == [0, 0]).then(|| String::from_utf8_lossy(name).into_owned())
}

/// `{0: {1: [{1: {1: ipv4}, 2: port}]}}`. Peers without an IPv4 address are left out: the protocol has no words for
/// them.
pub(super) fn peers(peers: &[HostPort]) -> Vec<u8> {
    let v4 = |peer: &HostPort| match peer.address() {
        Some(SocketAddr::V4(at)) => Some(at),
        Some(SocketAddr::V6(_)) | None => None,
    };
    let peers: Vec<_> = peers.iter().filter_map(v4).collect();
    let mut bytes = vec![STRUCT, 0, 0, LIST, 0, 1, STRUCT];
    bytes.extend(u32::try_from(peers.len()).unwrap_or_default().to_be_bytes());
    for peer in peers {
        bytes.extend([STRUCT, 0, 1, I32, 0, 1]);
        bytes.extend(peer.ip().octets());
        bytes.extend([0, I32, 0, 2]);
        bytes.extend(u32::from(peer.port()).to_be_bytes());
        bytes.push(0);
    }
    bytes.extend([0, 0]);
    bytes
}

/// `{1: {1: message, 2: service}}`.
pub(super) fn no_peers(service: &str) -> Vec<u8> {
    exception(1, &format!("no peer available for {service}"), service)
}

/// `{2: {1: message, 2: service}}`.
pub(super) fn invalid_name(service: &str) -> Vec<u8> {
    exception(2, &format!("invalid service name: {service}"), service)
}

fn exception(field: u8, message: &str, service: &str) -> Vec<u8> {
    let mut bytes = vec![STRUCT, 0, field];
    for (field, text) in [(1, message), (2, service)] {
        bytes.extend([STRING, 0, field]);
        bytes.extend(u32::try_from(text.len()).unwrap_or_default().to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([0, 0]);
    bytes
}

const I32: u8 = 8;
const STRING: u8 = 11;
const STRUCT: u8 = 12;
const LIST: u8 = 15;

#[cfg(test)]
mod tests;
