//! Callers that wait in a slab.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use bytes::Bytes;
use slab::Slab;
use tokio::net::TcpStream;

use super::frame::Kind;
use super::line::{self, Line};
use crate::Failure;

pub(super) struct Client {
    line: Line,
    waiting: Waiting,
}

type Waiting = Arc<Mutex<Slab<Slot>>>;

enum Slot {
    Waits(Option<Waker>),
    Done(Vec<Bytes>),
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> Result<Self, Failure> {
        let (mut reader, line) = line::open(stream)?;
        let waiting = Waiting::default();
        let slots = waiting.clone();
        tokio::spawn(async move {
            while let Some(message) = reader.next().await {
                let mut slots = slots.lock().expect("nothing panics in it");
                let slot = &mut slots[message.id as usize];
                if let Slot::Waits(Some(waker)) = std::mem::replace(slot, Slot::Done(message.body)) {
                    drop(slots);
                    waker.wake();
                }
            }
        });
        Ok(Client { line, waiting })
    }

    pub(super) async fn call(&self, body: &[Bytes]) -> Vec<Bytes> {
        let id = self.waiting.lock().expect("nothing panics in it").insert(Slot::Waits(None));
        self.line.send(Kind::Request, u32::try_from(id).expect("few"), body);
        poll_fn(|cx| {
            let mut slots = self.waiting.lock().expect("nothing panics in it");
            match &mut slots[id] {
                Slot::Waits(waker) => {
                    *waker = Some(cx.waker().clone());
                    Poll::Pending
                }
                Slot::Done(_) => match slots.remove(id) {
                    Slot::Done(body) => Poll::Ready(body),
                    Slot::Waits(_) => unreachable!("it was just looked at"),
                },
            }
        })
        .await
    }
}
