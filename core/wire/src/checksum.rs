//! Checksums over argument bytes: four kinds, computed chunk after chunk.

mod crc32c;
mod farmhash;

pub use farmhash::fingerprint32;

use crate::{
    ChunksView,
    cursor::Cursor,
    malformed::{Field, Malformed, Problem},
};

/// How the arguments of a message are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ChecksumKind {
    /// 0: no checksum, and no field for one.
    None,
    /// 1: CRC-32 with the IEEE polynomial, as in zlib.
    Crc32,
    /// 2: FarmHash Fingerprint32 of a frame's last chunk. Accepted, never chosen: only one implementation knows it.
    FarmHash,
    /// 3: CRC-32C, the default.
    #[default]
    Crc32c,
}

impl ChecksumKind {
    /// Names a checksum type byte, if the protocol does.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::None,
            1 => Self::Crc32,
            2 => Self::FarmHash,
            3 => Self::Crc32c,
            _ => return None,
        })
    }

    /// The type byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Crc32 => 1,
            Self::FarmHash => 2,
            Self::Crc32c => 3,
        }
    }

    /// The running value after one more chunk; it starts at 0 with each message.
    ///
    /// The two CRCs continue from `running`, so that the last value of a message is the CRC of all its arguments
    /// together. FarmHash has no seed: its value is that of this chunk alone. Without a checksum `running` stays.
    #[inline]
    pub fn update(self, running: u32, bytes: &[u8]) -> u32 {
        match self {
            Self::None => running,
            Self::Crc32 => crc32(running, bytes),
            Self::FarmHash => fingerprint32(bytes),
            Self::Crc32c => crc32c::update(running, bytes),
        }
    }

    /// Bytes of the value in a frame: 0 or 4.
    pub const fn field_len(self) -> usize {
        match self {
            Self::None => 0,
            Self::Crc32 | Self::FarmHash | Self::Crc32c => 4,
        }
    }

    /// What a request of this kind is answered with: the same, but CRC-32C for FarmHash.
    #[must_use = "gives the kind of the response, changes nothing in place"]
    pub const fn for_response(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Crc32 => Self::Crc32,
            Self::FarmHash | Self::Crc32c => Self::Crc32c,
        }
    }
}

/// The checksum field of a call frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Checksum {
    /// How it is computed.
    pub kind: ChecksumKind,
    /// The value; 0 when there is none.
    pub value: u32,
}

impl Checksum {
    /// Compares with what `chunks` give after `seed`, the running value before this frame (0 for the first frame of a
    /// message). Gives the running value for the next frame.
    #[inline]
    pub fn verify<'a>(self, chunks: impl Into<ChunksView<'a>>, seed: u32) -> Result<u32, Malformed> {
        self.check(chunks.into().checksum(self.kind, seed))
    }

    /// Compares with the running value that was computed over the chunks, and gives it back.
    #[inline]
    pub fn check(self, actual: u32) -> Result<u32, Malformed> {
        if self.kind == ChecksumKind::None || actual == self.value {
            Ok(actual)
        } else {
            Err(self.mismatch(actual))
        }
    }

    #[cold]
    fn mismatch(self, actual: u32) -> Malformed {
        let problem = Problem::Mismatch { expected: self.value, actual, kind: self.kind.byte() };
        Malformed::new(Field::Checksum, 0, problem)
    }

    /// Reads type and value.
    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let at = cursor.at();
        let byte = cursor.u8(Field::ChecksumType)?;
        let Some(kind) = ChecksumKind::from_byte(byte) else {
            return Err(Malformed::new(Field::ChecksumType, at, Problem::Unknown { value: u64::from(byte) }));
        };
        let value = match kind {
            ChecksumKind::None => 0,
            ChecksumKind::Crc32 | ChecksumKind::FarmHash | ChecksumKind::Crc32c => {
                cursor.u32(Field::Checksum)?
            }
        };
        Ok(Self { kind, value })
    }
}

fn crc32(running: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(running);
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests;
