use proptest::prelude::*;

use super::*;

/// The definition, a bit at a time.
fn by_definition(running: u32, bytes: &[u8]) -> u32 {
    let state = bytes.iter().fold(!running, |state, &byte| after_zero_byte(state ^ u32::from(byte)));
    !state
}

#[test]
fn table_starts_with_the_known_entries() {
    assert_eq!(TABLES[0][..4], [0, 0xF26B_8303, 0xE13B_70F7, 0x1350_F3F4]);
    assert_eq!(TABLES[0][128], POLYNOMIAL);
}

#[test]
fn check_value_comes_out_of_every_way() {
    assert_eq!(by_definition(0, b"123456789"), 0xE306_9283);
    assert_eq!(sliced(0, b"123456789"), 0xE306_9283);
    assert_eq!(update(0, b"123456789"), 0xE306_9283);
    #[cfg(feature = "std")]
    assert_eq!(accelerated(0, b"123456789"), 0xE306_9283);
}

#[test]
fn every_length_up_to_300_agrees_with_the_definition() {
    let bytes: alloc::vec::Vec<u8> = (0..300_u32).map(|n| n.wrapping_mul(167).to_le_bytes()[0]).collect();
    for len in 0..=bytes.len() {
        for running in [0, 0x9FEF_EEA0, u32::MAX] {
            let expected = by_definition(running, &bytes[..len]);
            assert_eq!(sliced(running, &bytes[..len]), expected, "{len} bytes by table");
            assert_eq!(update(running, &bytes[..len]), expected, "{len} bytes");
        }
    }
}

proptest! {
    #[test]
    fn large_blocks_agree_with_the_table(
        running: u32,
        bytes in prop::collection::vec(any::<u8>(), 0..70_000),
        skip in 0_usize..9,
    ) {
        let bytes = bytes.get(skip..).unwrap_or_default();
        prop_assert_eq!(update(running, bytes), sliced(running, bytes));
    }
}
