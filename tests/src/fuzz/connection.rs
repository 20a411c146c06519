//! One connection, any bytes, any moments, any calls to its API.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{ErrorCode, FrameType, ResponseCode, Route};
use tchannel_proto::{
    Args, CallId, Config, Event, Incoming, Lost, Outgoing, Read, Request, RequestHead, Response,
};

use crate::laws::Language;
use crate::pattern;
use crate::scenario::{Limits, hostile};
use crate::solo::{Solo, init};
use crate::source::{Rng, Source, Tape};
use crate::trace::Trace;

/// Runs one script twice, with the input whole and cut up, and compares what came out.
pub fn connection(data: &[u8]) {
    let cuts = || Some(Rng::new(u64::from(data.first().copied().unwrap_or(0))));
    let whole = script(data, None, Trace::hashing());
    let cut = script(data, cuts(), Trace::hashing());
    if whole.hash() != cut.hash() {
        let whole = script(data, None, Trace::keeping()).to_string();
        let cut = script(data, cuts(), Trace::keeping()).to_string();
        let differs = whole.lines().zip(cut.lines()).find(|(whole, cut)| whole != cut);
        panic!("law 1: another chunking changed what came out: {differs:#?}");
    }
}

struct Bench {
    solo: Solo,
    own: Vec<Outgoing>,
    theirs: Vec<Incoming>,
    cut: Option<Rng>,
    trace: Trace,
}

fn script(data: &[u8], cut: Option<Rng>, trace: Trace) -> Trace {
    let mut tape = Tape::new(data);
    let setup = tape.byte();
    let limits = [Limits::Default, Limits::Tight, Limits::SmallFrames, Limits::Watchful];
    let config = Config::clone(&limits[usize::from(setup >> 2 & 3)].config());
    let dials = setup & 1 == 1;
    let solo = if dials { Solo::connect(config) } else { Solo::accept(config) };
    let mut bench = Bench { solo, own: Vec::new(), theirs: Vec::new(), cut, trace };
    if setup & 2 == 0 {
        let language = Language::ALL[usize::from(setup >> 4) % Language::ALL.len()];
        let kind = if dials { FrameType::InitRes } else { FrameType::InitReq };
        bench.feed(&init(kind, language.header().unwrap_or_default()));
        bench.settle();
    }
    // Longer scripts find nothing that shorter ones do not.
    for _ in 0..400 {
        if tape.is_spent() {
            break;
        }
        bench.step(&mut tape);
    }
    bench.finish();
    bench.trace
}

impl Bench {
    fn step(&mut self, tape: &mut Tape<'_>) {
        let now = self.solo.now;
        match tape.byte() {
            0..100 => {
                let len = usize::from(tape.byte());
                self.feed(tape.take(len));
                self.settle();
            }
            100..170 => {
                self.feed(&hostile(tape));
                self.settle();
            }
            170..190 => {
                let time = Duration::from_millis(tape.pick(&[1, 10, 100, 1_000, 3_000, 31_000]));
                let events = self.solo.advance(time);
                self.note(events);
                self.settle();
            }
            190..200 => self.send(),
            200..208 => self.call(tape),
            208..214 => self.open(tape),
            action => {
                let at = usize::from(tape.byte());
                if let Some(call) = self.own.get(at % self.own.len().max(1)).copied() {
                    self.with_own(call, action, tape);
                }
                if let Some(call) = self.theirs.get(at % self.theirs.len().max(1)).copied() {
                    self.with_theirs(call, action, tape);
                }
                match action {
                    250 => self.solo.machine.drain(now, "fuzz", now + Duration::from_secs(3)),
                    251 => self.solo.machine.close(now),
                    252 => self.solo.machine.lost(now, Lost::Reset),
                    _ => {}
                }
                self.settle();
            }
        }
    }

    fn head(&self, tape: &mut Tape<'_>) -> RequestHead {
        let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers");
        let timeout = Duration::from_millis(tape.pick(&[1_000, 0, 1, 10, 60_000]));
        RequestHead::new(route, &b"endpoint"[..], self.solo.now + timeout)
    }

    fn call(&mut self, tape: &mut Tape<'_>) {
        let len = tape.pick(&[0, 10, 2_000, 70_000]);
        let request =
            Request { head: self.head(tape), args: Args::new(Bytes::new(), pattern::bytes(1, 0, len)) };
        self.own.extend(self.solo.machine.call(self.solo.now, request));
        self.settle();
    }

    fn open(&mut self, tape: &mut Tape<'_>) {
        let head = self.head(tape);
        self.own.extend(self.solo.machine.open(self.solo.now, head));
        self.settle();
    }

    /// What fails here fails by the contract; the laws look at the rest.
    fn with_own(&mut self, call: Outgoing, action: u8, tape: &mut Tape<'_>) {
        let (now, machine) = (self.solo.now, &mut self.solo.machine);
        match action {
            214..220 => machine.cancel(now, call, "fuzz"),
            _ => self.with_either(call.into(), action, tape),
        }
    }

    fn with_theirs(&mut self, call: Incoming, action: u8, tape: &mut Tape<'_>) {
        let (now, machine) = (self.solo.now, &mut self.solo.machine);
        match action {
            214..218 => {
                let len = tape.pick(&[0, 10, 2_000, 70_000]);
                let args = Args::new(Bytes::new(), pattern::bytes(2, 0, len));
                let _ = machine.respond(now, call, Response { code: ResponseCode::OK, args });
            }
            218..220 => {
                let _ = machine.reject(now, call, ErrorCode::from_byte(tape.byte()), "fuzz");
            }
            220..222 => drop(machine.reply(now, call, ResponseCode(tape.byte() & 1)).ok()),
            _ => self.with_either(call.into(), action, tape),
        }
    }

    fn with_either(&mut self, call: CallId, action: u8, tape: &mut Tape<'_>) {
        let (now, machine) = (self.solo.now, &mut self.solo.machine);
        match action {
            222..230 => drop(machine.write(call, pattern::bytes(3, 0, tape.pick(&[0, 1, 500, 70_000])))),
            230..233 => drop(machine.flush(call).ok()),
            233..238 => drop(machine.finish_arg(call).ok()),
            238..245 => {
                while let Ok(Read::Part { bytes, .. }) = machine.read(now, call) {
                    self.trace.world(now, format_args!("read {call:?}: {:x}", pattern::digest(&bytes)));
                }
            }
            245..250 => drop(machine.collect(call).ok()),
            _ => {}
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let Some(cut) = &mut self.cut else { return self.solo.feed(bytes) };
        let mut left = bytes;
        while !left.is_empty() {
            let most = 1 + cut.below(300);
            let len = 1 + cut.below(left.len().min(most));
            let (piece, rest) = left.split_at(len);
            self.solo.feed(piece);
            left = rest;
        }
    }

    /// Takes all events, and lets due timers act.
    fn settle(&mut self) {
        let events = self.solo.events();
        self.note(events);
        let events = self.solo.advance(Duration::ZERO);
        self.note(events);
        self.solo.machine.settled(self.solo.now);
    }

    fn note(&mut self, events: Vec<Event>) {
        for event in events {
            if let Event::Request { call, .. } = &event {
                self.theirs.push(*call);
            }
            let now = self.solo.now;
            if let Event::Request { call, args: Some(args), .. } = &event {
                self.trace.world(now, format_args!("request {call:?}, {:x}", of_args(args)));
            } else if let Event::Response { call, head, args: Some(args) } = &event {
                self.trace.world(now, format_args!("response {call:?} {:?}, {:x}", head.code, of_args(args)));
            } else if let Event::Whole { call, args } = &event {
                self.trace.world(now, format_args!("whole {call:?}, {:x}", of_args(args)));
            } else {
                self.trace.world(now, format_args!("{event:?}"));
            }
        }
    }

    fn send(&mut self) {
        for (id, message) in self.solo.sent() {
            let mut bytes = BytesMut::new();
            // What was sent can be encoded: law 7 has looked at it.
            let _ = message.encode(id, &mut bytes);
            let (kind, digest) = (message.frame_type(), pattern::digest(&bytes));
            self.trace.world(self.solo.now, format_args!("sends {kind} {id} #{digest:x}"));
        }
        self.settle();
    }

    /// Gives everything up: nothing may be left.
    fn finish(&mut self) {
        self.send();
        for call in std::mem::take(&mut self.own) {
            self.solo.machine.cancel(self.solo.now, call, "the run is over");
        }
        for call in std::mem::take(&mut self.theirs) {
            let _ = self.solo.machine.reject(self.solo.now, call, ErrorCode::Unexpected, "the run is over");
        }
        self.settle();
        for _ in 0..70 {
            self.send();
            let events = self.solo.advance(Duration::from_secs(10));
            self.note(events);
        }
        self.send();
        let machine = self.solo.machine.machine();
        // Requests without arg1 are never announced; only their ttl, at most ten minutes, ends them.
        assert!(machine.live() == (0, 0), "law 4: calls are left behind: {:?}", machine.live());
        assert!(machine.held() == 0, "law 4: {} bytes are left behind", machine.held());
        self.solo.machine.lost(self.solo.now, Lost::Eof);
        self.settle();
        assert!(self.solo.machine.is_over(), "law 10: the stream is lost, and Closed does not come");
    }
}

fn of_args(args: &Args) -> u64 {
    let parts = std::iter::once(&args.arg2).chain(&args.arg3);
    parts.fold(0, |digest, part| digest.rotate_left(1) ^ pattern::digest(part))
}
