//! Where choices come from: a seed or the bytes of a fuzzer, read by the same code.

/// A stream of bytes that choices are made from. All-zero bytes choose the plainest thing everywhere.
pub trait Source {
    /// The next byte.
    fn byte(&mut self) -> u8;

    /// Whether what follows would only be padding.
    fn is_spent(&self) -> bool;

    /// A number of `bytes` bytes, at most eight of them.
    fn number(&mut self, bytes: u32) -> u64 {
        (0..bytes).fold(0, |value, _| value << 8 | u64::from(self.byte()))
    }

    /// A number below `limit`, which is not 0. Takes no more bytes than `limit` needs.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let bits = u64::BITS - limit.saturating_sub(1).leading_zeros();
        usize::try_from(self.number(bits.div_ceil(8)) % limit.max(1)).unwrap_or(0)
    }

    /// True in `of_256` of 256 cases; never for the byte 0.
    fn chance(&mut self, of_256: u8) -> bool {
        self.byte() > u8::MAX - of_256
    }

    /// One of `choices`, which is not empty.
    fn pick<T: Copy>(&mut self, choices: &[T]) -> T
    where
        Self: Sized,
    {
        choices[self.below(choices.len())]
    }

    /// A run of bytes.
    fn run(&mut self, len: usize) -> Vec<u8>
    where
        Self: Sized,
    {
        (0..len).map(|_| self.byte()).collect()
    }
}

/// A small generator (splitmix64): the same bytes for the same seed, on every platform.
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
    word: u64,
    left: u32,
}

impl Rng {
    /// A generator for `seed`; any value will do.
    pub fn new(seed: u64) -> Self {
        Rng { state: seed, word: 0, left: 0 }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Source for Rng {
    fn byte(&mut self) -> u8 {
        if self.left == 0 {
            self.word = self.next_u64();
            self.left = 8;
        }
        self.left -= 1;
        let [byte, ..] = self.word.to_le_bytes();
        self.word >>= 8;
        byte
    }

    fn is_spent(&self) -> bool {
        false
    }
}

/// Choices from given bytes, then zeros.
#[derive(Clone, Debug)]
pub struct Tape<'a> {
    bytes: &'a [u8],
}

impl<'a> Tape<'a> {
    /// Reads `bytes` from their start.
    pub fn new(bytes: &'a [u8]) -> Self {
        Tape { bytes }
    }

    /// What no choice has taken yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Takes up to `len` bytes as they are.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(len.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }
}

impl Source for Tape<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    fn is_spent(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Passes choices on and keeps the bytes that they took: what a fuzzer would have to send for the same choices.
#[derive(Clone, Debug)]
pub struct Recorder<S> {
    source: S,
    taken: Vec<u8>,
}

impl<S: Source> Recorder<S> {
    /// Records what is taken from `source` from here on.
    pub fn new(source: S) -> Self {
        Recorder { source, taken: Vec::new() }
    }

    /// The bytes taken so far.
    pub fn into_taken(self) -> Vec<u8> {
        self.taken
    }
}

impl<S: Source> Source for Recorder<S> {
    fn byte(&mut self) -> u8 {
        let byte = self.source.byte();
        self.taken.push(byte);
        byte
    }

    fn is_spent(&self) -> bool {
        self.source.is_spent()
    }
}

#[cfg(test)]
mod tests;
