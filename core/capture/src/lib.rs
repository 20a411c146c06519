//! TChannel out of packet captures, without I/O.
//!
//! ```text
//!  file: pcap, pcapng ──→ link: Ethernet, IP, TCP ──→ stream: bytes in order ──→ framing: frames ──→ session: calls
//!                                                               plain dump ──────────↗
//! ```
//!
//! A [`Decoder`] is given a file piece by piece, and tells [`Record`]s: each frame when its last byte was seen, and each
//! call when it is over. However the file is cut into pieces, the records are the same.
//!
//! Captures lie. Packets come twice, out of order, or not at all; a capture begins when connections are old, and stops
//! when they are not over. Each direction of a connection is put in order again, and given on after what its sender had
//! seen, so that requests come before their answers. Where bytes are missing for good, the next frame is looked for: by
//! the size of the frame that they are missing from, or by what the header, the body's lengths and the header behind it
//! look like. What was guessed is said: [`Event::Gap`], [`Event::Resync`].
//!
//! What is kept is bounded by [`Limits`], whatever the file says. Fragments of IP packets are counted, and their bytes
//! are missing; checksums of IP and TCP are not looked at, as network cards fill them in behind the capture.
//!
//! ```
//! use tchannel_capture::{Decoder, Limits, Record};
//!
//! let mut decoder = Decoder::dump(Limits::default());
//! decoder.push(b"\0\x10\xD0\0\0\0\0\x03\0\0\0\0\0\0\0\0");
//! decoder.finish();
//! let Some(Record::Frame(ping)) = decoder.poll() else { panic!("one frame") };
//! assert_eq!((ping.header.id, ping.is_good()), (3, true));
//! assert_eq!(decoder.poll(), None);
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod decoder;

mod explain;
mod file;
mod framing;
mod link;
mod message;
mod record;
mod session;
mod stream;

pub use decoder::{Counters, Decoder, Limits};

pub use explain::{Explained, explain};
pub use file::{CaptureFile, Damage, MAX_PACKET, Packet};
pub use message::{Argument, Arguments};
pub use record::{
    Answer, Call, CallName, Connection, Event, Frame, Outcome, Place, Record, Request, Stream, Unanswered,
};
pub use stream::{Direction, End};
pub use tchannel_wire as wire;
