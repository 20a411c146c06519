use alloc::sync::Arc;
use alloc::vec::Vec;

use super::*;
use crate::peers::testing::{connected, unconnected};
use crate::peers::{LeastPending, PreferIncoming, Rendezvous, Score, ShardKey, Turns};

const TWO_RANDOM: Strategy = Strategy::TwoRandom;

const fn key(n: u32) -> PeerKey {
    PeerKey::new(n)
}

fn wanted(strategy: &Strategy) -> Wanted<'_> {
    Wanted { min_connections: 0, ..Wanted::new(strategy) }
}

fn lowest(by: impl Score + 'static) -> Strategy {
    Strategy::Lowest(Arc::new(by))
}

/// Every choice that some seed gives, each once.
fn choices(wanted: &Wanted<'_>, peers: &[Candidate]) -> Vec<Choice> {
    let mut all: Vec<Choice> = (0..200).map(|seed| choose(&mut Rng::new(seed), wanted, peers)).collect();
    all.sort_by_key(|choice| (choice.peer, choice.warm));
    all.dedup();
    all
}

fn chosen(wanted: &Wanted<'_>, peers: &[Candidate]) -> Vec<Option<PeerKey>> {
    let mut peers: Vec<_> = choices(wanted, peers).iter().map(|choice| choice.peer).collect();
    peers.dedup();
    peers
}

#[test]
fn tried_ephemeral_and_draining_peers_are_not_chosen() {
    let peers = [
        Candidate { tried: true, ..connected(1) },
        Candidate { ephemeral: true, ..connected(2) },
        Candidate { draining: true, ..connected(3) },
        unconnected(4),
    ];
    for strategy in [TWO_RANDOM, lowest(LeastPending), lowest(PreferIncoming), lowest(ShardKey)] {
        assert_eq!(chosen(&wanted(&strategy), &peers), [Some(key(4))]);
        assert_eq!(chosen(&wanted(&strategy), &peers[..3]), [None]);
        assert_eq!(chosen(&wanted(&strategy), &[]), [None]);
    }
}

#[test]
fn tried_peers_are_chosen_again_only_when_allowed_and_no_other_is_left() {
    let peers = [Candidate { tried: true, ..connected(1) }, unconnected(2)];
    let again = Wanted { allow_tried: true, ..wanted(&TWO_RANDOM) };
    assert_eq!(chosen(&again, &peers), [Some(key(2))]);
    assert_eq!(chosen(&again, &peers[..1]), [Some(key(1))]);
}

#[test]
fn fewer_connected_than_min_connections_another_is_dialled_in_the_background() {
    let peers = [connected(1), unconnected(2), unconnected(3)];
    let wanted = Wanted::new(&TWO_RANDOM);
    let both = choices(&wanted, &peers);
    assert!(both.iter().all(|choice| choice.peer == Some(key(1))), "{both:?}");
    let warm: Vec<_> = both.iter().map(|choice| choice.warm).collect();
    assert_eq!(warm, [Some(key(2)), Some(key(3))]);
}

#[test]
fn enough_connected_or_being_dialled_none_is_dialled_in_the_background() {
    let wanted = Wanted::new(&TWO_RANDOM);
    let dialled = Candidate { connecting: true, ..unconnected(2) };
    for second in [connected(2), dialled] {
        let peers = [connected(1), second, unconnected(3)];
        assert!(choices(&wanted, &peers).iter().all(|choice| choice.warm.is_none()));
    }
}

#[test]
fn dial_for_the_call_itself_counts() {
    let wanted = Wanted { min_connections: 1, ..Wanted::new(&TWO_RANDOM) };
    let choices = choices(&wanted, &[unconnected(1), unconnected(2)]);
    assert!(choices.iter().all(|choice| choice.peer.is_some() && choice.warm.is_none()), "{choices:?}");
}

#[test]
fn background_dial_leaves_out_peers_that_back_off_drain_or_are_dialled_by_the_call() {
    let wanted = Wanted::new(&TWO_RANDOM);
    let backed_off = Candidate { backed_off: true, ..unconnected(2) };
    let draining = Candidate { draining: true, ..unconnected(3) };
    let choices = choices(&wanted, &[unconnected(1), backed_off, draining]);
    assert_eq!(choices, [Choice { peer: Some(key(1)), warm: None }]);
}

#[test]
fn long_cold_list_is_not_connected_to_all() {
    let mut peers: Vec<Candidate> = (0..100).map(unconnected).collect();
    let (mut rng, wanted) = (Rng::new(1), Wanted::new(&TWO_RANDOM));
    for _ in 0..1_000 {
        let choice = choose(&mut rng, &wanted, &peers);
        for dialled in [choice.peer, choice.warm].into_iter().flatten() {
            peers.iter_mut().filter(|peer| peer.key == dialled).for_each(|peer| peer.connecting = true);
        }
    }
    assert_eq!(peers.iter().filter(|peer| peer.connecting).count(), 2);
}

#[test]
fn late_dials_are_awaited_only_when_all_but_dead_peers_are_dialled() {
    let late = |n| Candidate { connecting: true, late: true, ..unconnected(n) };
    let dead = Candidate { backed_off: true, ..unconnected(9) };
    for strategy in [TWO_RANDOM, lowest(LeastPending)] {
        let wanted = Wanted::new(&strategy);
        let others = choices(&wanted, &[late(1), late(2), unconnected(3), unconnected(4), dead]);
        for Choice { peer, warm } in others {
            assert!([key(3), key(4)].map(Some).contains(&peer), "{peer:?}");
            assert!([key(3), key(4)].map(Some).contains(&warm), "{warm:?}");
        }
        let none_left = choices(&wanted, &[late(1), dead]);
        assert_eq!(none_left, [Choice { peer: Some(key(1)), warm: None }]);
    }
}

#[test]
fn two_connected_at_random_the_lower_load_wins() {
    let peers = [Candidate { load: 1, ..connected(1) }, Candidate { load: 2, ..connected(2) }];
    assert_eq!(chosen(&wanted(&TWO_RANDOM), &peers), [Some(key(1))]);
    let third = Candidate { load: 3, ..connected(3) };
    assert_eq!(chosen(&wanted(&TWO_RANDOM), &[peers[0], peers[1], third]), [Some(key(1)), Some(key(2))]);
}

#[test]
fn ties_at_random() {
    assert_eq!(chosen(&wanted(&TWO_RANDOM), &[connected(1), connected(2)]), [Some(key(1)), Some(key(2))]);
}

#[test]
fn none_connected_a_random_unconnected_one() {
    assert_eq!(chosen(&wanted(&TWO_RANDOM), &[unconnected(1), unconnected(2)]), [Some(key(1)), Some(key(2))]);
}

#[test]
fn connections_of_the_preferred_direction_rank_first() {
    let incoming = Candidate { incoming: 1, load: 100, ..unconnected(1) };
    let peers = [incoming, connected(2)];
    for (direction, peer) in [(Direction::In, 1), (Direction::Out, 2), (Direction::Any, 2)] {
        let wanted = Wanted { direction, ..wanted(&TWO_RANDOM) };
        assert_eq!(chosen(&wanted, &peers), [Some(key(peer))], "{direction:?}");
    }
    let wanted = Wanted { direction: Direction::In, ..wanted(&TWO_RANDOM) };
    assert_eq!(chosen(&wanted, &peers[1..]), [Some(key(2))]);
}

#[test]
fn peer_in_backoff_ranks_below_all_others() {
    let strategies = [TWO_RANDOM, lowest(LeastPending), lowest(Rendezvous { client: 1 }), lowest(ShardKey)];
    // Whatever the scores by name are, one of the two is the worse.
    for (dead, alive) in [(1, 2), (2, 1)] {
        let dead = Candidate { backed_off: true, hash: dead, ..unconnected(dead) };
        let alive = Candidate { hash: alive, ..unconnected(alive) };
        for strategy in &strategies {
            let wanted = Wanted { shard_key: Some("k"), ..wanted(strategy) };
            assert_eq!(chosen(&wanted, &[dead, alive]), [Some(alive.key)]);
            assert_eq!(chosen(&wanted, &[dead]), [Some(dead.key)]);
        }
    }
}

#[test]
fn peer_in_backoff_that_has_a_connection_is_alive() {
    let alive = Candidate { backed_off: true, incoming: 1, ..unconnected(1) };
    assert_eq!(chosen(&wanted(&TWO_RANDOM), &[alive, unconnected(2)]), [Some(key(1))]);
}

#[test]
fn lowest_score_wins_and_equal_scores_go_by_turns() {
    let strategy = lowest(LeastPending);
    let peers = [
        Candidate { load: 2, order: 1, ..connected(1) },
        Candidate { load: 1, order: 9, ..connected(2) },
        Candidate { load: 1, order: 8, ..connected(3) },
    ];
    assert_eq!(chosen(&wanted(&strategy), &peers), [Some(key(3))]);
}

#[test]
fn score_threshold_leaves_out_connected_peers_that_score_it_or_worse() {
    let peers = [Candidate { load: 5, ..connected(1) }, Candidate { load: 4, ..connected(2) }];
    for strategy in [TWO_RANDOM, lowest(LeastPending)] {
        let at = |threshold| Wanted { score_threshold: Some(threshold), ..wanted(&strategy) };
        assert_eq!(chosen(&at(5), &peers), [Some(key(2))]);
        assert_eq!(chosen(&at(4), &peers), [None]);
        assert_eq!(chosen(&at(0), &[peers[0], unconnected(3)]), [Some(key(3))]);
    }
}

#[test]
fn strategies_that_go_by_name_dial_nobody_in_the_background() {
    let peers = [unconnected(1), unconnected(2), unconnected(3)];
    for strategy in [lowest(ShardKey), lowest(Rendezvous { client: 7 })] {
        let wanted = Wanted { shard_key: Some("k"), ..Wanted::new(&strategy) };
        assert!(choices(&wanted, &peers).iter().all(|choice| choice.warm.is_none()));
    }
}

fn shares(mut next: impl FnMut() -> Option<PeerKey>) -> [u32; 10] {
    let mut shares = [0; 10];
    for _ in 0..10_000 {
        let peer = next().expect("all may be chosen");
        shares[usize::try_from(peer.number()).expect("below 10")] += 1;
    }
    shares
}

#[test]
fn ten_equal_peers_get_about_the_same_share() {
    let mut peers: Vec<Candidate> = (0..10).map(connected).collect();
    let (mut rng, mut turns) = (Rng::new(1), Turns::default());
    let two_random = shares(|| choose(&mut rng, &Wanted::new(&TWO_RANDOM), &peers).peer);
    assert!(two_random.iter().all(|share| *share <= 1_250), "{two_random:?}");
    let strategy = lowest(LeastPending);
    let least_pending = shares(|| {
        let peer = choose(&mut rng, &Wanted::new(&strategy), &peers).peer;
        let order = turns.next(&mut rng, 10);
        peers.iter_mut().filter(|candidate| Some(candidate.key) == peer).for_each(|peer| peer.order = order);
        peer
    });
    assert!(least_pending.iter().all(|share| *share <= 1_250), "{least_pending:?}");
}

#[test]
fn same_seed_same_choices() {
    let peers: Vec<Candidate> = (0..10).map(connected).collect();
    let run = |seed| {
        let mut rng = Rng::new(seed);
        (0..100).map(|_| choose(&mut rng, &Wanted::new(&TWO_RANDOM), &peers)).collect::<Vec<_>>()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}
