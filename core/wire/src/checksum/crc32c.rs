//! CRC-32C: a table for short input and for builds without `std`, crc-fast for the rest.

/// Continues the checksum of everything before with `bytes`.
#[inline]
pub(super) fn update(running: u32, bytes: &[u8]) -> u32 {
    if bytes.is_empty() {
        return running;
    }
    #[cfg(feature = "std")]
    if bytes.len() > SHORT {
        return accelerated(running, bytes);
    }
    sliced(running, bytes)
}

#[cfg(feature = "std")]
fn accelerated(running: u32, bytes: &[u8]) -> u32 {
    use crc_fast::{CrcAlgorithm, Digest};
    if running == 0 {
        return crc_fast::crc32_iscsi(bytes);
    }
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc32Iscsi, u64::from(!running));
    digest.update(bytes);
    u32::try_from(digest.finalize()).expect("a 32-bit checksum fits 32 bits")
}

/// Eight bytes at a time, then four, then one.
fn sliced(running: u32, bytes: &[u8]) -> u32 {
    let (blocks, mut rest) = bytes.as_chunks::<8>();
    let mut crc = !running;
    for &[b0, b1, b2, b3, b4, b5, b6, b7] in blocks {
        let [c0, c1, c2, c3] = crc.to_le_bytes();
        crc = look(7, b0 ^ c0)
            ^ look(6, b1 ^ c1)
            ^ look(5, b2 ^ c2)
            ^ look(4, b3 ^ c3)
            ^ look(3, b4)
            ^ look(2, b5)
            ^ look(1, b6)
            ^ look(0, b7);
    }
    if let Some((&[b0, b1, b2, b3], behind)) = rest.split_first_chunk::<4>() {
        let [c0, c1, c2, c3] = crc.to_le_bytes();
        crc = look(3, b0 ^ c0) ^ look(2, b1 ^ c1) ^ look(1, b2 ^ c2) ^ look(0, b3 ^ c3);
        rest = behind;
    }
    for &byte in rest {
        let [low, ..] = crc.to_le_bytes();
        crc = look(0, byte ^ low) ^ (crc >> 8);
    }
    !crc
}

#[inline]
fn look(zeros_behind: usize, byte: u8) -> u32 {
    TABLES[zeros_behind][usize::from(byte)]
}

/// `TABLES[n][b]` is the state after byte `b` and `n` zero bytes, from state 0.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut index = 0;
    let mut state = 0;
    while index < 256 {
        tables[0][index] = after_zero_byte(state);
        let mut level = 1;
        while level < 8 {
            tables[level][index] = after_zero_byte(tables[level - 1][index]);
            level += 1;
        }
        index += 1;
        state += 1;
    }
    tables
}

const fn after_zero_byte(mut state: u32) -> u32 {
    let mut bit = 0;
    while bit < 8 {
        state = if state & 1 == 0 { state >> 1 } else { (state >> 1) ^ POLYNOMIAL };
        bit += 1;
    }
    state
}

/// Castagnoli's polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// Bytes up to which the table, at 4 instructions a byte, is cheaper than setting up crc-fast, at 100 to 150.
#[cfg(feature = "std")]
const SHORT: usize = 32;

#[cfg(test)]
mod tests;
