//! A byte stream in memory, cut into pieces of any size.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use tchannel_proto::Transmit;

use crate::runtime::{Input, Io};
use crate::shared::lock;

/// How bytes cross a loopback.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Bytes that may be under way in one direction before writing has to wait. At least 1. Default 1 MiB.
    pub capacity: usize,
    /// Most bytes of one read, one after another and round again; 0 is read as 1. Default: no limit.
    pub reads: Vec<usize>,
    /// Most bytes of one write, likewise.
    pub writes: Vec<usize>,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { capacity: 1 << 20, reads: Vec::new(), writes: Vec::new() }
    }
}

/// What one side of one or more loopbacks did.
#[derive(Debug, Default)]
pub struct Tally {
    writes: AtomicUsize,
    reads: AtomicUsize,
    bytes: AtomicUsize,
    parts: Mutex<Vec<(usize, usize)>>,
}

impl Tally {
    /// Writes that took bytes.
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }

    /// Reads that gave bytes.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    /// Bytes written.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Address and length of each part of 1 KiB and more that was offered to a write, since the last look.
    pub fn take_parts(&self) -> Vec<(usize, usize)> {
        std::mem::take(&mut lock(&self.parts))
    }

    fn offered(&self, from: &Transmit) {
        let long =
            from.parts().filter(|part| part.len() >= LONG).map(|part| (part.as_ptr().addr(), part.len()));
        lock(&self.parts).extend(long);
    }
}

/// Shorter parts say nothing about copies: they are copied on purpose.
const LONG: usize = 1 << 10;

/// One end of a byte stream in memory.
#[derive(Debug)]
pub struct Loopback {
    receiver: Receiver,
    sender: Sender,
}

/// Two connected ends. What the first one does is counted in `first`, the other's doing in `second`.
pub fn loopback(shape: &Shape, first: &Arc<Tally>, second: &Arc<Tally>) -> (Loopback, Loopback) {
    let there = Arc::new(Pipe::default());
    let back = Arc::new(Pipe::default());
    let end = |from: &Arc<Pipe>, to: &Arc<Pipe>, tally: &Arc<Tally>| Loopback {
        receiver: Receiver { pipe: from.clone(), sizes: Sizes::new(&shape.reads), tally: tally.clone() },
        sender: Sender {
            pipe: to.clone(),
            sizes: Sizes::new(&shape.writes),
            capacity: shape.capacity.max(1),
            tally: tally.clone(),
        },
    };
    (end(&back, &there, first), end(&there, &back, second))
}

impl Loopback {
    pub(super) fn pipes(&self) -> [Arc<Pipe>; 2] {
        [self.receiver.pipe.clone(), self.sender.pipe.clone()]
    }
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: BytesMut,
    /// Nothing more will be written.
    ended: bool,
    /// Nobody reads.
    unread: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    /// Ends it on both sides; with `lose` also what is under way.
    pub(super) fn sever(&self, lose: bool) {
        self.change(|state| {
            state.ended = true;
            state.unread = true;
            if lose {
                state.bytes.clear();
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let wakers = {
            let mut state = lock(&self.state);
            change(&mut state);
            [state.reader.take(), state.writer.take()]
        };
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

/// The end that bytes come out of.
#[derive(Debug)]
pub struct Receiver {
    pipe: Arc<Pipe>,
    sizes: Sizes,
    tally: Arc<Tally>,
}

impl Receiver {
    fn poll(&mut self, cx: &Context<'_>, into: &mut Input) -> Poll<io::Result<usize>> {
        let writer;
        let count = {
            let mut state = lock(&self.pipe.state);
            if state.bytes.is_empty() {
                if state.ended {
                    return Poll::Ready(Ok(0));
                }
                into.release();
                state.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
            let into = into.space();
            let count = state.bytes.len().min(into.capacity() - into.len()).min(self.sizes.next());
            into.extend_from_slice(&state.bytes[..count]);
            state.bytes.advance(count);
            writer = state.writer.take();
            count
        };
        if let Some(writer) = writer {
            writer.wake();
        }
        self.tally.reads.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(count))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.pipe.change(|state| state.unread = true);
    }
}

/// The end that bytes go into.
#[derive(Debug)]
pub struct Sender {
    pipe: Arc<Pipe>,
    sizes: Sizes,
    capacity: usize,
    tally: Arc<Tally>,
}

impl Sender {
    fn write(&mut self, from: &mut Transmit, cx: Option<&Context<'_>>) -> io::Result<usize> {
        let reader;
        let count = {
            let mut state = lock(&self.pipe.state);
            if state.unread || state.ended {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let space = self.capacity.saturating_sub(state.bytes.len());
            if space == 0 {
                state.writer = cx.map(|cx| cx.waker().clone());
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.tally.offered(from);
            let count = from.remaining().min(space).min(self.sizes.next());
            let mut left = count;
            while left > 0 {
                let part = from.chunk().len().min(left);
                state.bytes.extend_from_slice(&from.chunk()[..part]);
                from.advance(part);
                left -= part;
            }
            reader = state.reader.take();
            count
        };
        if let Some(reader) = reader {
            reader.wake();
        }
        self.tally.writes.fetch_add(1, Ordering::Relaxed);
        self.tally.bytes.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.pipe.change(|state| state.ended = true);
    }
}

/// Sizes, one after another and round again.
#[derive(Debug)]
struct Sizes {
    sizes: Vec<usize>,
    next: usize,
}

impl Sizes {
    fn new(sizes: &[usize]) -> Self {
        Sizes { sizes: sizes.to_vec(), next: 0 }
    }

    fn next(&mut self) -> usize {
        let Some(&size) = self.sizes.get(self.next) else { return usize::MAX };
        self.next = (self.next + 1) % self.sizes.len();
        size.max(1)
    }
}

impl Io for Loopback {
    type Reader = Receiver;
    type Writer = Sender;

    fn split(self) -> (Receiver, Sender) {
        (self.receiver, self.sender)
    }

    async fn read(reader: &mut Receiver, into: &mut Input) -> io::Result<usize> {
        poll_fn(|cx| reader.poll(cx, into)).await
    }

    async fn write(writer: &mut Sender, from: &mut Transmit) -> io::Result<usize> {
        poll_fn(|cx| match writer.write(from, Some(cx)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            done => Poll::Ready(done),
        })
        .await
    }

    fn try_write(writer: &mut Sender, from: &mut Transmit) -> io::Result<usize> {
        writer.write(from, None)
    }

    fn shutdown(writer: Sender) {
        drop(writer);
    }
}
