//! IPv4 and IPv6.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Without, number};

/// What an IP packet carries for TCP.
pub(super) struct Carried<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) bytes: &'a [u8],
    /// Bytes at the end that the capture has not kept.
    pub(super) cut: usize,
}

const TCP: u8 = 6;

pub(super) fn read(packet: &[u8]) -> Result<Carried<'_>, Without> {
    match packet.first().map(|first| first >> 4) {
        Some(4) => read_v4(packet),
        Some(6) => read_v6(packet),
        Some(_) => Err(Without::Tcp),
        None => Err(Without::Sense),
    }
}

fn read_v4(packet: &[u8]) -> Result<Carried<'_>, Without> {
    let head: &[u8; 20] = packet.first_chunk().ok_or(Without::Sense)?;
    let start = usize::from(head[0] & 0x0F) * 4;
    // More fragments follow, or some were before.
    if number(head, 6)? & 0x3FFF != 0 {
        return Err(if head[9] == TCP { Without::Whole } else { Without::Tcp });
    }
    if head[9] != TCP {
        return Err(Without::Tcp);
    }
    // 0 where the network card was left to cut a large packet.
    let len = match usize::from(number(head, 2)?) {
        0 => packet.len(),
        len => len,
    };
    if start < head.len() || len < start {
        return Err(Without::Sense);
    }
    let bytes = packet.get(start..len.min(packet.len())).ok_or(Without::Sense)?;
    let address = |at: usize| -> Result<IpAddr, Without> {
        let bytes: &[u8; 4] = head.get(at..).and_then(<[u8]>::first_chunk).ok_or(Without::Sense)?;
        Ok(Ipv4Addr::from(*bytes).into())
    };
    Ok(Carried { from: address(12)?, to: address(16)?, bytes, cut: len.saturating_sub(packet.len()) })
}

fn read_v6(packet: &[u8]) -> Result<Carried<'_>, Without> {
    let (head, rest) = packet.split_first_chunk::<40>().ok_or(Without::Sense)?;
    // 0 as above.
    let len = match usize::from(number(head, 4)?) {
        0 => rest.len(),
        len => len,
    };
    let address = |at: usize| -> Result<IpAddr, Without> {
        let bytes: &[u8; 16] = head.get(at..).and_then(<[u8]>::first_chunk).ok_or(Without::Sense)?;
        Ok(Ipv6Addr::from(*bytes).into())
    };
    let bytes = rest.get(..len).unwrap_or(rest);
    Ok(Carried {
        from: address(8)?,
        to: address(24)?,
        bytes: behind_extensions(head[6], bytes)?,
        cut: len.saturating_sub(rest.len()),
    })
}

/// Steps over extension headers, up to TCP.
fn behind_extensions(mut kind: u8, mut bytes: &[u8]) -> Result<&[u8], Without> {
    const FRAGMENT: u8 = 44;
    const AUTHENTICATION: u8 = 51;
    loop {
        let header: Option<&[u8; 4]> = bytes.first_chunk();
        let len = match (kind, header) {
            (TCP, _) => return Ok(bytes),
            (FRAGMENT, Some([_, _, high, low])) => {
                // All but two reserved bits: an offset, or that more fragments follow.
                if u16::from_be_bytes([*high, *low]) & !0b110 != 0 {
                    return Err(Without::Whole);
                }
                8
            }
            (AUTHENTICATION, Some([_, words, ..])) => (usize::from(*words) + 2) * 4,
            // Hop by hop, routing, options for the destination, mobility, host identity, shim.
            (0 | 43 | 60 | 135 | 139 | 140, Some([_, words, ..])) => (usize::from(*words) + 1) * 8,
            (0 | 43 | FRAGMENT | AUTHENTICATION | 60 | 135 | 139 | 140, None) => return Err(Without::Sense),
            (_, _) => return Err(Without::Tcp),
        };
        kind = bytes[0];
        bytes = bytes.get(len..).ok_or(Without::Sense)?;
    }
}
