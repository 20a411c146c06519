use alloc::vec;
use alloc::vec::Vec;

use super::*;

/// A list of `len` peers, added one by one: the place of each.
fn list(turns: &mut Turns, rng: &mut Rng, len: usize) -> Vec<u64> {
    let mut orders = Vec::new();
    for _ in 0..len {
        let added = turns.add(rng, orders.len() + 1);
        orders.push(added.order);
        let last = orders.len() - 1;
        orders.swap(last, added.swap_with);
    }
    orders
}

fn next(orders: &[u64]) -> usize {
    let next = orders.iter().enumerate().min_by_key(|(at, order)| (**order, *at));
    next.map(|(at, _)| at).expect("not empty")
}

#[test]
fn every_peer_has_its_turn() {
    let (mut turns, mut rng) = (Turns::default(), Rng::new(4));
    let mut orders = list(&mut turns, &mut rng, 10);
    let mut chosen = vec![0_u32; 10];
    for _ in 0..1_000 {
        let at = next(&orders);
        chosen[at] += 1;
        orders[at] = turns.next(&mut rng, 10);
    }
    assert!(chosen.iter().all(|times| (90..=110).contains(times)), "{chosen:?}");
}

#[test]
fn order_of_adding_is_not_the_order_of_use() {
    let mut first = vec![0_u32; 10];
    for seed in 0..2_000 {
        let orders = list(&mut Turns::default(), &mut Rng::new(seed), 10);
        first[next(&orders)] += 1;
    }
    assert!(first.iter().all(|times| (100..=350).contains(times)), "{first:?}");
}

#[test]
fn place_is_behind_the_count_by_half_the_list_at_most() {
    let mut rng = Rng::new(1);
    let mut turns = Turns { pushed: 100 };
    for pushed in 101..1_101 {
        let order = turns.next(&mut rng, 7);
        assert!((pushed..=pushed + 3).contains(&order));
    }
    assert_eq!(turns.add(&mut rng, 0).swap_with, 0);
}
