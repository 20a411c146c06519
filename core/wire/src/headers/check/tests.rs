use alloc::{format, string::String, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{headers::header_keys, worked::hex};

fn checked(block: &[u8]) -> Result<usize, Malformed> {
    let mut cursor = Cursor::new(block);
    let read = check(&mut cursor)?;
    assert_eq!(read.len(), cursor.at());
    Ok(read.len())
}

/// A block of keys with empty values, without any check.
fn block<K: AsRef<[u8]>>(keys: &[K]) -> Vec<u8> {
    let mut block = alloc::vec![u8::try_from(keys.len()).unwrap()];
    for key in keys {
        block.push(u8::try_from(key.as_ref().len()).unwrap());
        block.extend_from_slice(key.as_ref());
        block.push(0);
    }
    block
}

fn fault(field: Field, offset: usize, problem: Problem) -> Result<usize, Malformed> {
    Err(Malformed::new(field, offset, problem))
}

#[test]
fn worked_block_is_good() {
    assert_eq!(checked(&hex("01 03 636964 02 6869")), Ok(8));
    assert_eq!(checked(&[0]), Ok(1));
    assert_eq!(checked(&hex("01 03 636964 02 6869 ffff")), Ok(8), "what follows is not looked at");
}

#[test]
fn truncated_block_is_refused_at_every_length() {
    let whole = hex("02 02 636e 04 64656d6f 02 6173 03 726177");
    for len in 0..whole.len() {
        let malformed = checked(&whole[..len]).unwrap_err();
        assert!(matches!(malformed.problem, Problem::Truncated { .. }), "{len}: {malformed}");
    }
}

#[test]
fn up_to_128_headers_are_accepted() {
    let keys: Vec<String> = (0..129).map(|n| format!("key{n}")).collect();
    assert!(checked(&block(&keys[..128])).is_ok());
    let problem = Problem::OutOfRange { value: 129, min: 0, max: 128 };
    assert_eq!(checked(&block(&keys)), fault(Field::HeaderCount, 0, problem));
    assert_eq!(checked(&[129]), fault(Field::HeaderCount, 0, problem), "whatever follows");
}

#[test]
fn keys_have_1_to_16_bytes() {
    assert!(checked(&block(&["k"])).is_ok());
    assert!(checked(&block(&["sixteen-bytes-16"])).is_ok());
    assert_eq!(checked(&block(&["a", ""])), fault(Field::HeaderKey, 4, Problem::Empty));
    let problem = Problem::TooLong { len: 17, limit: 16 };
    assert_eq!(checked(&block(&["seventeen-bytes-1"])), fault(Field::HeaderKey, 1, problem));
}

#[test]
fn value_of_255_bytes_is_accepted() {
    let mut block = hex("01 01 6b ff");
    block.resize(4 + 255, b'v');
    assert_eq!(checked(&block), Ok(259));
}

#[test]
fn key_and_value_must_be_utf8() {
    assert_eq!(checked(&hex("01 02 c3a9 02 c3a9")), Ok(7));
    assert_eq!(checked(&hex("02 01 6b 00 01 ff 01 76")), fault(Field::HeaderKey, 4, Problem::NotUtf8));
    assert_eq!(checked(&hex("02 01 6b 00 01 6c 02 76c3")), fault(Field::HeaderValue, 6, Problem::NotUtf8));
}

#[test]
fn duplicate_key_is_found_anywhere_among_128() {
    let mut keys: Vec<String> = (0..127).map(|n| format!("key{n}")).collect();
    keys.push("key5".into());
    // 1 for the count, 6 for each of 10 keys, 7 for each of 90, 8 for each of 27.
    assert_eq!(checked(&block(&keys)), fault(Field::HeaderKey, 1 + 60 + 630 + 216, Problem::Duplicate));
    assert_eq!(checked(&block(&["as", "cn", "as"])), fault(Field::HeaderKey, 9, Problem::Duplicate));
}

#[test]
fn keys_that_differ_in_zero_bytes_at_the_end_are_distinct() {
    let keys = [b"a".as_slice(), b"a\0", b"a\0\0", b"\0", b"\0\0"];
    assert!(checked(&block(&keys)).is_ok());
    assert_eq!(duplicate(&block(&keys)), None);
}

#[test]
fn keys_with_the_same_hash_are_not_duplicates() {
    let keys = ["axxz", "ayyz", "azzz", "awwz"];
    assert_eq!(hash(keys[0].as_bytes()), hash(keys[1].as_bytes()));
    assert!(checked(&block(&keys)).is_ok());
}

#[test]
fn keys_of_the_protocol_raise_no_suspicion() {
    let mut filter = KeyFilter::default();
    for key in [
        header_keys::SCHEME,
        header_keys::CALLER,
        header_keys::RETRY,
        header_keys::SHARD_KEY,
        header_keys::ROUTING_DELEGATE,
        header_keys::ROUTING_KEY,
        header_keys::FAILURE_DOMAIN,
        header_keys::SPECULATIVE,
        header_keys::CLAIM_AT_START,
        header_keys::CLAIM_AT_FINISH,
        "shardKey",
    ] {
        filter.insert(key.as_bytes());
        assert!(!filter.is_suspicious(), "{key}");
    }
}

#[test]
fn the_same_key_twice_always_raises_suspicion() {
    for first in 0..=255 {
        let mut filter = KeyFilter::default();
        filter.insert(&[first, 1]);
        assert!(!filter.is_suspicious());
        filter.insert(&[first, 1]);
        assert!(filter.is_suspicious());
    }
}

proptest! {
    #[test]
    fn short_way_and_long_way_agree(
        keys in prop::collection::vec(("[a-cé\0]{0,3}|[a-z]{14,17}", "[a-é]{0,3}"), 0..6),
        count in prop::option::of(any::<u8>()),
        end in any::<prop::sample::Index>(),
    ) {
        let mut block = alloc::vec![count.unwrap_or(u8::try_from(keys.len()).unwrap())];
        for (key, value) in keys {
            for text in [key, value] {
                block.push(u8::try_from(text.len()).unwrap());
                block.extend_from_slice(text.as_bytes());
            }
        }
        for bytes in [&block[..], &block[..end.index(block.len())]] {
            let mut long = Cursor::new(bytes);
            let long = check_closely(&mut long).map(<[u8]>::len);
            if let Some(len) = plain(bytes, 0) {
                prop_assert_eq!(long, Ok(len));
            }
            prop_assert_eq!(checked(bytes), long);
        }
    }
}
