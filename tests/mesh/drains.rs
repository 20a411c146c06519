//! Channels that drain: what was begun ends, what is new goes elsewhere.

use std::time::Duration;

use tchannel_tests::link::Shape;
use tchannel_tests::mesh::{Ask, Knows, Scenario, Serve, Setup, Step, World};

use super::{answered, calls, millis, played, seconds};

fn caller_of(servers: usize) -> Scenario {
    let mut nodes = vec![Setup { knows: Knows::Nobody, ..Setup::default() }; servers + 1];
    nodes[0].knows = Knows::All;
    Scenario { nodes, ..Scenario::default() }
}

#[test]
fn every_server_drains_and_restarts_in_turn_and_no_call_is_lost() {
    let mut scenario = caller_of(5);
    let ask = Ask { serve: Serve::Echo { after: millis(30) }, ..Ask::default() };
    for node in 1..=5 {
        scenario.steps.extend([
            calls(ask, 20),
            Step::Advance { time: millis(10) },
            calls(ask, 20),
            Step::Drain { node, within: seconds(5) },
            calls(ask, 20),
            Step::Advance { time: millis(100) },
            Step::Restart { node },
        ]);
    }
    let world = played(&scenario);
    assert_eq!(answered(&world), 300);
}

#[test]
fn calls_that_were_made_before_a_drain_end_also_those_not_sent_yet() {
    let mut scenario = caller_of(1);
    // More than one Transmit takes: what waits in the connection is sent after the word that it drains.
    scenario.nodes[1].shape =
        Shape { latency: millis(5), nanos_per_byte: 500, segment: 1_460, window: 65_536 };
    let ask = Ask { sizes: [0, 60_000], timeout: seconds(30), ..Ask::default() };
    scenario.steps = vec![
        calls(Ask::default(), 1),
        Step::Advance { time: seconds(1) },
        calls(ask, 40),
        Step::Drain { node: 0, within: seconds(60) },
        Step::Advance { time: seconds(30) },
    ];
    let world = played(&scenario);
    assert_eq!(answered(&world), 41);
}

#[test]
fn server_that_drains_answers_what_it_has_and_takes_no_more() {
    let mut scenario = caller_of(1);
    let ask = Ask { serve: Serve::Echo { after: seconds(2) }, ..Ask::default() };
    scenario.steps = vec![
        calls(ask, 10),
        Step::Drain { node: 1, within: seconds(5) },
        calls(ask, 10),
        Step::Advance { time: seconds(10) },
    ];
    let world = played(&scenario);
    assert_eq!(answered(&world), 10);
    assert!(world.calls()[..10].iter().all(|call| call.attempts.len() == 1));
    assert!(world.calls()[10..].iter().all(|call| call.attempts.is_empty()));
}

#[test]
fn drain_that_takes_too_long_cuts_what_is_left() {
    let mut scenario = caller_of(2);
    let ask = Ask { serve: Serve::Ignore, timeout: seconds(60), ..Ask::default() };
    scenario.steps = vec![
        calls(ask, 10),
        Step::Drain { node: 0, within: seconds(3) },
        Step::Advance { time: Duration::from_nanos(2_999_999_999) },
    ];
    let mut world = played(&scenario);
    assert!(world.calls().iter().all(|call| call.end.is_none()));
    world.advance(Duration::from_nanos(1));
    assert!(world.calls().iter().all(|call| call.end.is_some()));
    world.end();
}

#[test]
fn call_that_may_go_back_does_not_go_back_to_a_drained_peer_for_ever() {
    let mut scenario = caller_of(1);
    scenario.nodes[1].accepts_while_draining = true;
    let ask = Ask { serve: Serve::Ignore, timeout: seconds(60), ..Ask::default() };
    scenario.steps = vec![
        calls(ask, 1),
        Step::Drain { node: 1, within: seconds(30) },
        calls(Ask { same_peer: true, ..Ask::default() }, 1),
        Step::Advance { time: seconds(1) },
    ];
    let world: World = played(&scenario);
    assert!(world.calls()[1].end.is_some());
}
