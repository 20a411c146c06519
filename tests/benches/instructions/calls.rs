//! Whole calls through two machines, with everything on: deadlines, cancellation, limits, checksums.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ChecksumKind, ResponseCode, Route};
use tchannel_proto::{Args, Config, Request, RequestHead, Response, Timestamp};
use tchannel_tests::source::{Rng, Source};

use crate::link::Link;
use crate::scenario::{Scenario, turns};

pub(crate) fn all() -> Vec<Scenario> {
    const SIZES: [(&str, &str, usize); 4] = [
        ("call-16b", "call-16b-no-checksum", 16),
        ("call-1kib", "call-1kib-no-checksum", 1 << 10),
        ("call-64kib", "call-64kib-no-checksum", 64 << 10),
        ("call-1mib", "call-1mib-no-checksum", 1 << 20),
    ];
    let mut all = Vec::new();
    for (name, without, len) in SIZES {
        let turns = turns(len);
        all.push(Scenario { turns, ..Scenario::new(name, move || echo(len, ChecksumKind::Crc32c)) });
        all.push(Scenario { turns, ..Scenario::new(without, move || echo(len, ChecksumKind::None)) });
    }
    all.push(Scenario { each: 100, turns: 100, ..Scenario::new("calls-16b-100-at-once", || at_once(100)) });
    all.push(Scenario::new("call-16b-beside-10000", || beside(10_000)));
    all
}

/// What a client sends again and again.
struct Caller {
    route: Route,
    arg1: Bytes,
    args: Args,
    checksum: ChecksumKind,
}

impl Caller {
    fn new(len: usize, checksum: ChecksumKind) -> Self {
        Caller {
            route: Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers"),
            arg1: Bytes::from_static(b"endpoint"),
            args: Args::new(Bytes::new(), vec![7; len]),
            checksum,
        }
    }

    fn request(&self, now: Timestamp, time: Duration) -> Request {
        let mut head = RequestHead::new(self.route.clone(), self.arg1.clone(), now + time);
        head.checksum = self.checksum;
        Request { head, args: self.args.clone() }
    }
}

/// Longest time for a call that is answered.
const TIME: Duration = Duration::from_secs(1);

/// One call that is answered with its own arguments before the next.
fn echo(len: usize, checksum: ChecksumKind) -> impl FnMut() {
    let caller = Caller::new(len, checksum);
    let mut link = Link::new(Config::default());
    move || exchange(&mut link, &caller)
}

fn exchange(link: &mut Link, caller: &Caller) {
    let call = link.call(caller.request(link.now, TIME));
    link.there();
    let (incoming, args) = link.request().expect("it has arrived");
    assert!(link.request().is_none());
    link.server.respond(link.now, incoming, Response { code: ResponseCode::OK, args }).expect("it is live");
    link.back();
    let (answered, args) = link.response().expect("it has arrived");
    assert!(link.response().is_none());
    assert_eq!((answered, args.len()), (call, caller.args.len()));
}

/// Many calls in one write, answered together and in any order.
fn at_once(count: usize) -> impl FnMut() {
    let caller = Caller::new(16, ChecksumKind::Crc32c);
    let mut link = Link::new(Config::default());
    let mut random = Rng::new(1);
    let mut waiting = Vec::with_capacity(count);
    move || {
        for _ in 0..count {
            link.call(caller.request(link.now, TIME));
        }
        link.there();
        while let Some(request) = link.request() {
            waiting.push(request);
        }
        while !waiting.is_empty() {
            let (call, args) = waiting.swap_remove(random.below(waiting.len()));
            link.server
                .respond(link.now, call, Response { code: ResponseCode::OK, args })
                .expect("it is live");
        }
        link.back();
        for _ in 0..count {
            let (_, args) = link.response().expect("it has arrived");
            assert_eq!(args.len(), caller.args.len());
        }
        assert!(link.response().is_none());
    }
}

/// One call after the other, while many others wait for their answers.
fn beside(count: u32) -> impl FnMut() {
    let caller = Caller::new(16, ChecksumKind::Crc32c);
    let most = NonZeroU32::new(2 * count).expect("some");
    let mut config = Config::default();
    (config.max_incoming_calls, config.max_outgoing_calls) = (most, most);
    let mut link = Link::new(config);
    let mut random = Rng::new(1);
    for _ in 0..count {
        let time = TIME * u32::from(2 + random.byte() / 2);
        link.call(caller.request(link.now, time));
        link.there();
        assert!(link.request().is_some());
    }
    move || exchange(&mut link, &caller)
}
