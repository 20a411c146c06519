//! Peers that die, come back, come and go on lists, while calls are made.

use std::time::Duration;

use tchannel_proto::wire::RetryFlags;
use tchannel_tests::mesh::{Ask, Knows, Scenario, Serve, Setup, Step, Who, World};

use super::{answered, calls, millis, played, seconds};

/// Node 0 calls, the others serve.
fn mesh(servers: usize) -> Scenario {
    let mut nodes = vec![Setup { knows: Knows::Nobody, ..Setup::default() }; servers + 1];
    nodes[0].knows = Knows::All;
    Scenario { nodes, ..Scenario::default() }
}

const ASK: Ask = Ask { serve: Serve::Echo { after: Duration::from_millis(20) }, ..Ask::PLAIN };

fn died_in_turn(quietly: bool, ask: Ask) -> World {
    let mut scenario = mesh(5);
    // Too few calls are made for a tenth of them to make up for a dead server.
    scenario.nodes[0] = Setup { budget: false, warm: 5, ..scenario.nodes[0] };
    for node in 1..=5 {
        scenario.steps.extend([
            calls(ask, 20),
            Step::Advance { time: millis(10) },
            Step::Die { node, quietly },
            calls(ask, 20),
            Step::Advance { time: seconds(7) },
            Step::Restart { node },
            calls(ask, 20),
            Step::Advance { time: seconds(12) },
        ]);
    }
    played(&scenario)
}

#[test]
fn every_server_dies_in_turn_and_no_call_fails() {
    let world = died_in_turn(false, Ask { timeout: seconds(5), ..ASK });
    assert_eq!(answered(&world), 300);
    assert!((1..=5).all(|node| world.handled(node) > 0));
}

#[test]
fn servers_that_vanish_cost_time_and_no_call() {
    let flags = RetryFlags { connection: true, timeout: true };
    let ask = Ask { timeout: seconds(6), per_attempt: Some(seconds(1)), flags, ..ASK };
    let world = died_in_turn(true, ask);
    assert_eq!(answered(&world), 300);
}

#[test]
fn caller_that_dies_leaves_nothing_at_its_peers() {
    for quietly in [false, true] {
        let mut scenario = mesh(3);
        let hang = Ask { serve: Serve::Ignore, timeout: seconds(2), ..Ask::default() };
        scenario.steps = vec![
            calls(hang, 30),
            Step::Advance { time: millis(10) },
            Step::Die { node: 0, quietly },
            Step::Advance { time: seconds(3) },
        ];
        let world = played(&scenario);
        for node in 1..=3 {
            let live = world.channel(node).expect("it is up").live();
            assert_eq!(live.theirs, 0, "node {node}");
            assert!(quietly || live.connections == 0, "node {node}: {live:?}");
        }
    }
}

#[test]
fn peers_come_and_go_on_the_list_and_no_call_fails() {
    let mut scenario = mesh(4);
    for round in 0..40_usize {
        let peer = |offset: usize| Who { node: 1 + (round + offset) % 4, by_name: false };
        scenario.steps.extend([
            calls(ASK, 10),
            Step::Remove { node: 0, peer: peer(0), own: false },
            calls(ASK, 10),
            Step::Advance { time: millis(7) },
            Step::Add { node: 0, peer: peer(0), own: false },
            // As a file would say it, twice.
            Step::List { node: 0, peers: 0b1_1110 },
            Step::List { node: 0, peers: 0b1_0110 },
        ]);
    }
    scenario.steps.push(Step::Advance { time: seconds(10) });
    let world = played(&scenario);
    assert_eq!(answered(&world), 800);
}

#[test]
fn fifty_nodes_call_each_other_while_some_die() {
    let nodes = vec![Setup { knows: Knows::Next(6), ..Setup::default() }; 50];
    let mut scenario = Scenario { nodes, ..Scenario::default() };
    for round in 0..5 {
        let alive = |node: &usize| !(10 * round..10 * round + 3).contains(node);
        let each = |node| calls(Ask { node, timeout: seconds(5), ..ASK }, 2);
        scenario.steps.extend((0..50).map(each));
        scenario.steps.extend((0..3).map(|nth| Step::Die { node: 10 * round + nth, quietly: false }));
        scenario.steps.extend((0..50).filter(alive).map(each));
        scenario.steps.push(Step::Advance { time: seconds(6) });
        scenario.steps.extend((0..3).map(|nth| Step::Restart { node: 10 * round + nth }));
    }
    let world = super::run(&scenario);
    let lost = world
        .calls()
        .iter()
        .filter(|call| matches!(call.end, Some((_, tchannel_tests::mesh::model::End::Lost))));
    let (lost, made) = (lost.count(), world.calls().len());
    assert_eq!(answered(&world) + lost, made);
}
