//! One router: takes advertisements, and passes calls on.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tchannel_mesh::hyperbahn::{HYPERBAHN, announceable};

use super::book::{Book, Worker};
use super::discovery;
use crate::shared::lock;
use crate::testing::mock::Script;
use crate::{Channel, ErrorCode, ListenError, Outbound, Reject, Reply, Request};

#[derive(Debug)]
pub(super) struct Router {
    channel: Channel,
    address: SocketAddr,
}

/// What its handlers know.
#[derive(Clone)]
struct Desk {
    channel: Channel,
    book: Arc<Mutex<Book>>,
    script: Arc<Script>,
}

impl Router {
    pub(super) async fn start(
        channel: Channel,
        book: &Arc<Mutex<Book>>,
        script: &Arc<Script>,
    ) -> Result<Self, ListenError> {
        // First of all: its handlers hold the channel, which would stay if it did not listen in the end.
        let address = channel.listen("127.0.0.1:0").await?;
        let desk = Desk { channel: channel.clone(), book: book.clone(), script: script.clone() };
        let all = channel.service("*").expect("it is a name");
        all.fallback(move |request: Request| {
            let (scripted, desk) = (desk.script.find(&request), desk.clone());
            async move {
                match scripted {
                    Some(answer) => answer.give(desk.channel.hub(), &request).await,
                    None if request.service() == HYPERBAHN => desk.hyperbahn(&request),
                    None => desk.pass_on(&request).await,
                }
            }
        });
        Ok(Router { channel, address })
    }

    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        drop(self.channel.close());
    }
}

impl Desk {
    /// Calls to the routers themselves.
    fn hyperbahn(&self, request: &Request) -> Result<Reply, Reject> {
        match &**request.arg1() {
            b"ad" => {
                let worker = worker(request);
                let mut book = lock(&self.book);
                let services = services(request)?;
                for service in &services {
                    book.add(service, worker.clone());
                }
                Ok(book.counted(&services))
            }
            b"unad" => {
                let services = services(request)?;
                let mut book = lock(&self.book);
                book.remove(&worker(request));
                Ok(book.counted(&services))
            }
            b"Hyperbahn::discover" | b"Hyperbahn::discoverAffine" => self.discover(request),
            _ => {
                let text =
                    format!("no such endpoint service=\"hyperbahn\" endpoint=\"{}\"", request.endpoint());
                Err(Reject::new(ErrorCode::BadRequest, text))
            }
        }
    }

    fn discover(&self, request: &Request) -> Result<Reply, Reject> {
        let unreadable = || Reject::new(ErrorCode::BadRequest, "thrift parse error: body");
        let service = discovery::asked(&request.body()).ok_or_else(unreadable)?;
        let head = request.arg2().clone();
        if service.is_empty() {
            return Ok(Reply::not_ok(head, discovery::invalid_name(&service)));
        }
        let peers = lock(&self.book).workers(&service);
        Ok(match &*peers {
            [] => Reply::not_ok(head, discovery::no_peers(&service)),
            peers => Reply::ok(head, discovery::peers(peers)),
        })
    }

    /// Calls to services.
    async fn pass_on(&self, request: &Request) -> Result<Reply, Reject> {
        let headers = request.headers();
        let route = headers.routing_delegate().filter(|name| !name.is_empty()).unwrap_or(request.service());
        if headers.caller().is_none() {
            return Err(Reject::new(ErrorCode::BadRequest, "missing cn header"));
        }
        let now = self.channel.hub().clock.now();
        let worker = {
            let mut book = lock(&self.book);
            let limited = |limited: tchannel_mesh::rate::Limited| {
                Reject::new(limited.code().unwrap_or(ErrorCode::Busy), limited.to_string())
            };
            book.check(now, route).map_err(limited)?;
            book.worker(route)
        };
        let none = || Reject::new(ErrorCode::Declined, "no peer available for request");
        let call = self.call_to(&worker.ok_or_else(none)?, request);
        match call.send().await {
            Ok(answer) => {
                let code = answer.code();
                let args = answer.into_args();
                Ok(Reply::pieces(args.arg2, args.arg3).with_code(code))
            }
            Err(error) => Err(Reject::new(error.code(), error.message().to_owned())),
        }
    }

    /// The same call, to whoever serves it.
    fn call_to(&self, worker: &Worker, request: &Request) -> Outbound {
        let call = match &worker.only {
            Some(connection) => connection.call(request.service(), request.arg1()),
            None => self.channel.call(request.service(), request.arg1()).host(&worker.announced),
        };
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        call.headers(request.headers().iter().map(owned))
            .arg2(request.arg2().clone())
            .arg3_pieces(request.arg3().iter().cloned())
            .checksum(request.checksum())
            .forward_tracing(request.tracing())
            .max_attempts(NonZeroU32::MIN)
            .timeout(request.ttl())
    }
}

/// Who is at the other end of the request's connection.
fn worker(request: &Request) -> Worker {
    let announced = request.remote().and_then(|remote| remote.host_port.clone()).unwrap_or_default();
    let nowhere = announced.parse().is_ok_and(|at| announceable(at).is_err());
    if !nowhere && !announced.is_empty() {
        return Worker { announced, only: None };
    }
    let connection = request.connection();
    Worker { announced: connection.host().to_string(), only: Some(connection) }
}

/// The names in `{"services":[{"serviceName":".."}]}`. The real routers die of a request without them.
fn services(request: &Request) -> Result<Vec<String>, Reject> {
    let unreadable = || Reject::new(ErrorCode::BadRequest, "json parse error: body");
    let body: Value = serde_json::from_slice(&request.body()).map_err(|_| unreadable())?;
    let services = body.get("services").and_then(Value::as_array).ok_or_else(unreadable)?;
    let name = |service: &Value| service.get("serviceName")?.as_str().map(str::to_owned);
    Ok(services.iter().filter_map(name).filter(|name| !name.is_empty()).collect())
}
