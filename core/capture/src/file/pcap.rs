//! The older format: one header, then packets.

use core::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{Damage, MAX_PACKET, Order, Packet, Step, take};

/// Bytes of the file's header.
pub(super) const HEAD: usize = 24;
/// Bytes of each packet's header.
const PACKET: usize = 16;

/// What the file's header tells.
#[derive(Debug)]
pub(super) struct Head {
    order: Order,
    /// Nanoseconds in the unit of the smaller part of times.
    unit: u32,
    link: u16,
}

impl Head {
    /// Reads the header, once all of it is there.
    pub(super) fn read(input: &[u8]) -> Result<Option<Self>, Damage> {
        let (order, unit) = match input {
            [0xD4, 0xC3, 0xB2, 0xA1, ..] => (Order::Little, 1_000),
            [0xA1, 0xB2, 0xC3, 0xD4, ..] => (Order::Big, 1_000),
            [0x4D, 0x3C, 0xB2, 0xA1, ..] => (Order::Little, 1),
            [0xA1, 0xB2, 0x3C, 0x4D, ..] => (Order::Big, 1),
            _ => return Err(Damage::NoCapture),
        };
        if input.len() < HEAD {
            return Ok(None);
        }
        let version = order.u16(input, 4);
        if version != 2 {
            return Err(Damage::Version { version });
        }
        // The upper half tells of checksums at the end of packets, which the lengths of IP leave out anyway.
        let [.., high, low] = order.u32(input, 20).to_be_bytes();
        Ok(Some(Self { order, unit, link: u16::from_be_bytes([high, low]) }))
    }

    pub(super) fn step(&self, input: &mut BytesMut, at: &mut u64) -> Result<Step, Damage> {
        if input.len() < PACKET {
            return Ok(Step::Wait);
        }
        let number = |field| self.order.u32(input, field);
        let (kept, sent) = (number(8), number(12));
        let len = match usize::try_from(kept) {
            Ok(len) if len <= MAX_PACKET => len,
            Ok(_) | Err(_) => return Err(Damage::PacketLength { at: *at, len: kept }),
        };
        if input.len() - PACKET < len {
            return Ok(Step::Wait);
        }
        let nanos = u64::from(number(4)) * u64::from(self.unit);
        let when = Duration::from_secs(u64::from(number(0))) + Duration::from_nanos(nanos);
        let cut = usize::try_from(sent.saturating_sub(kept)).unwrap_or(usize::MAX);
        let bytes = Bytes::copy_from_slice(&input[PACKET..PACKET + len]);
        take(input, at, PACKET + len);
        Ok(Step::Packet(Packet { at: Some(when), link: self.link, bytes, cut }))
    }
}
