//! The fields of one frame, for people: where each is, and what it says.

mod walk;

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use tchannel_wire::{FRAME_HEADER, Frame, FrameHeader, Malformed, Message};

use walk::Walk;

/// One field of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its first byte, from the frame's first.
    pub at: usize,
    /// Its bytes, those of its length included if it has one.
    pub len: usize,
    /// What the protocol calls it.
    pub name: &'static str,
    /// What it says; long texts are cut.
    pub value: String,
}

/// Explains a frame, or as much of one as is there.
///
/// The fields lie side by side from the first byte on, up to the end, or to where the frame cannot be read. Then the fault
/// is the second part; a field may be at fault that can be read.
pub fn explain(bytes: &Bytes) -> (Vec<Explained>, Option<Malformed>) {
    let mut walk = Walk::new(bytes);
    let walked = walk.frame();
    (walk.into_fields(), decode(bytes).or(walked.err()))
}

/// What the decoder has to say against a whole frame.
fn decode(bytes: &Bytes) -> Option<Malformed> {
    let header = match FrameHeader::peek(bytes) {
        Err(fault) => return Some(fault),
        Ok(header) => header?,
    };
    let body =
        bytes.get(..usize::from(header.size)).map(|frame| bytes.slice_ref(frame).slice(FRAME_HEADER..))?;
    Message::decode(&Frame { kind: header.kind, id: header.id, body }).err()
}
