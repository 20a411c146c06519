//! A connection: one task writes what everybody has queued, and whoever wants reads.

use std::collections::HashMap;
use std::io::IoSlice;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;

use super::frame::{self, Kind};
use crate::Failure;

#[derive(Clone)]
pub(super) struct Line(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    more: Notify,
}

#[derive(Default)]
struct Queue {
    head: BytesMut,
    parts: Vec<Bytes>,
}

pub(super) struct Reader {
    stream: OwnedReadHalf,
    input: BytesMut,
    /// Messages that have not ended.
    begun: HashMap<u32, Vec<Bytes>>,
}

pub(super) struct Message {
    pub(super) id: u32,
    pub(super) body: Vec<Bytes>,
}

const READ: usize = 256 << 10;

pub(super) fn open(stream: TcpStream) -> Result<(Reader, Line), Failure> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    let line = Line(Arc::default());
    tokio::spawn(write(line.clone(), writer));
    Ok((Reader { stream: reader, input: BytesMut::new(), begun: HashMap::new() }, line))
}

impl Line {
    pub(super) fn send(&self, kind: Kind, id: u32, body: &[Bytes]) {
        let mut queue = self.0.queue.lock().expect("nothing panics in it");
        let Queue { head, parts } = &mut *queue;
        frame::put(kind, id, body, head, |part| parts.push(part));
        drop(queue);
        self.0.more.notify_one();
    }
}

async fn write(line: Line, mut stream: OwnedWriteHalf) -> std::io::Result<()> {
    loop {
        line.0.more.notified().await;
        tokio::task::yield_now().await;
        let mut parts = {
            let mut queue = line.0.queue.lock().expect("nothing panics in it");
            let head = queue.head.split().freeze();
            let mut parts = std::mem::take(&mut queue.parts);
            if !head.is_empty() {
                parts.push(head);
            }
            parts
        };
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut left = &mut slices[..];
        while !left.is_empty() {
            let some = left.len().min(1_024);
            let written = stream.write_vectored(&left[..some]).await?;
            IoSlice::advance_slices(&mut left, written);
        }
        drop(slices);
        parts.clear();
    }
}

impl Reader {
    /// The next message, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Message> {
        loop {
            while let Some(share) = frame::take(&mut self.input) {
                if !share.more && self.begun.is_empty() {
                    return Some(Message { id: share.id, body: vec![share.body] });
                }
                let body = self.begun.entry(share.id).or_default();
                body.push(share.body);
                if !share.more {
                    let body = self.begun.remove(&share.id)?;
                    return Some(Message { id: share.id, body });
                }
            }
            self.input.reserve(READ);
            if self.stream.read_buf(&mut self.input).await.ok()? == 0 {
                return None;
            }
        }
    }
}
