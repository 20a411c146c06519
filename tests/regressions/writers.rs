//! Writers that were refused, and when they are told to go on.

use bytes::Bytes;
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{CallId, Config, Connection, Event, Outgoing, WriteError};
use tchannel_tests::frames;

use crate::solo::{NOW, bytes, dialled, drop_events, events, head, hear, ms, request, send, writables};

/// Small enough that a few writes meet every limit.
fn tight() -> Config {
    let mut config = Config::default();
    config.max_unsent = bytes(1_000);
    config.unsent_high = bytes(100);
    config.max_transmit = bytes(1);
    config.frame_size = 200;
    config
}

/// A stream that was refused because its own bytes are at their limit.
fn refused_stream(machine: &mut Connection) -> Outgoing {
    let call = machine.open(NOW, head(ms(60_000))).expect("there is room");
    drop(machine.poll_transmit(NOW).expect("its first frame"));
    machine.write(call, Bytes::from(vec![1; 100])).expect("nothing of it is unsent");
    let again = machine.write(call, Bytes::from_static(b"x"));
    assert!(matches!(again, Err(WriteError::Blocked(_))), "{again:?}");
    call
}

fn is_told(events: &[Event], call: Outgoing) -> bool {
    events.iter().any(|event| matches!(event, Event::Writable(told) if *told == CallId::from(call)))
}

#[test]
fn writer_at_its_own_limit_is_told_although_the_connection_was_full_when_its_bytes_left() {
    let mut machine = dialled(tight(), "go");
    let stream = refused_stream(&mut machine);
    machine.call(NOW, request(ms(60_000), 890)).expect("there is room");
    send(NOW, &mut machine);
    assert_eq!(machine.unsent(), 0);
    assert!(is_told(&events(&mut machine), stream));
    assert_eq!(machine.write(stream, Bytes::from_static(b"x")), Ok(()));
}

#[test]
fn every_writer_of_a_full_connection_is_told_once_it_has_room() {
    let mut machine = dialled(tight(), "go");
    let own = [refused_stream(&mut machine), refused_stream(&mut machine)];
    let rest = 1_000 - machine.unsent();
    machine.call(NOW, request(ms(60_000), rest)).expect("there is room");
    let late = machine.open(NOW, head(ms(60_000))).expect("there is room");
    let refused = machine.write(late, Bytes::from_static(b"one byte too many"));
    assert!(matches!(refused, Err(WriteError::Blocked(_))), "{refused:?}");
    send(NOW, &mut machine);
    let events = events(&mut machine);
    for stream in [own[0], own[1], late] {
        assert!(is_told(&events, stream), "{stream:?} in {events:?}");
    }
}

#[test]
fn writer_is_told_when_the_call_that_filled_the_connection_is_cancelled() {
    let mut machine = dialled(tight(), "go");
    let stream = refused_stream(&mut machine);
    let full = machine.call(NOW, request(ms(60_000), 890)).expect("there is room");
    while machine.unsent() > 850 {
        drop(machine.poll_transmit(NOW).expect("more is unsent"));
    }
    assert!(machine.unsent() > 500, "{}", machine.unsent());
    machine.cancel(NOW, full, "enough");
    send(NOW, &mut machine);
    assert!(is_told(&events(&mut machine), stream));
}

#[test]
fn writer_is_told_when_the_call_that_filled_the_connection_fails_with_nothing_left_to_send() {
    let mut machine = dialled(tight(), "go");
    let full = machine.open(NOW, head(ms(60_000))).expect("there is room");
    send(NOW, &mut machine);
    machine.write(full, Bytes::from(vec![1; 1_000])).expect("the connection is empty");
    let stream = machine.open(NOW, head(ms(60_000))).expect("there is room");
    let refused = machine.write(stream, Bytes::from_static(b"x"));
    assert!(matches!(refused, Err(WriteError::Blocked(_))), "{refused:?}");
    hear(NOW, &mut machine, full.id(), &frames::error(ErrorCode::Busy, "no"));
    send(NOW, &mut machine);
    assert!(is_told(&events(&mut machine), stream));
}

/// Streams, whether each was refused and not told since, and drawn steps.
struct Writers {
    machine: Connection,
    streams: Vec<(Outgoing, bool)>,
    state: u64,
}

impl Writers {
    fn draw(&mut self, below: usize) -> usize {
        // Xorshift: any sequence will do, if it is the same each time.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 40).expect("24 bits") % below
    }

    fn step(&mut self) {
        match self.draw(6) {
            0 => {
                if let Ok(call) = self.machine.open(NOW, head(ms(60_000))) {
                    self.streams.push((call, false));
                }
            }
            1 => {
                let body = self.draw(900);
                // Refused when there is no room for it, which is as good.
                let _ = self.machine.call(NOW, request(ms(60_000), body));
            }
            2 if self.draw(4) == 0 && !self.streams.is_empty() => {
                let at = self.draw(self.streams.len());
                let (call, _) = self.streams.swap_remove(at);
                self.machine.cancel(NOW, call, "enough");
            }
            3 => drop(self.machine.poll_transmit(NOW)),
            _ if !self.streams.is_empty() => {
                let (at, len) = (self.draw(self.streams.len()), self.draw(1_200));
                let (call, waits) = &mut self.streams[at];
                match self.machine.write(*call, Bytes::from(vec![1; len])) {
                    Ok(()) => {}
                    Err(WriteError::Blocked(_)) => *waits = true,
                    Err(WriteError::Gone(_)) => panic!("{call:?} is live"),
                }
            }
            _ => {}
        }
        self.tell();
    }

    fn tell(&mut self) {
        for event in events(&mut self.machine) {
            if let Event::Writable(told) = event {
                for (call, waits) in &mut self.streams {
                    *waits &= CallId::from(*call) != told;
                }
            }
        }
    }
}

#[test]
fn writer_that_was_refused_is_always_told_once_everything_left() {
    for seed in 1..=100_u64 {
        let machine = dialled(tight(), "go");
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut writers = Writers { machine, streams: Vec::new(), state };
        for _ in 0..300 {
            writers.step();
        }
        send(NOW, &mut writers.machine);
        writers.tell();
        assert_eq!(writers.machine.unsent(), 0);
        assert!(writers.streams.iter().all(|(_, waits)| !waits), "seed {seed}: {:?}", writers.streams);
    }
}

#[test]
fn at_most_one_writable_is_pending_for_a_call() {
    let mut config = Config::default();
    config.unsent_high = bytes(100);
    let mut machine = dialled(config, "go");
    let call = machine.open(NOW, head(ms(60_000))).expect("there is room");
    send(NOW, &mut machine);
    for _ in 0..3 {
        machine.write(call, Bytes::from(vec![1; 100])).expect("nothing is unsent");
        assert!(machine.write(call, Bytes::from_static(b"x")).is_err());
        send(NOW, &mut machine);
    }
    assert_eq!(writables(&events(&mut machine)), 1);
    // Once it was delivered the next one may come.
    machine.write(call, Bytes::from(vec![1; 100])).expect("nothing is unsent");
    assert!(machine.write(call, Bytes::from_static(b"x")).is_err());
    send(NOW, &mut machine);
    assert_eq!(writables(&events(&mut machine)), 1);
    assert_eq!(drop_events(&mut machine), 0);
}
