use alloc::vec::Vec;

use super::*;
use crate::worked::hex;

fn chunks(text: &str) -> Result<Chunks, Malformed> {
    Chunks::decode(hex(text).into())
}

#[test]
fn chunks_are_slices_of_the_frame() {
    let bytes = Bytes::from(hex("0004 6563686f 0000 0001 78"));
    let chunks = Chunks::decode(bytes.clone()).unwrap();
    assert_eq!(chunks.iter().collect::<Vec<_>>(), ["echo", "", "x"]);
    assert_eq!(chunks.iter_slices().collect::<Vec<_>>(), [b"echo".as_slice(), b"", b"x"]);
    assert_eq!((chunks.count(), chunks.total_len()), (3, 5));
    assert_eq!(chunks.as_bytes(), &bytes);
    assert_eq!(chunks.iter().next().unwrap().as_ptr(), bytes.as_ptr().wrapping_add(2));
}

#[test]
fn encoding_gives_the_same_bytes() {
    let encoded = Chunks::encode(["echo", "", "x"]).unwrap();
    assert_eq!(encoded, chunks("0004 6563686f 0000 0001 78").unwrap());
}

#[test]
fn no_chunk_at_all_is_refused_both_ways() {
    let missing = Malformed::new(Field::Chunk, 0, Problem::Missing);
    assert_eq!(chunks(""), Err(missing));
    assert_eq!(Chunks::encode::<&[u8]>([]), Err(EncodeError::NoChunks));
}

#[test]
fn one_spare_byte_is_too_short_for_a_length() {
    let short = Malformed::new(Field::Chunk, 3, Problem::Truncated { needed: 2, left: 1 });
    assert_eq!(chunks("0001 78 00"), Err(short));
}

#[test]
fn chunk_longer_than_the_frame_is_truncated() {
    let short = Malformed::new(Field::Chunk, 5, Problem::Truncated { needed: 65_535, left: 3 });
    assert_eq!(chunks("0001 78 ffff 010203"), Err(short));
}

#[test]
fn chunks_longer_than_any_body_are_refused() {
    let half = alloc::vec![0; 32_760];
    let whole = alloc::vec![0; MAX_BODY - 2];
    assert!(Chunks::encode([&whole]).is_ok());
    let size = 2 * 32_762;
    assert_eq!(Chunks::encode([&half, &half]), Err(EncodeError::FrameSize { size }));
    let huge = alloc::vec![0; 70_000];
    assert_eq!(Chunks::encode([&huge]), Err(EncodeError::FrameSize { size: 70_002 }));
}

#[test]
fn checksum_runs_over_the_bytes_of_all_chunks() {
    let args = Chunks::encode(["echo", "head", "hello world"]).unwrap();
    assert_eq!(args.checksum(ChecksumKind::Crc32c, 0), 0x9FEF_EEA0);
    assert_eq!(args.checksum(ChecksumKind::Crc32, 0), 0xBB28_A513);
    assert_eq!(args.checksum(ChecksumKind::None, 0), 0);
}

#[test]
fn farmhash_is_that_of_the_last_chunk_whatever_came_before() {
    let args = Chunks::encode(["echo", "head", "hello world"]).unwrap();
    for seed in [0, 0xDEAD_BEEF] {
        assert_eq!(args.checksum(ChecksumKind::FarmHash, seed), 0x19A7_581A);
    }
}

#[test]
fn empty_chunks_repeat_the_running_value() {
    let empty = Chunks::encode(["", "", ""]).unwrap();
    for kind in [ChecksumKind::Crc32, ChecksumKind::Crc32c] {
        assert_eq!(empty.checksum(kind, 0x1234_5678), 0x1234_5678);
    }
}

#[test]
fn debug_shows_the_chunks() {
    let shown = alloc::format!("{:?}", Chunks::encode(["echo", "\0"]).unwrap());
    assert_eq!(shown, r#"[b"echo", b"\0"]"#);
}
