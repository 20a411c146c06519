//! Argument bytes that tell where they belong: each position of each argument has its own expected byte.

use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};

use crate::source::{Rng, Source};

/// A prime, so that no frame, chunk or buffer size hides a shift.
const PERIOD: usize = 65_521;

/// Two periods of noise: any slice up to one period is contiguous.
static NOISE: LazyLock<Bytes> = LazyLock::new(|| {
    let period = Rng::new(0).run(PERIOD);
    let mut noise = BytesMut::with_capacity(2 * PERIOD);
    noise.extend_from_slice(&period);
    noise.extend_from_slice(&period);
    noise.freeze()
});

fn offset(salt: usize, at: usize) -> usize {
    salt.wrapping_mul(7_919).wrapping_add(at) % PERIOD
}

/// `len` bytes from position `at` of the argument that `salt` stands for. Shares memory up to 64 KiB.
pub fn bytes(salt: usize, at: usize, len: usize) -> Bytes {
    if len <= PERIOD {
        let from = offset(salt, at);
        return NOISE.slice(from..from + len);
    }
    let mut joined = BytesMut::with_capacity(len);
    for piece in pieces(salt, at, len) {
        joined.extend_from_slice(&piece);
    }
    joined.freeze()
}

/// The same bytes in pieces that share memory.
pub fn pieces(salt: usize, at: usize, len: usize) -> impl Iterator<Item = Bytes> {
    let whole = (0..len / PERIOD).map(move |n| bytes(salt, at + n * PERIOD, PERIOD));
    let rest = len % PERIOD;
    whole.chain((rest > 0).then(|| bytes(salt, at + len - rest, rest)))
}

/// Whether `found` is what stands at position `at`.
pub fn matches(salt: usize, at: usize, found: &[u8]) -> bool {
    found.chunks(PERIOD).enumerate().all(|(n, piece)| {
        let from = offset(salt, at + n * PERIOD);
        NOISE[from..from + piece.len()] == *piece
    })
}

/// A quick digest of bytes, for traces: not for anything that an adversary sees.
pub fn digest(bytes: &[u8]) -> u64 {
    let mut state = 0xCBF2_9CE4_8422_2325_u64 ^ u64::try_from(bytes.len()).unwrap_or(0);
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        state = (state ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
    for byte in words.remainder() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    }
    state ^ (state >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_whole() {
        for len in [0, 1, PERIOD - 1, PERIOD, PERIOD + 1, 3 * PERIOD + 5] {
            let joined: Vec<u8> = pieces(3, 17, len).flatten().collect();
            assert_eq!(joined, bytes(3, 17, len));
            assert!(matches(3, 17, &joined), "{len}");
        }
    }

    #[test]
    fn another_place_or_argument_does_not_match() {
        let found = bytes(3, 17, 40);
        assert!(!matches(3, 18, &found));
        assert!(!matches(4, 17, &found));
    }

    #[test]
    fn the_digest_sees_every_byte_and_the_length() {
        assert_ne!(digest(&[0; 9]), digest(&[0; 10]));
        assert_ne!(digest(b"12345678a"), digest(b"12345678b"));
        assert_ne!(digest(b"a2345678"), digest(b"b2345678"));
    }
}
