use alloc::vec::Vec;

use super::*;
use crate::{
    ChecksumKind, Problem,
    worked::{BOUNDARY, FRAGMENTS, body, hex},
};

#[test]
fn worked_continuations_decode() {
    let part = Continue::decode(&body(FRAGMENTS[1])).unwrap();
    assert!(part.flags.more());
    assert_eq!(part.checksum, Checksum { kind: ChecksumKind::Crc32c, value: 0x0F23_AA00 });
    assert_eq!(part.chunks.iter().collect::<Vec<_>>(), ["ad", "hello"]);
    let last = Continue::decode(&body(BOUNDARY[1])).unwrap();
    assert!(!last.flags.more());
    assert_eq!(last.chunks.iter().collect::<Vec<_>>(), ["", "hello world"]);
}

#[test]
fn continuation_without_a_chunk_is_malformed() {
    let error = Continue::decode(&hex("00 00").into()).unwrap_err();
    assert_eq!(error, Malformed { frame: None, field: Field::Chunk, offset: 2, problem: Problem::Missing });
}

#[test]
fn single_empty_chunk_is_the_end_of_a_stream() {
    let part = Continue::decode(&hex("00 00 0000").into()).unwrap();
    assert_eq!((part.chunks.count(), part.chunks.total_len()), (1, 0));
}
