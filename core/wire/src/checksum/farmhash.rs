//! FarmHash Fingerprint32, as tchannel-node sums with it.
#![allow(clippy::many_single_char_names, reason = "the algorithm is written down with these names")]

/// Fingerprint32 of `bytes`.
pub fn fingerprint32(bytes: &[u8]) -> u32 {
    match bytes.len() {
        0..=4 => up_to_4(bytes),
        5..=12 => up_to_12(bytes),
        13..=24 => up_to_24(bytes),
        _ => longer(bytes),
    }
}

fn up_to_4(bytes: &[u8]) -> u32 {
    let (mut b, mut c) = (0_u32, 9_u32);
    for &byte in bytes {
        let signed = i32::from(byte.cast_signed()).cast_unsigned();
        b = b.wrapping_mul(C1).wrapping_add(signed);
        c ^= b;
    }
    fmix(mur(b, mur(len32(bytes), c)))
}

fn up_to_12(bytes: &[u8]) -> u32 {
    let n = len32(bytes);
    let a = n.wrapping_add(le(bytes, 0));
    let b = n.wrapping_mul(5).wrapping_add(le(bytes, bytes.len() - 4));
    let c = le(bytes, (bytes.len() >> 1) & 4).wrapping_add(9);
    fmix(mur(c, mur(b, mur(a, n.wrapping_mul(5)))))
}

fn up_to_24(bytes: &[u8]) -> u32 {
    let n = bytes.len();
    let mut a = le(bytes, (n >> 1) - 4);
    let b = le(bytes, 4);
    let c = le(bytes, n - 8);
    let d = le(bytes, n >> 1);
    let e = le(bytes, 0);
    let f = le(bytes, n - 4);
    let mut h = d.wrapping_mul(C1).wrapping_add(len32(bytes));
    a = a.rotate_right(12).wrapping_add(f);
    h = mur(c, h).wrapping_add(a);
    a = a.rotate_right(3).wrapping_add(c);
    h = mur(e, h).wrapping_add(a);
    a = a.wrapping_add(f).rotate_right(12).wrapping_add(d);
    h = mur(b, h).wrapping_add(a);
    fmix(h)
}

fn longer(bytes: &[u8]) -> u32 {
    let n = bytes.len();
    let tail = |back: usize| le(bytes, n - back).wrapping_mul(C1).rotate_right(17).wrapping_mul(C2);
    let mut h = len32(bytes);
    let mut g = h.wrapping_mul(C1);
    let mut f = g;
    h = step(step(h ^ tail(4)) ^ tail(16));
    g = step(step(g ^ tail(8)) ^ tail(12));
    f = f.wrapping_add(tail(20)).rotate_right(19).wrapping_add(113);
    // The last block, whole or not, is what the tail above has covered.
    for block in bytes[..n - 1].chunks_exact(20) {
        let (a, b, c, d, e) = (le(block, 0), le(block, 4), le(block, 8), le(block, 12), le(block, 16));
        h = h.wrapping_add(a);
        g = g.wrapping_add(b);
        f = f.wrapping_add(c);
        h = mur(d, h).wrapping_add(e);
        g = mur(c, g).wrapping_add(a);
        f = mur(e.wrapping_mul(C1).wrapping_add(b), f).wrapping_add(d);
        f = f.wrapping_add(g);
        g = g.wrapping_add(f);
    }
    g = g.rotate_right(11).wrapping_mul(C1).rotate_right(17).wrapping_mul(C1);
    f = f.rotate_right(11).wrapping_mul(C1).rotate_right(17).wrapping_mul(C1);
    h = step(h.wrapping_add(g)).rotate_right(17).wrapping_mul(C1);
    step(h.wrapping_add(f)).rotate_right(17).wrapping_mul(C1)
}

fn mur(a: u32, h: u32) -> u32 {
    step(h ^ a.wrapping_mul(C1).rotate_right(17).wrapping_mul(C2))
}

fn step(h: u32) -> u32 {
    h.rotate_right(19).wrapping_mul(5).wrapping_add(C3)
}

fn fmix(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85EB_CA6B);
    h ^= h >> 13;
    h = h.wrapping_mul(0xC2B2_AE35);
    h ^ (h >> 16)
}

/// Four bytes at `at`, little-endian; 0 past the end, which the callers never ask for.
fn le(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |four| u32::from_le_bytes(*four))
}

/// The length modulo 2^32, as all arithmetic here.
fn len32(bytes: &[u8]) -> u32 {
    let [.., a, b, c, d] = bytes.len().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

const C1: u32 = 0xCC9E_2D51;
const C2: u32 = 0x1B87_3593;
const C3: u32 = 0xE654_6B64;

#[cfg(test)]
mod tests;
