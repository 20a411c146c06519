//! From what a packet begins with to the TCP segment in it.

mod ip;
mod tcp;

pub(crate) use tcp::Segment;

/// Why a packet has no TCP segment that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    /// Its first bytes are of a kind that is not known.
    Link(u16),
    /// It carries neither IPv4 nor IPv6, or no TCP in it.
    Tcp,
    /// It is a fragment of an IP packet.
    Whole,
    /// It ends too early, or its lengths cannot be.
    Sense,
}

/// Kinds of first bytes, by the numbers that capture files have for them.
mod links {
    pub(super) const NULL: u16 = 0;
    pub(super) const ETHERNET: u16 = 1;
    /// Written by some for `RAW`.
    pub(super) const RAW_BSD: u16 = 12;
    pub(super) const RAW_OPENBSD: u16 = 14;
    pub(super) const RAW: u16 = 101;
    pub(super) const LOOP: u16 = 108;
    pub(super) const LINUX_COOKED: u16 = 113;
    pub(super) const IPV4: u16 = 228;
    pub(super) const IPV6: u16 = 229;
    pub(super) const LINUX_COOKED_2: u16 = 276;
}

/// What follows, by the numbers of Ethernet.
mod ether {
    pub(super) const IPV4: u16 = 0x0800;
    pub(super) const IPV6: u16 = 0x86DD;
    /// A tag of a virtual network: two bytes, then the next number.
    pub(super) const TAGS: [u16; 3] = [0x8100, 0x88A8, 0x9100];
}

/// Finds the segment.
pub(crate) fn segment(link: u16, packet: &[u8]) -> Result<Segment<'_>, Without> {
    let ip = match link {
        links::ETHERNET => tagged(number(packet, 12)?, packet.get(14..))?,
        links::LINUX_COOKED => tagged(number(packet, 14)?, packet.get(16..))?,
        links::LINUX_COOKED_2 => tagged(number(packet, 0)?, packet.get(20..))?,
        // The address family in front differs from system to system; the version of IP tells the same.
        links::NULL | links::LOOP => packet.get(4..).ok_or(Without::Sense)?,
        links::RAW | links::RAW_BSD | links::RAW_OPENBSD | links::IPV4 | links::IPV6 => packet,
        other => return Err(Without::Link(other)),
    };
    let carried = ip::read(ip)?;
    tcp::read(&carried)
}

/// Steps over the tags of virtual networks.
fn tagged(mut kind: u16, rest: Option<&[u8]>) -> Result<&[u8], Without> {
    let mut rest = rest.ok_or(Without::Sense)?;
    while ether::TAGS.contains(&kind) {
        kind = number(rest, 2)?;
        rest = rest.get(4..).ok_or(Without::Sense)?;
    }
    if [ether::IPV4, ether::IPV6].contains(&kind) { Ok(rest) } else { Err(Without::Tcp) }
}

/// Two bytes in the order of the network.
fn number(bytes: &[u8], at: usize) -> Result<u16, Without> {
    let two = bytes.get(at..).and_then(<[u8]>::first_chunk);
    two.map(|two| u16::from_be_bytes(*two)).ok_or(Without::Sense)
}
