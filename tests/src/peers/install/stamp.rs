use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use crate::peers::Error;

/// A text that changes when an input file or the version of the tool does.
pub(super) fn of(files: &[PathBuf], version: &str) -> Result<String, Error> {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    for file in files {
        fs::read(file).map_err(Error::files("read", file))?.hash(&mut hasher);
    }
    Ok(format!("{:016x} {version}\n", hasher.finish()))
}
