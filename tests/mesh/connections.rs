//! How many connections there are, to whom, and what becomes of those that nobody answers on.

use tchannel_tests::mesh::{Announces, Ask, Door, Knows, Mood, Scenario, Serve, Setup, Step, Who, World};

use super::{answered, calls, millis, played, run, seconds};

/// Node 0 calls, the others serve.
fn mesh(servers: usize, steps: Vec<Step>) -> Scenario {
    let mut nodes = vec![Setup { knows: Knows::Nobody, ..Setup::default() }; servers + 1];
    nodes[0].knows = Knows::All;
    Scenario { nodes, steps, ..Scenario::default() }
}

fn connections(world: &World, node: usize) -> usize {
    world.channel(node).expect("it is up").live().connections
}

#[test]
fn thousand_first_calls_make_one_connection() {
    for latency in [0, 20] {
        let mut scenario = mesh(1, vec![calls(Ask::default(), 1_000), Step::Advance { time: seconds(1) }]);
        scenario.nodes[1].shape.latency = millis(latency);
        let world = played(&scenario);
        assert_eq!((answered(&world), world.dials(0)), (1_000, 1));
        assert_eq!((connections(&world, 0), connections(&world, 1)), (1, 1));
    }
}

#[test]
fn thousand_first_calls_to_ten_peers_make_as_many_connections_as_are_kept() {
    let world = played(&mesh(10, vec![calls(Ask::default(), 1_000), Step::Advance { time: seconds(1) }]));
    assert_eq!((answered(&world), world.dials(0)), (1_000, 2));
}

#[test]
fn more_requests_in_one_read_than_events_may_wait_are_all_served() {
    // Everything arrives at one moment, and a caller that waits for answers sends nothing more.
    let world = run(&mesh(1, vec![calls(Ask::default(), 3_000), Step::Advance { time: seconds(1) }]));
    assert_eq!((answered(&world), world.dials(0)), (3_000, 1));
}

#[test]
fn both_sides_call_over_the_connection_that_one_of_them_made() {
    let both = vec![Setup::default(); 2];
    let back = Ask { node: 1, ..Ask::default() };
    let steps = vec![
        calls(Ask::default(), 10),
        calls(back, 10),
        calls(Ask { hops: 3, ..Ask::default() }, 10),
        Step::Advance { time: seconds(1) },
    ];
    let world = played(&Scenario { nodes: both, steps, ..Scenario::default() });
    assert_eq!(answered(&world), 60);
    assert_eq!((world.dials(0), world.dials(1)), (1, 0));
}

#[test]
fn peer_known_by_name_and_by_address_has_one_connection() {
    let mut scenario = mesh(1, vec![]);
    scenario.nodes[0].knows = Knows::Names;
    let direct = |by_name| Ask { direct: Some(Who { node: 1, by_name }), ..Ask::default() };
    scenario.steps = vec![
        calls(Ask::default(), 5),
        calls(direct(false), 5),
        calls(direct(true), 5),
        Step::Advance { time: seconds(1) },
    ];
    let world = played(&scenario);
    assert_eq!((answered(&world), world.dials(0)), (15, 1));
}

#[test]
fn nobody_is_called_who_only_says_that_he_is_a_peer() {
    let mut scenario = mesh(3, vec![]);
    // Node 3 calls everybody, and says that it is node 1.
    scenario.nodes[3] = Setup { announces: Announces::Other(1), ..Setup::default() };
    for _ in 0..10 {
        let liar = Ask { node: 3, ..Ask::default() };
        scenario.steps.extend([calls(liar, 10), Step::Advance { time: millis(10) }]);
    }
    scenario.steps.extend([
        Step::Remove { node: 0, peer: Who { node: 3, by_name: false }, own: false },
        Step::Door { node: 1, door: Door::Refuses },
        Step::Cut { node: 0, peer: 1 },
        calls(Ask::default(), 50),
        Step::Advance { time: seconds(1) },
    ]);
    let world = played(&scenario);
    let stolen = world.calls().iter().filter(|call| call.ask.node == 0);
    assert!(stolen.flat_map(|call| &call.handled).all(|handled| handled.node == 2));
}

#[test]
fn refused_peers_rest_and_are_found_again() {
    let mut steps = vec![Step::Door { node: 1, door: Door::Refuses }];
    for _ in 0..100 {
        steps.extend([calls(Ask::default(), 1), Step::Advance { time: millis(40) }]);
    }
    let mut world = played(&mesh(2, steps));
    assert_eq!((answered(&world), world.handled(2)), (100, 100));
    assert!(world.dials(0) <= 3, "{} dials in 4 s", world.dials(0));
    world.apply(&Step::Door { node: 1, door: Door::Open });
    for _ in 0..400 {
        world.apply(&calls(Ask::default(), 1));
        world.advance(millis(100));
    }
    assert!(world.handled(1) > 10, "{} requests in 40 s", world.handled(1));
    world.end();
}

#[test]
fn silence_after_the_connect_ends_with_the_handshake_and_others_are_tried() {
    let mut steps: Vec<Step> = (1..=2).map(|node| Step::Door { node, door: Door::Silent }).collect();
    steps.extend([calls(Ask::default(), 10), Step::Advance { time: seconds(9) }]);
    let world = played(&mesh(3, steps));
    assert_eq!((answered(&world), world.handled(3)), (10, 10));
}

#[test]
fn hosts_that_vanish_without_a_word_are_left_for_others() {
    let ask = Ask { timeout: millis(500), ..Ask::default() };
    let mut steps = vec![
        calls(Ask::default(), 20),
        Step::Advance { time: seconds(1) },
        Step::Dark { node: 0, peer: 1 },
        Step::Door { node: 1, door: Door::Hangs },
    ];
    for _ in 0..100 {
        steps.extend([calls(ask, 2), Step::Advance { time: millis(100) }]);
    }
    let world = played(&mesh(3, steps));
    let late: Vec<bool> = world.calls()[120..].iter().map(|call| call.code.is_some()).collect();
    assert!(late.iter().all(|answered| *answered), "calls fail 5 s after a peer has vanished: {late:?}");
}

#[test]
fn connection_whose_peer_drains_and_never_closes_is_left() {
    let ask = Ask { serve: Serve::Ignore, timeout: seconds(60), ..Ask::default() };
    let steps = vec![
        calls(ask, 1),
        Step::Drain { node: 1, within: seconds(60) },
        Step::Dark { node: 0, peer: 1 },
        Step::Cancel { call: 0 },
        Step::Advance { time: seconds(29) },
    ];
    let mut world = played(&mesh(1, steps));
    assert_eq!(connections(&world, 0), 1);
    world.advance(seconds(2));
    assert_eq!(connections(&world, 0), 0);
    world.end();
}

#[test]
fn hanging_handlers_leave_nothing_once_their_callers_are_gone() {
    let ask = Ask { serve: Serve::Ignore, timeout: millis(800), ..Ask::default() };
    let mood = |mood| Step::Mood { node: 1, mood };
    let steps = vec![
        mood(Mood::Hangs),
        calls(ask, 50),
        calls(Ask { way: tchannel_tests::mesh::Way::Parts { piece: 5, open: true }, ..ask }, 50),
        Step::Advance { time: millis(100) },
        Step::Cancel { call: 3 },
        Step::Cut { node: 0, peer: 2 },
        Step::Advance { time: seconds(2) },
    ];
    let world = played(&mesh(2, steps));
    for node in 0..3 {
        let live = world.channel(node).expect("it is up").live();
        assert_eq!((live.ours, live.theirs), (0, 0), "node {node}");
    }
}
