//! The half that writes.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
#[cfg(feature = "http")]
use tchannel_proto::Remote;

use super::{BodyError, WriterEnd};
use crate::shared::error::CallError;
use crate::shared::hub::{Ended, Hub, Side};

/// arg2 and arg3 of a message, written bit by bit: first all of arg2, then arg3.
///
/// Bytes leave soon, in frames as full as they then can be; nothing waits for more. Small writes cost a few dozen
/// bytes each until they have left: join them where there are many.
///
/// As the caller, dropping it before [`finish`](BodyWriter::finish) cancels the call. As the callee, the caller gets
/// the error that the handler returns, or `unexpected error`.
#[must_use = "a message without its end is given up"]
pub struct BodyWriter {
    end: Result<WriterEnd, CallError>,
    in_arg3: bool,
}

impl BodyWriter {
    pub(crate) fn new(end: WriterEnd) -> Self {
        BodyWriter { end: Ok(end), in_arg3: false }
    }

    /// Of a call that could not even start.
    pub(crate) fn refused(error: CallError) -> Self {
        BodyWriter { end: Err(error), in_arg3: false }
    }

    pub(super) fn is_in_arg3(&self) -> bool {
        self.in_arg3
    }

    /// Writes to the current argument: arg2 until [`next_arg`](BodyWriter::next_arg), then arg3.
    ///
    /// Waits while too much of this message has not left yet, see
    /// [`Config::unsent_high`](crate::Config::unsent_high). Takes all of `bytes` or none.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end writes nothing, and drops `bytes`.
    /// [`poll_write`](BodyWriter::poll_write) leaves them with the caller meanwhile.
    pub async fn write(&mut self, bytes: impl Into<Bytes>) -> Result<(), BodyError> {
        let mut bytes = bytes.into();
        poll_fn(|cx| self.poll_write(cx, &mut bytes)).await
    }

    /// As [`write`](BodyWriter::write), for those who write futures by hand: `bytes` is empty once they are written,
    /// untouched as long as they have to wait, and lost with a call that is over.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &mut Bytes) -> Poll<Result<(), BodyError>> {
        match &self.end {
            Err(error) => Poll::Ready(Err(error.clone().into())),
            Ok(WriterEnd(line)) => {
                line.hub.poll_write(line.side, bytes, cx).map_err(|ended| line.error(ended))
            }
        }
    }

    /// Writes what is left of arg2, and goes on to arg3: both or nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end writes nothing, and does not go on to arg3.
    pub async fn arg2(&mut self, bytes: impl Into<Bytes>) -> Result<(), BodyError> {
        if self.in_arg3 {
            return Err(BodyError::LastArg);
        }
        self.write(bytes).await?;
        self.next_arg()
    }

    /// Ends arg2: what follows is arg3. An error if arg2 has ended already.
    pub fn next_arg(&mut self) -> Result<(), BodyError> {
        if self.in_arg3 {
            return Err(BodyError::LastArg);
        }
        self.with_line(Hub::end_arg2)?;
        self.in_arg3 = true;
        Ok(())
    }

    /// Lets all that was written so far leave in frames that carry nothing written later. Does not wait for that.
    ///
    /// Bytes leave without it, too. It matters where the peer takes frames for messages.
    pub fn flush(&mut self) -> Result<(), BodyError> {
        self.with_line(Hub::flush)
    }

    /// Ends the message: arg3, and arg2 if that has not ended yet. Does not wait until all of it has left.
    pub fn finish(self) -> Result<(), BodyError> {
        let left = if self.in_arg3 { 1 } else { 2 };
        self.with_line(|hub, side| hub.finish(side, left))
    }

    /// The peer that a call of ours goes to, once it has introduced itself.
    #[cfg(feature = "http")]
    pub(crate) async fn peer(&self) -> Result<Arc<Remote>, BodyError> {
        match &self.end {
            Err(error) => Err(error.clone().into()),
            Ok(WriterEnd(line)) => {
                poll_fn(|cx| line.hub.poll_peer(line.side, cx).map_err(|ended| line.error(ended))).await
            }
        }
    }

    fn with_line(&self, act: impl FnOnce(&Arc<Hub>, Side) -> Result<(), Ended>) -> Result<(), BodyError> {
        match &self.end {
            Err(error) => Err(error.clone().into()),
            Ok(WriterEnd(line)) => act(&line.hub, line.side).map_err(|ended| line.error(ended)),
        }
    }
}

impl fmt::Debug for BodyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyWriter").field("in_arg3", &self.in_arg3).finish_non_exhaustive()
    }
}
