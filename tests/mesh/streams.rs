//! Calls in parts over a mesh.

use std::time::Duration;

use tchannel_proto::wire::ErrorCode;
use tchannel_tests::link::Shape;
use tchannel_tests::mesh::model::End;
use tchannel_tests::mesh::{Ask, Scenario, Serve, Setup, Step, Takes, Way, Who, Word, World};

use super::{answered, calls, millis, played, seconds};

fn three(steps: Vec<Step>) -> Scenario {
    Scenario { nodes: vec![Setup::default(); 3], steps, ..Scenario::default() }
}

fn parts(len: usize) -> Ask {
    Ask {
        way: Way::Parts { piece: 5_000, open: false },
        parts: true,
        sizes: [700, len],
        timeout: seconds(30),
        ..Ask::default()
    }
}

fn idle(world: &World) {
    for node in 0..3 {
        let live = world.channel(node).expect("it is up").live();
        assert_eq!((live.ours, live.theirs), (0, 0), "node {node}");
    }
}

#[test]
fn streams_run_both_ways_between_all_nodes() {
    let mut scenario = three(vec![]);
    scenario.nodes[1].shape =
        Shape { latency: millis(3), nanos_per_byte: 20, segment: 1_460, window: 65_536 };
    for node in 0..3 {
        scenario.steps.push(calls(Ask { node, ..parts(400_000) }, 3));
        scenario.steps.push(calls(Ask { node, takes: Takes::Late(millis(500)), ..parts(400_000) }, 1));
    }
    scenario.steps.push(Step::Advance { time: seconds(10) });
    let world = played(&scenario);
    assert_eq!(answered(&world), 12);
    idle(&world);
}

#[test]
fn whole_and_streamed_ends_meet_in_every_combination() {
    let mut steps = Vec::new();
    for (way, parts) in [(Way::Whole, true), (Way::Parts { piece: 100, open: false }, false)] {
        for sizes in [[0, 0], [3, 20], [0, 200_000], [70_000, 1]] {
            steps.push(calls(Ask { way, parts, sizes, ..Ask::default() }, 2));
        }
    }
    steps.push(Step::Advance { time: seconds(1) });
    let world = played(&three(steps));
    assert_eq!(answered(&world), 16);
}

#[test]
fn stream_ends_with_its_connection_on_both_sides() {
    let open = Ask { way: Way::Parts { piece: 300, open: true }, ..parts(1_000) };
    let steps = vec![
        calls(Ask { direct: Some(Who { node: 1, by_name: false }), ..open }, 5),
        Step::Advance { time: millis(5) },
        Step::Cut { node: 0, peer: 1 },
        Step::Advance { time: millis(5) },
    ];
    let world = played(&three(steps));
    for call in world.calls() {
        let network =
            matches!(&call.end, Some((_, End::Failed(why))) if why.error.code == ErrorCode::Network);
        assert!(network && call.began.is_some(), "{:?}", call.end);
    }
    idle(&world);
}

#[test]
fn stream_is_cancelled_by_its_caller_and_taken_back_by_its_handler() {
    let open = Ask { way: Way::Parts { piece: 300, open: true }, ..parts(1_000) };
    let regret = Serve::Regret { code: ErrorCode::Declined, after: millis(50) };
    let mut steps =
        vec![calls(open, 5), calls(Ask { serve: regret, ..open }, 5), Step::Advance { time: millis(20) }];
    steps.extend((0..5).map(|call| Step::Cancel { call }));
    steps.push(Step::Advance { time: millis(40) });
    let world = played(&three(steps));
    for (number, code) in
        (0..10).map(|number| (number, [ErrorCode::Cancelled, ErrorCode::Declined][number / 5]))
    {
        let end = &world.calls()[number].end;
        assert!(matches!(end, Some((_, End::Failed(why))) if why.error.code == code), "{number}: {end:?}");
    }
    idle(&world);
}

#[test]
fn nobody_is_asked_about_an_answer_in_parts() {
    for word in [Word::Silence, Word::Retry, Word::Fail] {
        let ask = Ask { serve: Serve::NotOk { after: Duration::ZERO }, word: Some(word), ..parts(150_000) };
        let world = played(&three(vec![calls(ask, 5), Step::Advance { time: millis(5) }]));
        for call in world.calls() {
            assert!(matches!(call.end, Some((_, End::Answered))), "{word:?}: {:?}", call.end);
            assert!(call.code.is_some_and(|code| !code.is_ok()));
        }
        idle(&world);
    }
}
