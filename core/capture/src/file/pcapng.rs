//! The newer format: blocks, of which some are packets, and some name the interfaces that these came by.

use alloc::vec::Vec;
use core::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{Damage, MAX_PACKET, Order, Packet, Step, take};

/// Most interfaces of one section.
pub(super) const MAX_INTERFACES: usize = 4_096;

/// Blocks, by their type.
const SECTION: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const PACKET: u32 = 6;

/// Type and length in front, and the length again at the end.
const FRAME: usize = 12;
/// Longest block that is read: a packet and the words about it. Others may be longer, and are skipped.
const MAX_BLOCK: usize = MAX_PACKET + 65_536;

/// What is known from the blocks so far of one section.
#[derive(Debug, Default)]
pub(super) struct Section {
    order: Order,
    interfaces: Vec<Interface>,
}

#[derive(Debug)]
struct Interface {
    link: u16,
    snap: u32,
    clock: Clock,
}

/// How an interface counts time.
#[derive(Debug, Clone, Copy)]
struct Clock {
    /// As in the file: 10 to the minus this; 2 to the minus the lower seven bits if the highest is set.
    resolution: u8,
    /// Seconds to add.
    offset: i64,
}

pub(super) fn is_start(magic: [u8; 4]) -> bool {
    u32::from_be_bytes(magic) == SECTION
}

impl Section {
    pub(super) fn step(
        &mut self,
        input: &mut BytesMut,
        at: &mut u64,
        unwanted: &mut u64,
    ) -> Result<Step, Damage> {
        if input.len() < FRAME {
            return Ok(Step::Wait);
        }
        // The type of a section's block reads the same in both orders; what follows tells which it is.
        if is_start([input[0], input[1], input[2], input[3]]) {
            self.order = match input[8..12] {
                [0x4D, 0x3C, 0x2B, 0x1A] => Order::Little,
                [0x1A, 0x2B, 0x3C, 0x4D] => Order::Big,
                _ => return Err(Damage::NoCapture),
            };
        }
        let (kind, declared) = (self.order.u32(input, 0), self.order.u32(input, 4));
        let wrong = Damage::BlockLength { at: *at, len: declared };
        let least = match kind {
            SECTION => 28,
            INTERFACE => 20,
            OLD_PACKET | PACKET => 32,
            SIMPLE_PACKET => 16,
            _ => FRAME,
        };
        let len = usize::try_from(declared).map_err(|_| wrong)?;
        if len < least || len % 4 != 0 {
            return Err(wrong);
        }
        if !matches!(kind, SECTION | INTERFACE | OLD_PACKET | PACKET | SIMPLE_PACKET) {
            *unwanted = u64::from(declared);
            return Ok(Step::Go);
        }
        if len > MAX_BLOCK {
            return Err(wrong);
        }
        if input.len() < len {
            return Ok(Step::Wait);
        }
        let block = &input[8..len - 4];
        let step = match kind {
            SECTION => self.section(block)?,
            INTERFACE => self.interface(block)?,
            OLD_PACKET => self.packet(u32::from(self.order.u16(block, 0)), block).ok_or(wrong)?,
            SIMPLE_PACKET => self.simple(block).ok_or(wrong)?,
            _ => self.packet(self.order.u32(block, 0), block).ok_or(wrong)?,
        };
        take(input, at, len);
        Ok(step)
    }

    fn section(&mut self, block: &[u8]) -> Result<Step, Damage> {
        let version = self.order.u16(block, 4);
        if version != 1 {
            return Err(Damage::Version { version });
        }
        self.interfaces.clear();
        Ok(Step::Go)
    }

    fn interface(&mut self, block: &[u8]) -> Result<Step, Damage> {
        if self.interfaces.len() == MAX_INTERFACES {
            return Err(Damage::Interfaces);
        }
        let (link, snap) = (self.order.u16(block, 0), self.order.u32(block, 4));
        self.interfaces.push(Interface { link, snap, clock: self.clock(block.get(8..).unwrap_or_default()) });
        Ok(Step::Go)
    }

    /// Reads the options of an interface: `code:2 length:2 value`, padded to four bytes.
    fn clock(&self, mut options: &[u8]) -> Clock {
        const RESOLUTION: u16 = 9;
        const OFFSET: u16 = 14;
        let mut clock = Clock { resolution: 6, offset: 0 };
        // Code 0 ends the list.
        while let (Some(head), code @ 1..) = (options.get(..4), self.order.u16(options, 0)) {
            let len = usize::from(self.order.u16(head, 2));
            let Some(value) = options.get(4..4 + len) else { break };
            match (code, value) {
                (RESOLUTION, [resolution]) => clock.resolution = *resolution,
                (OFFSET, [_, _, _, _, _, _, _, _]) => clock.offset = self.order.i64(value, 0),
                _ => {}
            }
            options = options.get(4 + len.next_multiple_of(4)..).unwrap_or_default();
        }
        clock
    }

    /// `interface time:8 kept:4 sent:4 bytes`, where the first takes four bytes in either kind of block.
    fn packet(&self, interface: u32, block: &[u8]) -> Option<Step> {
        let number = |field| self.order.u32(block, field);
        let (kept, sent) = (number(12), number(16));
        let bytes = block.get(20..)?.get(..usize::try_from(kept).ok()?)?;
        let (at, link) = match self.named(interface) {
            Some(by) => (Some(by.clock.moment(number(4), number(8))), by.link),
            None => (None, u16::MAX),
        };
        Some(packet(at, link, bytes, sent))
    }

    /// `sent:4 bytes`: of the first interface, without a time.
    fn simple(&self, block: &[u8]) -> Option<Step> {
        let sent = self.order.u32(block, 0);
        let first = self.named(0);
        let snap = first.map_or(0, |first| first.snap);
        let kept = if snap == 0 { sent } else { sent.min(snap) };
        let bytes = block.get(4..)?.get(..usize::try_from(kept).ok()?)?;
        Some(packet(None, first.map_or(u16::MAX, |first| first.link), bytes, sent))
    }

    fn named(&self, interface: u32) -> Option<&Interface> {
        self.interfaces.get(usize::try_from(interface).ok()?)
    }
}

fn packet(at: Option<Duration>, link: u16, bytes: &[u8], sent: u32) -> Step {
    let cut = usize::try_from(sent).unwrap_or(usize::MAX).saturating_sub(bytes.len());
    Step::Packet(Packet { at, link, bytes: Bytes::copy_from_slice(bytes), cut })
}

impl Clock {
    /// The moment that so many units are; the beginning of 1970 for a resolution that nobody has.
    fn moment(self, high: u32, low: u32) -> Duration {
        const NANOS: u128 = 1_000_000_000;
        let units = u128::from(high) << 32 | u128::from(low);
        let exponent = u32::from(self.resolution & 0x7F);
        let nanos = if self.resolution & 0x80 == 0 {
            10_u128.checked_pow(exponent).map_or(0, |parts| units * NANOS / parts)
        } else {
            (units * NANOS) >> exponent
        };
        let seconds = i128::try_from(nanos / NANOS).unwrap_or_default() + i128::from(self.offset);
        let part = u64::try_from(nanos % NANOS).unwrap_or_default();
        Duration::from_secs(u64::try_from(seconds.max(0)).unwrap_or(u64::MAX))
            .saturating_add(Duration::from_nanos(part))
    }
}
