use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::Chunks;

const KINDS: [ChecksumKind; 4] =
    [ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::FarmHash, ChecksumKind::Crc32c];

#[test]
fn type_bytes_are_0_to_3() {
    for (byte, kind) in (0..).zip(KINDS) {
        assert_eq!((ChecksumKind::from_byte(byte), kind.byte()), (Some(kind), byte));
    }
    for byte in 4..=255 {
        assert_eq!(ChecksumKind::from_byte(byte), None);
    }
}

#[test]
fn values_are_those_of_the_table() {
    let table: [(&str, u32, u32, u32); 4] = [
        ("", 0x0000_0000, 0xDC56_D17A, 0x0000_0000),
        ("a", 0xE8B7_BE43, 0x3C97_3D4D, 0xC1D0_4330),
        ("123456789", 0xCBF4_3926, 0xF88E_CA50, 0xE306_9283),
        ("echo", 0x1704_3032, 0x20FE_CEBD, 0x7CD1_69A6),
    ];
    for (text, crc32, farmhash, crc32c) in table {
        let values = KINDS.map(|kind| kind.update(0, text.as_bytes()));
        assert_eq!(values, [0, crc32, farmhash, crc32c], "{text}");
    }
}

#[test]
fn only_none_has_no_field() {
    assert_eq!(KINDS.map(ChecksumKind::field_len), [0, 4, 4, 4]);
}

#[test]
fn farmhash_is_answered_with_crc32c() {
    let answers = [ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::Crc32c, ChecksumKind::Crc32c];
    assert_eq!(KINDS.map(ChecksumKind::for_response), answers);
}

#[test]
fn worked_fragments_verify_in_a_chain() {
    let frames = [["echo", "he"].as_slice(), &["ad", "hello"], &[" world"]];
    let values = [
        (ChecksumKind::Crc32c, [0x4C2D_6AA4, 0x0F23_AA00, 0x9FEF_EEA0]),
        (ChecksumKind::Crc32, [0x1A8C_155E, 0xB8B9_6F52, 0xBB28_A513]),
        (ChecksumKind::FarmHash, [0x5713_EE94, 0x7996_9366, 0x7250_4B47]),
    ];
    for (kind, values) in values {
        let mut running = 0;
        for (frame, value) in frames.into_iter().zip(values) {
            let chunks = Chunks::encode(frame).unwrap();
            running = Checksum { kind, value }.verify(&chunks, running).unwrap();
            assert_eq!(running, value);
        }
    }
}

#[test]
fn wrong_value_tells_both() {
    let chunks = Chunks::encode(["echo"]).unwrap();
    let checksum = Checksum { kind: ChecksumKind::Crc32, value: 1 };
    let problem = Problem::Mismatch { expected: 1, actual: 0x1704_3032, kind: 1 };
    assert_eq!(checksum.verify(&chunks, 0), Err(Malformed::new(Field::Checksum, 0, problem)));
}

#[test]
fn without_a_checksum_everything_verifies_and_the_running_value_stays() {
    let chunks = Chunks::encode(["echo"]).unwrap();
    assert_eq!(Checksum { kind: ChecksumKind::None, value: 0 }.verify(&chunks, 0), Ok(0));
}

#[test]
fn unknown_type_ends_the_reading() {
    let mut cursor = Cursor::new(&[4, 1, 2, 3, 4]);
    let unknown = Malformed::new(Field::ChecksumType, 0, Problem::Unknown { value: 4 });
    assert_eq!(Checksum::read(&mut cursor), Err(unknown));
}

proptest! {
    #[test]
    fn crcs_do_not_depend_on_where_the_bytes_are_cut(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        for kind in [ChecksumKind::Crc32, ChecksumKind::Crc32c] {
            let parts = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
            let chained = parts.fold(0, |running, part| kind.update(running, part));
            prop_assert_eq!(chained, kind.update(0, &bytes));
        }
    }
}
