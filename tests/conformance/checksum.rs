//! The two chained checksums, bit by bit, so that what the core sends is judged by something else than the core.

/// Checksum of `bytes` that goes on from `running`; `None` for a kind that is never sent.
pub(crate) fn update(kind: u8, running: u32, bytes: &[u8]) -> Option<u32> {
    match kind {
        0 => Some(0),
        1 => Some(crc(0xEDB8_8320, running, bytes)),
        3 => Some(crc(0x82F6_3B78, running, bytes)),
        _ => None,
    }
}

fn crc(polynomial: u32, running: u32, bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|byte| {
        let start = u32::try_from(byte).unwrap_or(0);
        (0..8).fold(start, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 })
    });
    !bytes.iter().fold(!running, |crc, &byte| (crc >> 8) ^ table[usize::from(crc.to_le_bytes()[0] ^ byte)])
}

#[test]
fn the_values_are_those_of_the_specification() {
    assert_eq!(update(1, 0, b"123456789"), Some(0xcbf4_3926));
    assert_eq!(update(3, 0, b"123456789"), Some(0xe306_9283));
    assert_eq!(update(3, 0x4c2d_6aa4, b"adhello"), Some(0x0f23_aa00));
}
