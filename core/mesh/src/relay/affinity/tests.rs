use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn workers(affinity: Affinity, relay: usize, relays: usize, workers: usize) -> Vec<usize> {
    affinity.range(relay, relays, workers).expect("there is such a relay").iter().collect()
}

fn all(count: usize) -> Vec<usize> {
    (0..count).collect()
}

#[test]
fn start_and_stop_are_those_of_the_table() {
    let usual = Affinity::default();
    // ratio 0.5: length max(5, ceil(2.5)) = 5; relay 3 starts at floor(1.5) and stops before ceil(6.5).
    assert_eq!(workers(usual, 0, 20, 10), [0, 1, 2, 3, 4]);
    assert_eq!(workers(usual, 3, 20, 10), [1, 2, 3, 4, 5, 6]);
    // ratio 2: length max(5, 10) = 10; relay 9 goes around the end.
    assert_eq!(workers(usual, 1, 10, 20), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert_eq!(workers(usual, 9, 10, 20), [18, 19, 0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn length_of_all_workers_or_more_is_all_of_them() {
    let usual = Affinity::default();
    for (relays, count) in [(1, 100), (5, 100), (100, 5), (100, 1), (1, 0), (3, 3)] {
        for relay in 0..relays {
            assert_eq!(workers(usual, relay, relays, count), all(count));
        }
    }
}

#[test]
fn start_that_is_the_stop_means_all() {
    // ratio 6/7: length 5; relay 1 starts at 0 and stops before ceil(0.86 + 5) mod 6 = 0.
    assert_eq!(workers(Affinity::default(), 1, 7, 6), all(6));
}

#[test]
fn minimum_is_never_below_3() {
    let none = Affinity { min_per_worker: 0, min_per_relay: 0 };
    assert_eq!(workers(none, 0, 100, 100), [0, 1, 2]);
}

#[test]
fn relay_that_is_none_has_no_range() {
    assert_eq!(Affinity::default().range(3, 3, 10), None);
    assert_eq!(Affinity::default().range(0, 0, 10), None);
}

#[test]
fn largest_numbers_are_harmless() {
    let most = Affinity { min_per_worker: usize::MAX, min_per_relay: usize::MAX };
    let range = most.range(usize::MAX - 1, usize::MAX, usize::MAX).expect("there is such a relay");
    assert!(range.contains(0) && !range.contains(usize::MAX));
    assert!(
        Affinity::default()
            .range(usize::MAX - 1, usize::MAX, usize::MAX)
            .is_some_and(|range| !range.is_empty())
    );
}

#[test]
fn every_worker_and_every_relay_has_enough_connections() {
    for (min_per_worker, min_per_relay) in [(5, 5), (3, 3), (10, 3), (3, 10)] {
        let affinity = Affinity { min_per_worker, min_per_relay };
        for relays in 1..=100 {
            for count in 1..=100 {
                let mut connections = vec![0; count];
                for relay in 0..relays {
                    let range = affinity.range(relay, relays, count).expect("there is such a relay");
                    assert!(range.len() >= min_per_relay.min(count), "{relay} of {relays}, {count} workers");
                    range.iter().for_each(|worker| connections[worker] += 1);
                }
                let least = connections.iter().min().copied().unwrap_or_default();
                assert!(
                    least >= min_per_worker.min(relays),
                    "{relays} relays, {count} workers: {connections:?}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn range_contains_what_it_names_each_once(relay in 0_usize..50, more in 1_usize..50, count in 0_usize..200) {
        let range = Affinity::default().range(relay, relay + more, count).expect("there is such a relay");
        let mut named: Vec<_> = range.iter().collect();
        prop_assert_eq!(named.len(), range.len());
        named.sort_unstable();
        named.dedup();
        let contained: Vec<_> = (0..count + 10).filter(|worker| range.contains(*worker)).collect();
        prop_assert_eq!(named, contained);
    }
}
