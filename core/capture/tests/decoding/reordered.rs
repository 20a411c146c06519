//! Whatever happens to packets on their way into the file, the calls are the same.

use proptest::prelude::*;
use tchannel_capture::{Call, Decoder, Limits, Outcome, Record, Request};

use super::kit::*;

/// A call of a conversation.
#[derive(Clone, Debug)]
struct Spec {
    asked: usize,
    answered: usize,
    piece: usize,
    code: u8,
}

fn spec() -> impl Strategy<Value = Spec> {
    (0_usize..4_000, 0_usize..4_000, 1_usize..1_500, 0_u8..2)
        .prop_map(|(asked, answered, piece, code)| Spec { asked, answered, piece: piece.max(60), code })
}

/// How bytes become packets, and these a file.
#[derive(Clone, Debug)]
struct Way {
    cuts: Vec<usize>,
    delays: Vec<u64>,
    again: Vec<Option<(u64, usize, usize)>>,
}

fn way() -> impl Strategy<Value = Way> {
    let again = proptest::option::weighted(0.2, (0_u64..12, 0_usize..200, 0_usize..200));
    (
        proptest::collection::vec(1_usize..1_460, 1..20),
        proptest::collection::vec(0_u64..10, 1..40),
        proptest::collection::vec(again, 1..40),
    )
        .prop_map(|(cuts, delays, again)| Way { cuts, delays, again })
}

/// What each side writes, in the order in which it happens: four requests, then their answers, the last first.
fn script(specs: &[Spec]) -> Vec<(tchannel_capture::Direction, Vec<u8>)> {
    let mut script = vec![(Forward, init_req()), (Back, init_res())];
    for (round, specs) in specs.chunks(4).enumerate() {
        let id = |place: usize| u32::try_from(2 + 4 * round + place).expect("few calls");
        for (place, spec) in specs.iter().enumerate() {
            let frames = request(id(place), "echo", &vec![1; spec.asked], spec.piece);
            script.extend(frames.into_iter().map(|frame| (Forward, frame)));
        }
        for (place, spec) in specs.iter().enumerate().rev() {
            let frames = answer(id(place), spec.code, &vec![2; spec.answered], spec.piece);
            script.extend(frames.into_iter().map(|frame| (Back, frame)));
        }
    }
    script
}

/// The handshake in order, then the segments as they are cut, sent again and delayed.
fn segments(script: &[(tchannel_capture::Direction, Vec<u8>)], way: &Way) -> Vec<Segment> {
    let mut talk = Talk::begin([0xFFFF_F000, 77]);
    let mut cuts = way.cuts.iter().cycle();
    for together in script.chunk_by(|one, other| one.0 == other.0) {
        let bytes = together.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect::<Vec<_>>();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(*cuts.next().expect("it goes round")));
            talk.say(together[0].0, now);
            talk.segment(together[0].0.reverse(), ACK, &[]);
            rest = later;
        }
    }
    let handshake: Vec<Segment> = talk.segments.drain(..3).collect();
    let mut placed: Vec<(u64, Segment)> = Vec::new();
    let all = talk.segments.clone();
    let mut choices = way.delays.iter().cycle().zip(way.again.iter().cycle());
    for (segment, number) in all.iter().zip(0..) {
        let (delay, again) = choices.next().expect("it goes round");
        placed.push((number + delay, segment.clone()));
        if let Some((later, before, behind)) = again {
            placed.push((number + delay + later, sent_again(&all, segment, *before, *behind)));
        }
    }
    placed.sort_by_key(|(place, _)| *place);
    handshake.into_iter().chain(placed.into_iter().map(|(_, segment)| segment)).collect()
}

/// The segment once more, with bytes of its stream before and behind it.
fn sent_again(all: &[Segment], segment: &Segment, before: usize, behind: usize) -> Segment {
    let mine = || all.iter().filter(|other| other.direction == segment.direction);
    let stream: Vec<u8> = mine().flat_map(|other| other.payload.iter().copied()).collect();
    let origin = mine().next().expect("itself").seq;
    let at = usize::try_from(segment.seq.wrapping_sub(origin)).expect("near");
    let (from, to) = (at.saturating_sub(before), (at + segment.payload.len() + behind).min(stream.len()));
    // What is behind was not sent before it: only what was is sent again.
    let to = to.min(at + segment.payload.len());
    let back = u32::try_from(at - from).expect("near");
    Segment { seq: segment.seq.wrapping_sub(back), payload: stream[from..to].to_vec(), ..segment.clone() }
}

/// All but the times.
fn told(records: &[Record]) -> Vec<(u64, u32, Option<Request>, Outcome)> {
    let timeless = |call: &Call| (call.number, call.id, call.request.clone(), call.outcome.clone());
    calls(records).into_iter().map(timeless).collect()
}

fn of_frames(records: &[Record]) -> [Vec<Vec<u8>>; 2] {
    [Forward, Back].map(|direction| {
        // Which way is forward cannot be told where the first packets are missing.
        let port = if direction == Forward { 5_000 } else { 99 };
        let of = |frame: &&&tchannel_capture::Frame| {
            let (from, _) =
                frame.place.connection.from_to(frame.place.direction).expect("packets have addresses");
            from.port() == port
        };
        frames(records).iter().filter(of).map(|frame| frame.bytes.to_vec()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_packets_give_the_same_calls(
        specs in proptest::collection::vec(spec(), 1..12),
        way in way(),
        piece in 1_usize..3_000,
    ) {
        let script = script(&specs);
        let mut plain = Talk::begin([1, 1]);
        for (direction, frame) in &script {
            plain.say(*direction, frame);
        }
        let expected = decode(&plain.file());
        prop_assert_eq!(told(&expected).len(), specs.len());
        let packets: Vec<Vec<u8>> = segments(&script, &way).iter().map(Segment::packet).collect();
        let file = pcap_of(101, &packets, 100);
        let records = decode(&file);
        prop_assert_eq!(others(&records), Vec::<String>::new());
        prop_assert_eq!(told(&records), told(&expected));
        prop_assert_eq!(of_frames(&records), of_frames(&expected));
        prop_assert!(frames(&records).iter().all(|frame| frame.is_good()));
        let in_pieces = run(Decoder::capture(Limits::default()), &file, piece);
        prop_assert_eq!(in_pieces, records);
    }

    #[test]
    fn nothing_is_made_up_where_packets_are_missing(
        specs in proptest::collection::vec(spec(), 1..12),
        way in way(),
        lost in proptest::collection::vec(proptest::bool::weighted(0.1), 5..60),
    ) {
        let script = script(&specs);
        let mut segments = segments(&script, &way);
        let mut lost = lost.into_iter().cycle();
        segments.retain(|_| !lost.next().expect("it goes round"));
        let packets: Vec<Vec<u8>> = segments.iter().map(Segment::packet).collect();
        let records = decode(&pcap_of(101, &packets, 100));
        for (direction, seen) in [Forward, Back].into_iter().zip(of_frames(&records)) {
            // Those that were seen are some of those that were sent, in their order.
            let mut sent = script.iter().filter(|(by, _)| *by == direction).map(|(_, frame)| frame);
            for frame in &seen {
                prop_assert!(sent.any(|sent| sent == frame), "{} bytes that nobody sent", frame.len());
            }
        }
        prop_assert!(frames(&records).iter().all(|frame| frame.message.is_ok()));
    }
}
