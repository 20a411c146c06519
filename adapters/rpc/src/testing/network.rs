//! Loopbacks instead of sockets, under any runtime.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Poll, Waker};
use std::time::Instant;

use super::loopback::{Loopback, Pipe, Shape, Tally, loopback};
use crate::runtime::{Accepted, Runtime};
use crate::shared::lock;

/// A network in memory. Channels built on clones of one network reach each other, and nobody else; tasks and time are
/// those of the runtime beneath.
#[derive(Clone)]
pub struct Network<R> {
    runtime: R,
    shape: Arc<Shape>,
    dialling: Arc<Tally>,
    accepting: Arc<Tally>,
    ports: Arc<Mutex<Ports>>,
}

#[derive(Default)]
struct Ports {
    open: BTreeMap<u16, Queue>,
    last: u16,
    connects: usize,
    failures: usize,
    pipes: Vec<Weak<Pipe>>,
}

#[derive(Default)]
struct Queue {
    streams: VecDeque<Accepted<Loopback>>,
    waker: Option<Waker>,
}

impl<R: Runtime> Network<R> {
    /// A network whose bytes cross in the given pieces.
    pub fn new(runtime: R, shape: Shape) -> Self {
        Network {
            runtime,
            shape: Arc::new(shape),
            dialling: Arc::default(),
            accepting: Arc::default(),
            ports: Arc::default(),
        }
    }

    /// How many connections were asked for, refused ones included.
    pub fn connects(&self) -> usize {
        lock(&self.ports).connects
    }

    /// What the sides that dialled did.
    pub fn dialling(&self) -> &Tally {
        &self.dialling
    }

    /// What the sides that accepted did.
    pub fn accepting(&self) -> &Tally {
        &self.accepting
    }

    /// Lets the next accepts fail.
    pub fn fail_accepts(&self, count: usize) {
        let mut ports = lock(&self.ports);
        ports.failures = count;
        let wakers: Vec<_> = ports.open.values_mut().filter_map(|queue| queue.waker.take()).collect();
        drop(ports);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Cuts all connections; bytes under way are lost.
    pub fn sever(&self) {
        let pipes = std::mem::take(&mut lock(&self.ports).pipes);
        for pipe in pipes.iter().filter_map(Weak::upgrade) {
            pipe.sever(true);
        }
    }
}

impl<R> fmt::Debug for Network<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("shape", &self.shape).finish_non_exhaustive()
    }
}

fn at(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

impl<R: Runtime> Runtime for Network<R> {
    type Stream = Loopback;
    type Listener = Listener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        self.runtime.sleep_until(at)
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if host == "localhost" { Ok(vec![at(port)]) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    async fn connect(&self, to: SocketAddr, _host: &str) -> io::Result<Loopback> {
        let (near, far) = loopback(&self.shape, &self.dialling, &self.accepting);
        let waker = {
            let mut ports = lock(&self.ports);
            ports.connects += 1;
            let from = ports.free();
            ports.pipes.retain(|pipe| pipe.strong_count() > 0);
            ports.pipes.extend(near.pipes().iter().map(Arc::downgrade));
            let Some(queue) = ports.open.get_mut(&to.port()) else {
                return Err(io::ErrorKind::ConnectionRefused.into());
            };
            queue.streams.push_back(Accepted { stream: far, from, to });
            queue.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(near)
    }

    async fn listen(&self, wanted: SocketAddr) -> io::Result<(Listener, SocketAddr)> {
        let mut ports = lock(&self.ports);
        let at = if wanted.port() == 0 { ports.free() } else { wanted };
        if ports.open.contains_key(&at.port()) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        ports.open.insert(at.port(), Queue::default());
        Ok((Listener { port: at.port(), ports: self.ports.clone() }, at))
    }

    async fn accept(listener: &mut Listener) -> io::Result<Accepted<Loopback>> {
        poll_fn(|cx| {
            let mut ports = lock(&listener.ports);
            if ports.failures > 0 {
                ports.failures -= 1;
                return Poll::Ready(Err(io::Error::other("accept fails as it was asked to")));
            }
            let queue = ports.open.entry(listener.port).or_default();
            if let Some(accepted) = queue.streams.pop_front() {
                return Poll::Ready(Ok(accepted));
            }
            queue.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Ports {
    /// A port that was not used before.
    fn free(&mut self) -> SocketAddr {
        self.last += 1;
        at(self.last)
    }
}

/// A place in the network where connections are taken in.
pub struct Listener {
    port: u16,
    ports: Arc<Mutex<Ports>>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let queue = lock(&self.ports).open.remove(&self.port);
        drop(queue);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.port).finish()
    }
}
