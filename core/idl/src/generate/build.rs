//! Generation from a build script.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::Generator;
use crate::{Error, Idl};

/// Why a build script has no source to offer.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The IDL cannot be used.
    #[error(transparent)]
    Idl(#[from] Error),
    /// Not called from a build script.
    #[error("OUT_DIR is not set: call this from build.rs, or use Generator and write the text yourself")]
    NoOutDir,
    /// The text cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Called from `build.rs`, writes what a Thrift file defines to `OUT_DIR/NAME.rs`, where `NAME.thrift` is the file.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     tchannel_idl::generate::build("idl/keyvalue.thrift")?;
///     Ok(())
/// }
/// ```
///
/// The crate takes the modules up by `include!(concat!(env!("OUT_DIR"), "/keyvalue.rs"));`. The script runs again when
/// one of the files changes.
pub fn build(path: impl AsRef<Path>) -> Result<PathBuf, BuildError> {
    Generator::new().build(path)
}

impl Generator {
    /// Called from `build.rs`, writes what a Thrift file defines to `OUT_DIR/NAME.rs`; tells where that is.
    pub fn build(&self, path: impl AsRef<Path>) -> Result<PathBuf, BuildError> {
        let directory = env::var_os("OUT_DIR").ok_or(BuildError::NoOutDir)?;
        self.build_to(path.as_ref(), Path::new(&directory), &mut io::stdout())
    }

    /// Writes the source to a directory, and the orders for cargo to `cargo`.
    fn build_to(
        &self,
        path: &Path,
        directory: &Path,
        cargo: &mut dyn io::Write,
    ) -> Result<PathBuf, BuildError> {
        let idl = Idl::load(path)?;
        let stem = idl.definitions().files.first().map_or("idl", |file| file.stem());
        let out = directory.join(format!("{stem}.rs"));
        let mut orders = idl.files().map(|(file, _)| format!("cargo::rerun-if-changed={file}"));
        fs::write(&out, self.generate(&idl))
            .and_then(|()| orders.try_for_each(|order| writeln!(cargo, "{order}")))
            .map_err(|source| BuildError::Write { path: out.clone(), source })?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
