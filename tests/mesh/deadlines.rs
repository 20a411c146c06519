//! No call lives longer than its caller waits, and none is told that it may.

use std::time::Duration;

use tchannel_proto::Timestamp;
use tchannel_proto::wire::RetryFlags;
use tchannel_tests::link::Shape;
use tchannel_tests::mesh::model::{Call, End};
use tchannel_tests::mesh::{Ask, Door, Mood, Scenario, Serve, Setup, Step};

use super::{calls, millis, played, seconds};

const BOTH: RetryFlags = RetryFlags { connection: true, timeout: true };

fn five(steps: Vec<Step>) -> Scenario {
    Scenario { nodes: vec![Setup::default(); 5], steps, ..Scenario::default() }
}

fn ended(call: &Call) -> Timestamp {
    call.end.as_ref().expect("its time is over").0
}

#[test]
fn child_calls_never_have_more_time_than_their_parent_has_left() {
    for (latency, slow) in [(0, 0), (0, 3), (10, 2)] {
        let ask =
            Ask { timeout: millis(300), serve: Serve::Echo { after: millis(40) }, hops: 4, ..Ask::default() };
        let mut scenario = five(vec![]);
        for setup in &mut scenario.nodes {
            setup.shape.latency = millis(latency);
        }
        scenario.steps.extend((0..slow).map(|node| Step::Mood { node, mood: Mood::Slow(millis(150)) }));
        // Its own timeout would give a child more.
        let patient = Ask { timeout: seconds(10), hops: 0, ..ask };
        scenario.steps.extend([calls(patient, 20), calls(ask, 20), Step::Advance { time: seconds(1) }]);
        let world = played(&scenario);
        let children: Vec<&Call> = world.calls().iter().filter(|call| call.parent.is_some()).collect();
        assert!(children.len() >= 20, "{} child calls", children.len());
        for child in children {
            let root = std::iter::successors(Some(child), |call| Some(&world.calls()[call.parent?.number]));
            let (levels, root) = root.enumerate().last().expect("at least itself");
            // Each level learns of the deadline as much later as its request took.
            let late = millis(latency) * u32::try_from(levels).expect("few levels");
            for attempt in &child.attempts {
                let left = (root.deadline + late).since(attempt.at);
                assert!(attempt.ttl <= left, "{:?} of {left:?} left at level {levels}", attempt.ttl);
            }
            assert!(ended(child) <= root.deadline + late, "{child:?}");
        }
    }
}

#[test]
fn second_attempt_has_what_the_first_one_left() {
    let ask = Ask {
        timeout: seconds(1),
        per_attempt: Some(millis(300)),
        flags: BOTH,
        serve: Serve::Ignore,
        ..Ask::default()
    };
    let world = played(&five(vec![calls(ask, 10), Step::Advance { time: seconds(2) }]));
    for call in world.calls() {
        let ttls: Vec<Duration> = call.attempts.iter().map(|attempt| attempt.ttl).collect();
        assert_eq!(ttls, [millis(300), millis(300), millis(300), millis(100)]);
        assert_eq!(ended(call), call.deadline);
    }
}

#[test]
fn nothing_that_hangs_makes_a_caller_wait_longer() {
    for door in [Door::Open, Door::Hangs, Door::Silent, Door::Refuses, Door::Slams] {
        let mut steps: Vec<Step> = (1..5).map(|node| Step::Door { node, door }).collect();
        steps.extend((1..5).map(|node| Step::Mood { node, mood: Mood::Hangs }));
        let patient = Ask { timeout: millis(2_345), ..Ask::default() };
        steps.extend([calls(patient, 10), Step::Advance { time: millis(2_344) }]);
        let mut world = played(&five(steps));
        let gives_up_early = matches!(door, Door::Refuses | Door::Slams);
        assert!(world.calls().iter().all(|call| call.end.is_some() == gives_up_early), "{door:?}");
        world.advance(millis(1));
        assert!(world.calls().iter().all(|call| ended(call) <= call.deadline), "{door:?}");
        world.end();
    }
}

#[test]
fn application_that_never_decides_gets_the_answer_at_the_deadline() {
    use tchannel_tests::mesh::Word;
    let ask = Ask {
        timeout: seconds(1),
        serve: Serve::NotOk { after: Duration::ZERO },
        word: Some(Word::Silence),
        ..Ask::default()
    };
    let world = played(&five(vec![calls(ask, 5), Step::Advance { time: seconds(2) }]));
    for call in world.calls() {
        assert!(matches!(call.end, Some((at, End::Answered)) if at == call.deadline), "{call:?}");
    }
}

#[test]
fn slow_links_count_against_the_deadline() {
    let mut scenario = five(vec![]);
    scenario.nodes[1].shape = Shape { latency: millis(200), ..Shape::PLAIN };
    let ask = Ask { direct: Some(tchannel_tests::mesh::Who { node: 1, by_name: false }), ..Ask::default() };
    // Dial, handshake, request and answer take two times 200 ms each.
    for (timeout, answered) in [(1_199, false), (1_200, true), (2_000, true)] {
        scenario.steps =
            vec![calls(Ask { timeout: millis(timeout), ..ask }, 1), Step::Advance { time: seconds(3) }];
        let world = played(&scenario);
        let call = &world.calls()[0];
        assert_eq!(matches!(call.end, Some((_, End::Answered))), answered, "{timeout} ms: {call:?}");
        assert!(ended(call) <= call.deadline);
    }
}
