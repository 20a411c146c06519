//! From a host to a stream.

use std::borrow::Cow;
use std::future::{Future, pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use tchannel_proto::Lost;

use super::drive::{End, run};
use super::host::{Form, Host};
use super::hub::Task;
use super::race::race;
use super::runtime::Runtime;

/// Connects and goes on as the connection's reading task.
pub(super) async fn dial<R: Runtime>(runtime: R, end: End) {
    let link = &end.0;
    let connected = {
        let over = pin!(poll_fn(|cx| link.hub.poll_over(link.id(), cx, Task::Reader)));
        race(connect(&runtime, &link.peer), over).await
    };
    match connected {
        Some(Ok(stream)) => run(end, stream).await,
        Some(Err(error)) => link.lost(lost(&error), Some(error.to_string())),
        None => {}
    }
}

type Attempt<'a, S> = Pin<Box<dyn Future<Output = io::Result<S>> + Send + 'a>>;

/// Tries the addresses one after the other. One that does not answer soon goes on while the next is tried.
async fn connect<R: Runtime>(runtime: &R, host: &Host) -> io::Result<R::Stream> {
    let name = name_of(host);
    let mut addresses = addresses(runtime, host).await?.into_iter();
    let mut attempts: Vec<Attempt<'_, R::Stream>> = Vec::new();
    let mut refused = None;
    loop {
        match addresses.next() {
            Some(address) => attempts.push(Box::pin(runtime.connect(address, &name))),
            None if attempts.is_empty() => return Err(refused.unwrap_or_else(|| no_address(host))),
            None => {}
        }
        let others = addresses.len() > 0;
        let patience = pin!(async {
            if others {
                runtime.sleep_until(Instant::now() + PATIENCE).await;
            } else {
                pending::<()>().await;
            }
        });
        match race(first(&mut attempts), patience).await {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => refused = Some(error),
            None => {}
        }
    }
}

/// The result of the first attempt that has one.
async fn first<S>(attempts: &mut Vec<Attempt<'_, S>>) -> io::Result<S> {
    poll_fn(|cx| {
        for at in 0..attempts.len() {
            if let Poll::Ready(result) = attempts[at].as_mut().poll(cx) {
                drop(attempts.remove(at));
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    })
    .await
}

/// What a certificate of this host has to be for.
fn name_of(host: &Host) -> Cow<'_, str> {
    match host.form() {
        Form::Address(address) => address.ip().to_string().into(),
        Form::Name { text, .. } | Form::Unusable(text) => {
            text.rsplit_once(':').map_or(&**text, |(name, _)| name).into()
        }
    }
}

pub(super) async fn addresses<R: Runtime>(runtime: &R, host: &Host) -> io::Result<Vec<SocketAddr>> {
    match host.form() {
        Form::Address(address) => Ok(vec![*address]),
        Form::Name { port, .. } => {
            let name = name_of(host);
            let found = runtime.resolve(&name, *port).await;
            found.map_err(|error| {
                io::Error::new(io::ErrorKind::NotFound, format!("cannot look up {name:?}: {error}"))
            })
        }
        Form::Unusable(_) => Err(no_address(host)),
    }
}

pub(super) fn no_address(host: &Host) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the system has more words for it than the core")]
pub(super) fn lost(error: &io::Error) -> Lost {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => Lost::Refused,
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => Lost::Reset,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::AddrNotAvailable | Kind::NotFound => {
            Lost::Unreachable
        }
        Kind::TimedOut => Lost::TimedOut,
        _ => Lost::Other,
    }
}

/// How long one address is tried alone: the recommended delay of RFC 8305.
const PATIENCE: Duration = Duration::from_millis(250);
