use alloc::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const TERM: Duration = Duration::from_millis(1);

#[test]
fn call_replaces_a_skip_entry_and_outlives_its_end() {
    let mut table = IncomingTable::new(7);
    table.skip(9, Timestamp::from_millis(1), 10);
    assert_eq!(table.place(9), Place::Skip);
    let (at, _) = table.insert(9);
    table.forget_old(Timestamp::MAX, TERM);
    assert_eq!(table.place(9), Place::Call(at));
}

#[test]
fn newer_skip_entry_outlives_the_end_of_an_older_one() {
    let mut table = IncomingTable::new(7);
    table.skip(9, Timestamp::from_millis(1), 10);
    table.end_skip(9);
    table.skip(9, Timestamp::from_millis(2), 10);
    table.forget_old(Timestamp::from_millis(1), TERM);
    assert_eq!(table.place(9), Place::Skip);
    table.forget_old(Timestamp::from_millis(2), TERM);
    assert_eq!(table.place(9), Place::Nothing);
}

#[test]
fn skip_entry_whose_frames_still_come_stays_for_another_term() {
    let mut table = IncomingTable::new(7);
    table.skip(9, Timestamp::from_millis(1), 10);
    table.renew(9);
    table.forget_old(Timestamp::from_millis(2), TERM);
    assert_eq!(table.place(9), Place::Skip);
    table.forget_old(Timestamp::from_millis(3), TERM);
    assert_eq!((table.place(9), table.tombstones()), (Place::Nothing, 0));
}

#[test]
fn oldest_skip_entry_goes_past_the_limit() {
    let mut table = IncomingTable::new(7);
    for id in 0..3 {
        table.skip(id, Timestamp::MAX, 2);
    }
    assert_eq!(table.place(0), Place::Nothing);
    assert_eq!((table.place(1), table.place(2)), (Place::Skip, Place::Skip));
}

/// How far 8,000 calls are from their home slots: all together, and the farthest.
fn spread(seed: u64, step: u32) -> (usize, usize) {
    let mut table = IncomingTable::new(seed);
    let ids: Vec<u32> = (1..=8_000_u32).map(|n| n.wrapping_mul(step)).collect();
    for id in &ids {
        table.insert(*id);
    }
    let mask = table.slots.len() - 1;
    let away = |id: u32| table.find(id).unwrap().wrapping_sub(table.home(id)) & mask;
    (ids.iter().map(|id| away(*id)).sum(), ids.iter().map(|id| away(*id)).max().unwrap())
}

#[test]
fn every_seed_spreads_the_ids_that_peers_count_up() {
    for seed in [0, 1, 7, 1 << 32, 1 << 62, 1 << 63, u64::MAX, 12_345] {
        for step in [1, 2, 3, 1 << 8, 1 << 16, 0x0001_0001] {
            let (all, far) = spread(seed, step);
            assert!(
                all < 16 * 8_000 && far < 64,
                "seed {seed}, step {step}: {all} in all, {far} at the most"
            );
        }
    }
}

proptest! {
    #[test]
    fn table_agrees_with_a_map(seed: u64, steps in prop::collection::vec((any::<bool>(), 0_u32..40), 0..400)) {
        let mut table = IncomingTable::new(seed);
        let mut model = BTreeMap::new();
        for (add, id) in steps {
            let id = id * 0x0400_0001;
            match (add, model.get(&id).copied()) {
                (true, None) => {
                    model.insert(id, table.insert(id).0);
                }
                (false, Some(at)) => {
                    table.remove(at);
                    model.remove(&id);
                }
                (true, Some(_)) | (false, None) => {}
            }
            for id in (0..40).map(|id| id * 0x0400_0001) {
                let expected = model.get(&id).map_or(Place::Nothing, |at| Place::Call(*at));
                prop_assert_eq!(table.place(id), expected);
            }
        }
        prop_assert_eq!(table.len(), model.len());
    }
}
