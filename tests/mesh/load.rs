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

/// Calls, so many at a time.
fn loaded(mut scenario: Scenario, ask: Ask, (count, at_once): (usize, usize)) -> World {
    for _ in 0..count / at_once {
        scenario.steps.extend([calls(ask, at_once), Step::Advance { time: millis(3) }]);
    }
    scenario.steps.push(Step::Advance { time: millis(100) });
    let world = run(&scenario);
    assert_eq!(answered(&world), count);
    world
}

fn most(world: &World) -> usize {
    (1..=10).map(|node| world.handled(node)).max().expect("there are ten")
}

/// The largest share may be a quarter more than the mean.
fn spread(chooses: Chooses, at_once: usize, after: u64) {
    let ask = Ask { serve: Serve::Echo { after: millis(after) }, ..Ask::default() };
    let world = loaded(ten(chooses), ask, (10_000, at_once));
    assert!(most(&world) <= 1_250, "{at_once} at once: {}", most(&world));
}

#[test]
fn two_random_spreads_calls_that_come_alone() {
    spread(Chooses::TwoRandom, 1, 0);
}

#[test]
fn two_random_spreads_calls_that_come_together() {
    spread(Chooses::TwoRandom, 100, 20);
}

#[test]
fn least_pending_spreads_calls() {
    spread(Chooses::LeastPending, 20, 5);
}

#[test]
fn prefer_incoming_spreads_calls() {
    spread(Chooses::PreferIncoming, 20, 5);
}

#[test]
fn slow_peer_gets_less() {
    let mut scenario = ten(Chooses::TwoRandom);
    scenario.steps.push(Step::Mood { node: 4, mood: Mood::Slow(millis(60)) });
    let ask = Ask { serve: Serve::Echo { after: millis(3) }, ..Ask::default() };
    let world = loaded(scenario, ask, (3_000, 20));
    assert!(world.handled(4) < 150, "{}", world.handled(4));
    assert!(most(&world) <= 375, "{}", most(&world));
}

#[test]
fn busy_peer_gets_less() {
    let mut scenario = ten(Chooses::TwoRandom);
    scenario.steps.push(Step::Mood { node: 4, mood: Mood::Refuses(ErrorCode::Busy) });
    let world = loaded(scenario, Ask::default(), (3_000, 20));
    assert!(world.handled(4) < 60, "{}", world.handled(4));
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
