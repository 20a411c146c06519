//! Why a cassette cannot be used.

use std::io;
use std::path::PathBuf;

use tchannel_cassette::ParseError;
use thiserror::Error;

/// Why a cassette is not in use, or not saved.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// The file is there, and cannot be read.
    #[error("cannot read the cassette {}: {error}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The file is no cassette.
    #[error("{} is no cassette: {error}", .path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, and where.
        #[source]
        error: ParseError,
    },
    /// The file, or its directory, cannot be written.
    #[error("cannot write the cassette {}: {error}", .path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The file was written since it was read here. What was recorded here is lost, and what it holds now is not.
    #[error(
        "{} was written since it was read, and is left alone: record it with one recorder, which `also_on` puts on more channels",
        .path.display()
    )]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// The channel's calls go through another cassette.
    #[error("the channel {channel:?} has a cassette already: finish that one first")]
    InUse {
        /// The channel's name.
        channel: String,
    },
}
