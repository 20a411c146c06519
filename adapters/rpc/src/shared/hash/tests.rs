use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};

use super::{Fnv, IdMap, IdState};

#[test]
fn ids_in_a_row_spread_over_every_bit() {
    let state = IdState::default();
    let low: HashSet<_> = (0..1_024_u32).map(|id| state.hash_one(id) % 1_024).collect();
    let high: HashSet<_> = (0..1_024_u32).map(|id| state.hash_one(id) >> 54).collect();
    assert!(low.len() > 512 && high.len() > 512, "{} and {}", low.len(), high.len());
}

#[test]
fn tables_hash_in_ways_of_their_own() {
    let hashes: HashSet<_> = (0..100).map(|_| IdState::default().hash_one(7_u32)).collect();
    assert_eq!(hashes.len(), 100);
}

#[test]
fn a_table_finds_what_was_put_in() {
    let mut map = IdMap::default();
    for id in 0..10_000_u32 {
        map.insert(id * 4_096, id);
    }
    assert!((0..10_000_u32).all(|id| map.get(&(id * 4_096)) == Some(&id)));
}

#[test]
fn names_hash_to_known_values() {
    let hash = |bytes: &[u8]| {
        let mut hash = Fnv::default();
        hash.write(bytes);
        hash.finish()
    };
    assert_eq!(hash(b""), 0xCBF2_9CE4_8422_2325);
    assert_eq!(hash(b"a"), 0xAF63_DC4C_8601_EC8C);
    assert_eq!(hash(b"foobar"), 0x8594_4171_F739_67E8);
}
