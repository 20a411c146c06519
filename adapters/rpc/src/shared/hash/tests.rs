use std::collections::HashSet;
use std::hash::Hasher;

use super::{Fnv, seed};

#[test]
fn seeds_differ() {
    let seeds: HashSet<_> = (0..100).map(|_| seed()).collect();
    assert_eq!(seeds.len(), 100);
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
