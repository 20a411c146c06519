//! How load spreads.

use tchannel_proto::wire::ErrorCode;
use tchannel_tests::mesh::{Ask, Chooses, Knows, Mood, Scenario, Serve, Setup, Step, World};

use super::{answered, calls, millis, run};

/// Node 0 keeps all ten others connected, and calls them.
fn ten(chooses: Chooses) -> Scenario {
    let mut nodes = vec![Setup { knows: Knows::Nobody, ..Setup::default() }; 11];
    nodes[0] = Setup { knows: Knows::All, warm: 10, chooses, ..Setup::default() };
    Scenario { nodes, ..Scenario::default() }
}

/// 10,000 calls, so many at a time.
fn ten_thousand(mut scenario: Scenario, ask: Ask, at_once: usize) -> World {
    for _ in 0..10_000 / at_once {
        scenario.steps.extend([calls(ask, at_once), Step::Advance { time: millis(3) }]);
    }
    scenario.steps.push(Step::Advance { time: millis(100) });
    run(&scenario)
}

fn most(world: &World) -> usize {
    (1..=10).map(|node| world.handled(node)).max().expect("there are ten")
}

#[test]
fn no_peer_gets_a_quarter_more_than_its_share() {
    for chooses in [Chooses::TwoRandom, Chooses::LeastPending, Chooses::PreferIncoming] {
        for (at_once, after) in [(1, 0), (20, 5), (100, 20)] {
            let ask = Ask { serve: Serve::Echo { after: millis(after) }, ..Ask::default() };
            let world = ten_thousand(ten(chooses), ask, at_once);
            assert_eq!(answered(&world), 10_000);
            assert!(most(&world) <= 1_250, "{chooses:?}, {at_once} at once: {}", most(&world));
        }
    }
}

#[test]
fn slow_peer_gets_less() {
    let mut scenario = ten(Chooses::TwoRandom);
    scenario.steps.push(Step::Mood { node: 4, mood: Mood::Slow(millis(60)) });
    let world = ten_thousand(scenario, Ask { serve: Serve::Echo { after: millis(3) }, ..Ask::default() }, 20);
    assert_eq!(answered(&world), 10_000);
    assert!(world.handled(4) < 500, "{}", world.handled(4));
    assert!(most(&world) <= 1_250, "{}", most(&world));
}

#[test]
fn busy_peer_gets_less() {
    let mut scenario = ten(Chooses::TwoRandom);
    scenario.steps.push(Step::Mood { node: 4, mood: Mood::Refuses(ErrorCode::Busy) });
    let world = ten_thousand(scenario, Ask::default(), 20);
    assert_eq!(answered(&world), 10_000);
    assert!(world.handled(4) < 200, "{}", world.handled(4));
}

#[test]
fn keys_stay_with_their_peer_and_move_only_when_it_is_lost() {
    let mut scenario = ten(Chooses::ShardKey);
    let keyed = |shard| Ask { shard: Some(shard), ..Ask::default() };
    scenario.steps.extend((0..40).map(|shard| calls(keyed(shard), 3)));
    scenario.steps.push(Step::Die { node: 4, quietly: false });
    scenario.steps.extend((0..40).map(|shard| calls(keyed(shard), 3)));
    scenario.steps.push(Step::Advance { time: millis(100) });
    let world = run(&scenario);
    assert_eq!(answered(&world), 240);
    let by = |call: &tchannel_tests::mesh::model::Call| call.handled.last().map(|handled| handled.node);
    let mut moved = 0;
    for shard in 0..40 {
        let (before, after) =
            (&world.calls()[3 * shard..3 * shard + 3], &world.calls()[120 + 3 * shard..][..3]);
        assert!(before.iter().all(|call| by(call) == by(&before[0])));
        assert!(after.iter().all(|call| by(call) == by(&after[0])));
        let changed = by(&before[0]) != by(&after[0]);
        assert_eq!(changed, by(&before[0]) == Some(4), "key {shard}");
        moved += usize::from(changed);
    }
    assert!(moved > 0, "no key was with the peer that died");
}
