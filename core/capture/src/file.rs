//! Packets out of a capture file, pcap or pcapng, in pieces of any size.

mod fields;
mod pcap;
mod pcapng;

use core::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;

use fields::Order;

/// Longest packet in bytes that is read; tcpdump keeps no more of any packet.
pub const MAX_PACKET: usize = 262_144;

/// One packet as it was captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When, since 1970, by the clock of the machine that captured it; `None` where the file does not tell.
    pub at: Option<Duration>,
    /// The file's number for what the bytes begin with, such as 1 for Ethernet.
    pub link: u16,
    /// The bytes that were kept.
    pub bytes: Bytes,
    /// Bytes that were not: the packet was longer than what the capture keeps of each.
    pub cut: usize,
}

/// Why a capture file cannot be read any further. What was read before is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Damage {
    /// It begins with something else.
    #[error(
        "this is no capture: pcap and pcapng files begin otherwise. For a plain dump of a stream's bytes say --raw, \
         or --hex if they are hexadecimal digits"
    )]
    NoCapture,
    /// It ends within the header that it has to begin with, or has none of it.
    #[error("this is no capture: it has {len} bytes, and even the header of a capture is longer")]
    TooShort {
        /// All of its bytes.
        len: usize,
    },
    /// It begins like a compressed file.
    #[error("this is compressed: unpack it first, as `zcat FILE | tchannel decode -` does")]
    Compressed,
    /// A version of the format that nobody has written yet.
    #[error("version {version} of this capture format is not known")]
    Version {
        /// The major version.
        version: u16,
    },
    /// A packet longer than any that a capture keeps.
    #[error(
        "the capture is damaged at byte {at}: it has a packet of {len} bytes, and at most {MAX_PACKET} can be"
    )]
    PacketLength {
        /// Where the packet's header is, in bytes from the file's start.
        at: u64,
        /// Length that the header gives.
        len: u32,
    },
    /// A block of pcapng whose length cannot be.
    #[error(
        "the capture is damaged at byte {at}: it has a block of {len} bytes, which cannot be one of its kind"
    )]
    BlockLength {
        /// Where the block is, in bytes from the file's start.
        at: u64,
        /// Length that the block gives.
        len: u32,
    },
    /// More interfaces than anybody has.
    #[error("the capture names more than {} interfaces", pcapng::MAX_INTERFACES)]
    Interfaces,
}

/// A capture file that comes in pieces.
///
/// [`push`](Self::push) adds bytes, [`poll`](Self::poll) takes packets; what is kept in between is less than one packet.
#[derive(Debug, Default)]
pub struct CaptureFile {
    input: BytesMut,
    format: Format,
    /// Bytes taken off `input` so far.
    at: u64,
    /// Bytes to come that nobody wants.
    unwanted: u64,
    damage: Option<Damage>,
}

#[derive(Debug, Default)]
enum Format {
    /// The first bytes will tell.
    #[default]
    Unknown,
    Pcap(pcap::Head),
    PcapNg(pcapng::Section),
}

/// What the front of the input is.
enum Step {
    /// More bytes are needed.
    Wait,
    /// Something that is no packet was there.
    Go,
    Packet(Packet),
}

impl CaptureFile {
    /// A file of which nothing has come yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.damage.is_none() {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The next packet; `None` asks for more bytes. After an error it gives that error each time.
    pub fn poll(&mut self) -> Result<Option<Packet>, Damage> {
        if let Some(damage) = self.damage {
            return Err(damage);
        }
        loop {
            self.drop_unwanted();
            let step = match &mut self.format {
                Format::Unknown => self.begin(),
                Format::Pcap(head) => head.step(&mut self.input, &mut self.at),
                Format::PcapNg(section) => section.step(&mut self.input, &mut self.at, &mut self.unwanted),
            };
            match step {
                Ok(Step::Wait) => return Ok(None),
                Ok(Step::Go) => {}
                Ok(Step::Packet(packet)) => return Ok(Some(packet)),
                Err(damage) => {
                    self.damage = Some(damage);
                    self.input = BytesMut::new();
                    return Err(damage);
                }
            }
        }
    }

    /// Whether the file may end here: between two packets, once there was a header.
    pub fn is_whole(&self) -> bool {
        self.input.is_empty() && self.unwanted == 0 && !matches!(self.format, Format::Unknown)
    }

    /// What is wrong with the file if it ends here, if nothing can be made of it.
    pub(crate) fn check_begun(&self) -> Result<(), Damage> {
        if self.at > 0 { Ok(()) } else { Err(Damage::TooShort { len: self.input.len() }) }
    }

    fn drop_unwanted(&mut self) {
        let here = usize::try_from(self.unwanted)
            .map_or(self.input.len(), |unwanted| unwanted.min(self.input.len()));
        take(&mut self.input, &mut self.at, here);
        self.unwanted -= as_u64(here);
    }

    fn begin(&mut self) -> Result<Step, Damage> {
        let Some(magic) = self.input.first_chunk::<4>() else { return Ok(Step::Wait) };
        if pcapng::is_start(*magic) {
            self.format = Format::PcapNg(pcapng::Section::default());
            return Ok(Step::Go);
        }
        if is_compressed(*magic) {
            return Err(Damage::Compressed);
        }
        let Some(head) = pcap::Head::read(&self.input)? else { return Ok(Step::Wait) };
        take(&mut self.input, &mut self.at, pcap::HEAD);
        self.format = Format::Pcap(head);
        Ok(Step::Go)
    }
}

/// gzip, zstd, xz, bzip2, lz4.
fn is_compressed(magic: [u8; 4]) -> bool {
    magic.starts_with(&[0x1F, 0x8B])
        || magic == [0x28, 0xB5, 0x2F, 0xFD]
        || magic == [0xFD, b'7', b'z', b'X']
        || magic == [b'B', b'Z', b'h', b'9']
        || magic == [0x04, 0x22, 0x4D, 0x18]
}

/// Drops bytes off the front.
fn take(input: &mut BytesMut, at: &mut u64, len: usize) {
    input.advance(len);
    *at += as_u64(len);
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
