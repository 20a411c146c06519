//! One system call's worth of writing.

use std::io::{self, IoSlice};

use bytes::Buf;
use tchannel_proto::Transmit;

/// Writes as much as one call of `write` takes, and advances `from` past it.
///
/// A lone part is offered as one slice: for a socket that is a cheaper call than a list of one. Nothing taken is an
/// error: the stream can hold no more.
pub fn write_once(
    from: &mut Transmit,
    write: impl FnOnce(&[IoSlice<'_>]) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); SLICES];
    let mut count = 0;
    for (slice, part) in slices.iter_mut().zip(from.parts()) {
        *slice = IoSlice::new(part);
        count += 1;
    }
    let written = write(&slices[..count])?;
    if written == 0 && from.has_remaining() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    from.advance(written);
    Ok(written)
}

/// For `write` above, with a stream of the standard library: one slice goes by `write`, more by `write_vectored`.
pub fn write_to(mut stream: impl io::Write, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    match slices {
        [slice] => stream.write(slice),
        slices => stream.write_vectored(slices),
    }
}

/// Parts written at once: 16 full frames are about half as many.
const SLICES: usize = 64;
