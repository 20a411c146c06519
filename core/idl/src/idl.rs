//! A file with its includes, ready to be used.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::Error;
use crate::model::Definitions;
use crate::resolve::{MAX_TEXT, resolve};

/// A Thrift file and all that it includes, with every name resolved. Cheap to clone.
///
/// Bounded, so that a file from anywhere may be tried: at most 4 MiB of text in 1,000 files, 64 levels of nesting, 2^20
/// values in constants.
#[derive(Debug, Clone)]
pub struct Idl(Arc<Definitions>);

impl Idl {
    /// Parses one text that includes nothing. It is called `source` in errors.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with("source", |path| match path {
            "source" => Ok(text.into()),
            _ => Err(io::Error::other("a text without a name cannot include files")),
        })
    }

    /// Parses the file `entry` of these files, by their names: what a server's `Meta::thriftIDL` answers. Includes are
    /// relative to the file that includes them.
    pub fn parse_files(entry: &str, files: &BTreeMap<String, String>) -> Result<Self, Error> {
        Self::parse_with(entry, |path| {
            files.get(path).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
        })
    }

    /// Reads and parses a file, and what it includes.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::parse_with(&path.as_ref().to_string_lossy(), |path| {
            let mut text = String::new();
            // One byte more than is allowed is enough to see that it is too much.
            File::open(path)?
                .take(u64::try_from(MAX_TEXT).unwrap_or(u64::MAX) + 1)
                .read_to_string(&mut text)?;
            Ok(text)
        })
    }

    /// Parses `entry` and what it includes; `read` gives the text of each file, asked once for each. Paths are those of
    /// the includes, relative to where `entry` is, with `/` between their parts.
    pub fn parse_with(entry: &str, mut read: impl FnMut(&str) -> io::Result<String>) -> Result<Self, Error> {
        resolve(entry, &mut read).map(|definitions| Self(Arc::new(definitions)))
    }

    /// What it defines.
    pub fn definitions(&self) -> &Definitions {
        &self.0
    }

    /// The names and texts of all files, the one that was asked for first.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.files.iter().map(|file| (&*file.name, &*file.text))
    }
}
