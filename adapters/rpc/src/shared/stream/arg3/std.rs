//! On threads that may wait.

use std::future::poll_fn;
use std::io::{self, BufRead, Read, Write};

use bytes::Buf;

use super::{Arg3Reader, Arg3Writer};
use crate::shared::wait::Wait;

impl Read for Arg3Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut piece = self.fill_buf()?;
        let count = piece.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Arg3Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        poll_fn(|cx| self.poll_piece(cx).map_ok(|_| ())).wait()?;
        Ok(&self.piece)
    }

    fn consume(&mut self, count: usize) {
        self.piece.advance(count);
    }
}

impl Write for Arg3Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(poll_fn(|cx| self.poll_write(cx, bytes)).wait()?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(poll_fn(|cx| self.poll_flush(cx)).wait()?)
    }
}
