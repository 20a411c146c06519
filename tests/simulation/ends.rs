//! Every way in which a call can end leaves nothing behind, and cutting a run anywhere ends every call.

use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ErrorCode, ResponseCode, Route};
use tchannel_proto::{Args, CallId, Config, Event, Incoming, Outgoing, Read, Request, RequestHead, Response};
use tchannel_tests::pair::Pair;
use tchannel_tests::scenario::{self, Act, Ask, Limits, Menu, Scenario, Serve, Size, Step, Take, Wiring};
use tchannel_tests::source::Rng;
use tchannel_tests::trace::Trace;
use tchannel_tests::world::Manner;

/// How a call is made to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    AppError,
    Rejected,
    TimedOut,
    CancelledAtOnce,
    CancelledUnderWay,
    StreamedBothWays,
    AnsweredEarly,
    RejectedUnderWay,
}

const FATES: [Fate; 9] = [
    Fate::Answered,
    Fate::AppError,
    Fate::Rejected,
    Fate::TimedOut,
    Fate::CancelledAtOnce,
    Fate::CancelledUnderWay,
    Fate::StreamedBothWays,
    Fate::AnsweredEarly,
    Fate::RejectedUnderWay,
];

fn head(pair: &Pair) -> RequestHead {
    let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers");
    RequestHead::new(route, "end", pair.now + Duration::from_secs(1))
}

fn whole(pair: &mut Pair) -> Outgoing {
    let request = Request { head: head(pair), args: Args::new(&b"head"[..], &b"body"[..]) };
    pair.a.machine.call(pair.now, request).expect("there is room")
}

fn streamed(pair: &mut Pair) -> Outgoing {
    let call = pair.a.machine.open(pair.now, head(pair)).expect("there is room");
    pair.a.machine.write(call, Bytes::from_static(b"half")).expect("it is open");
    call
}

fn served(pair: &mut Pair) -> Incoming {
    pair.drive();
    let events = pair.b.take_events();
    let request = events.iter().find_map(|event| match event {
        Event::Request { call, .. } => Some(*call),
        _ => None,
    });
    request.unwrap_or_else(|| panic!("no request in {events:?}"))
}

fn respond(pair: &mut Pair, call: Incoming, code: ResponseCode) {
    let args = Args::new(&b"head"[..], &b"body"[..]);
    pair.b.machine.respond(pair.now, call, Response { code, args }).expect("it is live");
}

/// Reads a message to its end.
fn read(pair: &mut Pair, call: CallId) -> usize {
    let (mut len, now) = (0, pair.now);
    loop {
        let machine = if let CallId::Outgoing(_) = call { &mut pair.a.machine } else { &mut pair.b.machine };
        match machine.read(now, call).expect("it is live") {
            Read::Part { bytes, .. } => len += bytes.len(),
            Read::Blocked => pair.drive(),
            Read::Done => return len,
        }
    }
}

fn go(pair: &mut Pair, fate: Fate) {
    match fate {
        Fate::Answered | Fate::AppError => {
            whole(pair);
            let call = served(pair);
            respond(pair, call, if fate == Fate::Answered { ResponseCode::OK } else { ResponseCode::NOT_OK });
        }
        Fate::Rejected => {
            whole(pair);
            let call = served(pair);
            pair.b.machine.reject(pair.now, call, ErrorCode::Declined, "no").expect("it is live");
        }
        Fate::TimedOut => {
            whole(pair);
            served(pair);
            pair.advance(Duration::from_secs(1));
        }
        Fate::CancelledAtOnce => {
            let call = whole(pair);
            pair.a.machine.cancel(pair.now, call, "never mind");
        }
        Fate::CancelledUnderWay => {
            let call = streamed(pair);
            served(pair);
            pair.a.machine.cancel(pair.now, call, "enough");
        }
        Fate::StreamedBothWays => {
            let call = streamed(pair);
            let serving = served(pair);
            pair.b.machine.reply(pair.now, serving, ResponseCode::OK).expect("it is live");
            pair.b.machine.write(serving, Bytes::from_static(b"reply")).expect("it is open");
            for _ in 0..2 {
                pair.a.machine.finish_arg(call).expect("it is open");
            }
            assert_eq!(read(pair, serving.into()), 4);
            for _ in 0..2 {
                pair.b.machine.finish_arg(serving).expect("it is open");
            }
            pair.drive();
            assert_eq!(read(pair, call.into()), 5);
        }
        Fate::AnsweredEarly => {
            streamed(pair);
            let call = served(pair);
            respond(pair, call, ResponseCode::OK);
        }
        Fate::RejectedUnderWay => {
            streamed(pair);
            let call = served(pair);
            pair.b.machine.reply(pair.now, call, ResponseCode::OK).expect("it is live");
            pair.drive();
            pair.b
                .machine
                .reject(pair.now, call, ErrorCode::Unexpected, "changed my mind")
                .expect("it is live");
        }
    }
    pair.drive();
}

#[test]
fn the_books_are_empty_after_each_way_a_call_can_end() {
    for fate in FATES {
        let mut pair = Pair::new(Config::default(), Config::default());
        for round in 0..300 {
            go(&mut pair, fate);
            let ends = pair.a.take_events().iter().filter(|event| is_end(event)).count();
            assert_eq!(ends, usize::from(fate != Fate::StreamedBothWays), "{fate:?}, round {round}");
            pair.b.events.clear();
            // Cancels cost patience, and calls that time out must not look like a dead peer.
            pair.advance(Duration::from_millis(10));
        }
        for side in [&pair.a, &pair.b] {
            let machine = side.machine.machine();
            let books = (machine.live(), machine.held(), machine.unsent(), machine.poll_timeout());
            assert_eq!(books, ((0, 0), 0, 0, None), "{fate:?}");
        }
    }
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::Failed { .. } | Event::Response { args: Some(_), .. })
}

/// A run with all that a call can be, without anything that goes wrong by itself.
fn script() -> Scenario {
    let ask = |node, len, serve, take| Ask {
        node,
        sizes: [Size::Bytes(len), Size::Edge(0)],
        timeout: Duration::from_secs(20),
        checksum: tchannel_proto::wire::ChecksumKind::Crc32c,
        serve,
        take,
    };
    let after = Duration::from_millis(30);
    let pause = || Step::Advance { time: Duration::from_millis(13) };
    let limits = [Limits::SmallFrames, Limits::Default];
    let steps = vec![
        Step::Connect(Wiring { limits, ..Wiring::default() }),
        Step::Call(ask(0, 10, Serve::Echo { after }, Take::Collect)),
        Step::Call(ask(1, 3_000, Serve::Stream { sizes: [50, 9_000], piece: 700, after }, Take::Read)),
        pause(),
        Step::Open { ask: ask(0, 80_000, Serve::Relay, Take::Read), piece: Some(5_000), flush: true },
        Step::Open { ask: ask(1, 100, Serve::Sink, Take::ByStep), piece: None, flush: false },
        pause(),
        Step::On { call: 3, act: Act::Write { len: 5_000 } },
        Step::On { call: 3, act: Act::FinishArg },
        Step::Call(ask(0, 5, Serve::Refuse { code: ErrorCode::Busy, after }, Take::Collect)),
        pause(),
        Step::On { call: 3, act: Act::Cancel },
        Step::Call(ask(1, 5, Serve::Regret { code: ErrorCode::Unexpected, after }, Take::Collect)),
        pause(),
        pause(),
        Step::Drain { node: 1, within: Duration::from_secs(5) },
        pause(),
    ];
    Scenario { steps }
}

#[test]
fn a_cut_a_close_or_a_drain_at_any_step_ends_every_call() {
    let script = script();
    for at in 1..=script.steps.len() {
        let ends = [
            Step::Cut { node: 0 },
            Step::Close { node: 0 },
            Step::Close { node: 1 },
            Step::HalfClose { node: 0 },
            Step::HalfClose { node: 1 },
            Step::Drain { node: 0, within: Duration::ZERO },
            Step::Drain { node: 1, within: Duration::from_secs(1) },
        ];
        for end in ends {
            let mut steps = script.steps[..at].to_vec();
            steps.push(end);
            scenario::run(&Scenario { steps }, Manner::default(), &Trace::hashing());
        }
    }
}

#[test]
fn calls_on_links_that_work_end_as_their_handlers_decide() {
    for seed in 0..100 {
        let scenario = scenario::generate(&mut Rng::new(seed), Menu::Calls);
        scenario::run(&scenario, Manner::default(), &Trace::hashing());
    }
}
