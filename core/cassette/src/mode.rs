//! When a cassette replays and when it records.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// What a cassette may do with a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RecordMode {
    /// Records into a file that is not there yet, replays one that is. What a test wants.
    #[default]
    Once,
    /// Replays what the file has, and records the rest.
    NewEpisodes,
    /// Replays what the file has, and refuses the rest.
    None,
    /// Replays nothing, records all, and forgets what the file had.
    All,
}

impl RecordMode {
    const ALL_MODES: [Self; 4] = [Self::Once, Self::NewEpisodes, Self::None, Self::All];

    /// Its name, as tchannel-python has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::NewEpisodes => "new_episodes",
            Self::None => "none",
            Self::All => "all",
        }
    }

    pub(crate) const fn replays(self) -> bool {
        match self {
            Self::Once | Self::NewEpisodes | Self::None => true,
            Self::All => false,
        }
    }

    /// `existed`: there was a file, even an empty one.
    pub(crate) const fn records(self, existed: bool) -> bool {
        match self {
            Self::Once => !existed,
            Self::NewEpisodes | Self::All => true,
            Self::None => false,
        }
    }

    pub(crate) const fn keeps_unplayed(self) -> bool {
        match self {
            Self::Once | Self::NewEpisodes | Self::None => true,
            Self::All => false,
        }
    }
}

impl fmt::Display for RecordMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads a name in any case.
impl FromStr for RecordMode {
    type Err = UnknownRecordMode;

    fn from_str(name: &str) -> Result<Self, UnknownRecordMode> {
        let found = Self::ALL_MODES.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownRecordMode { name: name.chars().take(32).collect() })
    }
}

/// A name that no record mode has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{name:?} is no record mode; choose once, new_episodes, none or all")]
pub struct UnknownRecordMode {
    /// Its beginning.
    name: String,
}

#[cfg(test)]
mod tests;
