//! The tasks: one that reads and one that writes for each connection, one that accepts for each listener.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Buf;
use tchannel_proto::{Lost, Transmit};

use super::clock::Clock;
use super::dial::{addresses, dial, lost, no_address};
use super::error::ListenError;
use super::host::Host;
use super::hub::{After, Hub, Received, Task};
use super::input::Input;
use super::link::{Half, Link, Outlet, ended};
use super::notice::Notice;
use super::race::{is_over, race};
use super::runtime::{Accepted, Io, Runtime};
use super::serve::{self, Serving};
use super::timers::{self, Timers};
use super::turns;

/// A runtime with its type forgotten.
pub(crate) trait Driver: Send + Sync {
    /// Starts the task that watches the time.
    fn watch(&self, timers: Arc<Timers>, clock: Clock);

    /// Starts a handler.
    fn serve(&self, serving: Serving);

    /// Starts any task.
    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>);

    /// Waits until `at`.
    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Starts to connect; the connection's state says how it went.
    fn dial(&self, link: Arc<Link>);

    /// Makes the accepting task look up.
    fn unblock(&self, listening: SocketAddr);

    /// Starts to listen everywhere, and then to accept.
    fn listen(&self, hub: Arc<Hub>, at: Vec<Host>) -> Listening;
}

type Listening = Pin<Box<dyn Future<Output = Result<Vec<SocketAddr>, ListenError>> + Send>>;

/// Remembers the type.
pub(crate) struct Driven<R>(pub(crate) R);

impl<R: Runtime> Driver for Driven<R> {
    fn watch(&self, timers: Arc<Timers>, clock: Clock) {
        self.0.spawn(timers::run(self.0.clone(), timers, clock));
    }

    fn serve(&self, serving: Serving) {
        self.0.spawn(serving);
    }

    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.spawn(task);
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.0.sleep_until(at))
    }

    fn dial(&self, link: Arc<Link>) {
        self.0.spawn(dial(self.0.clone(), End(link)));
    }

    fn unblock(&self, listening: SocketAddr) {
        self.0.unblock(listening);
    }

    fn listen(&self, hub: Arc<Hub>, at: Vec<Host>) -> Listening {
        let runtime = self.0.clone();
        Box::pin(async move {
            let mut open = Vec::with_capacity(at.len());
            for host in &at {
                let opened = listen(&runtime, host).await;
                open.push(opened.map_err(|error| ListenError::Io { at: host.to_string(), error })?);
            }
            let addresses: Vec<SocketAddr> = open.iter().map(|(_, address)| *address).collect();
            hub.listening(&addresses);
            for (listener, address) in open {
                let end = ListenerEnd(hub.clone(), address);
                runtime.spawn(accept(runtime.clone(), listener, end));
            }
            Ok(addresses)
        })
    }
}

/// Listens at the first address of a host that can be listened at.
async fn listen<R: Runtime>(runtime: &R, host: &Host) -> io::Result<(R::Listener, SocketAddr)> {
    let mut refused = None;
    for address in addresses(runtime, host).await? {
        match runtime.listen(address).await {
            Ok(open) => return Ok(open),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or_else(|| no_address(host)))
}

/// Runs a connection: writes in a task of its own, reads in this one.
pub(super) async fn run<S: Io>(end: End, stream: S) {
    let link = &end.0;
    let prepared = {
        let over = pin!(poll_fn(|cx| link.hub.poll_over(link.id(), cx, Task::Reader)));
        race(stream.prepare(), over).await
    };
    match prepared {
        Some(Ok(stream)) => {
            link.identify(stream.identity());
            let (reader, writer) = stream.split();
            link.attach(Box::new(Half::<S>(writer)));
            link.hub.driver.spawn(Box::pin(write(WriterEnd(link.clone()))));
            match S::in_turns(reader) {
                Ok(reader) => turns::read(end, reader).await,
                Err(reader) => read::<S>(link, reader).await,
            }
        }
        Some(Err(error)) => link.lost(lost(&error), Some(error.to_string())),
        None => {}
    }
}

/// Ends the connection with its reading task, also when the runtime drops the task unrun.
pub(super) struct End(pub(super) Arc<Link>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.lost(Lost::Other, Some(ended().into()));
        self.0.unread();
    }
}

async fn read<S: Io>(link: &Arc<Link>, mut reader: S::Reader) {
    let mut grace = pin!(link.grace(Task::Reader));
    let mut after = After::default();
    let mut input = Input::new(&link.hub.pool);
    let Received { mut wants, mut ending, .. } = link.hub.received(link.id(), input.bytes(), &mut after);
    loop {
        // A peer that never stops sending does not keep what has ended.
        if ending && is_over(grace.as_mut()).await {
            break;
        }
        if wants == 0 {
            if race(link.hub.reopened(link.id()), grace.as_mut()).await.is_none() {
                break;
            }
        } else {
            input.want(wants);
            match race(S::read(&mut reader, &mut input), grace.as_mut()).await {
                Some(Ok(0)) => return link.lost(Lost::Eof, None),
                Some(Ok(count)) => input.adapt(count),
                Some(Err(error)) => return link.lost(lost(&error), Some(error.to_string())),
                None => break,
            }
        }
        let batch;
        Received { wants, ending, batch } = link.hub.received(link.id(), input.bytes(), &mut after);
        if let Some(batch) = batch {
            serve::serve(&link.hub, batch, &mut after);
        }
    }
    // Only a broken writer gets here with the connection still open: nothing can be answered any more.
    link.lost(Lost::Reset, None);
}

/// Writes what others leave behind.
async fn write(end: WriterEnd) {
    let link = &end.0;
    let mut grace = pin!(link.grace(Task::Writer));
    while let Some(outlet) = link.asked().await {
        let mut next = link.next_piece(outlet);
        while let Some((mut outlet, mut transmit)) = next {
            while transmit.has_remaining() {
                match race(write_some(&mut *outlet, &mut transmit), grace.as_mut()).await {
                    Some(Ok(_)) if transmit.has_remaining() => {
                        link.written();
                        // Nor does one that takes a little now and then.
                        if is_over(grace.as_mut()).await {
                            return link.broken(outlet, None);
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return link.broken(outlet, Some(&error)),
                    None => return link.broken(outlet, None),
                }
            }
            let_others_run().await;
            next = link.next_piece(outlet);
        }
    }
}

/// Whatever ends the writing task, nobody waits for it any more.
struct WriterEnd(Arc<Link>);

impl Drop for WriterEnd {
    fn drop(&mut self) {
        self.0.writer_gone();
    }
}

async fn write_some(outlet: &mut dyn Outlet, transmit: &mut Transmit) -> io::Result<usize> {
    match outlet.try_write(transmit) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => outlet.write(transmit).await,
        done => done,
    }
}

async fn let_others_run() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Takes in connections until the channel stops listening.
async fn accept<R: Runtime>(runtime: R, mut listener: R::Listener, end: ListenerEnd) {
    let hub = &end.0;
    let mut pause = SHORTEST;
    let mut stop = pin!(hub.stopped_listening());
    while hub.accepts() {
        match race(R::accept(&mut listener), stop.as_mut()).await {
            Some(Ok(Accepted { stream, from, to })) => {
                pause = SHORTEST;
                if !hub.accepts() {
                    // Perhaps the channel itself, to wake a thread that waited here.
                    break;
                }
                if let Some(link) = hub.accepted(from, to) {
                    runtime.spawn(run(End(link), stream));
                }
            }
            Some(Err(error)) => {
                hub.notice(&Notice::AcceptFailed { error: &error });
                if error.kind() == io::ErrorKind::ConnectionAborted {
                    // Its client went away while it waited: no fault of the listener's.
                    continue;
                }
                let sleep = pin!(runtime.sleep_until(Instant::now() + pause));
                if race(stop.as_mut(), sleep).await.is_some() {
                    break;
                }
                pause = (pause * 2).min(LONGEST);
            }
            None => break,
        }
    }
    drop(listener);
}

/// Whatever ends the accepting task, the channel does not listen there any more.
struct ListenerEnd(Arc<Hub>, SocketAddr);

impl Drop for ListenerEnd {
    fn drop(&mut self) {
        self.0.listener_closed(self.1);
    }
}

/// Pauses after an error of the listening socket: usually the process has no file descriptors left.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);
