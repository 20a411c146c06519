//! A file, and those that it includes, each once.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use crate::model::{FileId, stem};
use crate::syntax::{self, tree};
use crate::{Error, Fault};

/// A file that was read.
pub(super) struct Loaded {
    pub(super) name: Arc<str>,
    pub(super) text: Arc<str>,
    pub(super) tree: tree::File,
    /// What it calls the files that it includes.
    pub(super) includes: HashMap<String, FileId>,
}

/// Most bytes of all files together: the whole of a large company's IDL is less.
pub(crate) const MAX_TEXT: usize = 4 << 20;

/// Most files.
const MAX_FILES: usize = 1000;

/// Most bytes of a file's path.
const MAX_PATH: usize = 4096;

/// Gives the text of a path.
type Read<'a> = dyn FnMut(&str) -> io::Result<String> + 'a;

/// Reads `entry`, then what it includes, breadth first. Files may include each other.
pub(super) fn load(entry: &str, read: &mut Read<'_>) -> Result<Vec<Loaded>, Error> {
    let mut loader = Loader { read, left: MAX_TEXT, files: Vec::new(), ids: HashMap::new() };
    loader.read(entry, normal(entry)).map_err(|fault| Error::whole(entry, fault))?;
    let mut at = 0;
    while at < loader.files.len() {
        loader.parse(at)?;
        at += 1;
    }
    Ok(loader.files)
}

struct Loader<'a> {
    read: &'a mut Read<'a>,
    left: usize,
    files: Vec<Loaded>,
    /// By their paths.
    ids: HashMap<String, FileId>,
}

impl Loader<'_> {
    fn parse(&mut self, at: usize) -> Result<(), Error> {
        let name = Arc::clone(&self.files[at].name);
        let mut tree = syntax::parse(&name, &self.files[at].text)?;
        for include in std::mem::take(&mut tree.includes) {
            self.include(at, &include).map_err(|fault| Error::new(&name, include.at, fault))?;
        }
        self.files[at].tree = tree;
        Ok(())
    }

    fn include(&mut self, at: usize, include: &tree::Include) -> Result<(), Fault> {
        let path = joined(&self.files[at].name, &include.path)?;
        let alias = include.alias.as_ref().map_or(stem(&path), |alias| &alias.text).to_owned();
        let id = match self.ids.get(&path) {
            Some(id) => *id,
            None => self.read(&path.clone(), path)?,
        };
        let taken = self.files[at].includes.insert(alias.clone(), id);
        if taken.is_some_and(|other| other != id) {
            let by = "; give one an alias, as in `include other \"./file.thrift\"`".into();
            return Err(Fault::Duplicate { what: "name for the included file", name: alias, by });
        }
        Ok(())
    }

    fn read(&mut self, name: &str, path: String) -> Result<FileId, Fault> {
        if self.files.len() == MAX_FILES {
            return Err(Fault::Limit { what: "files", limit: MAX_FILES });
        }
        let unreadable =
            |error: io::Error| Fault::Unreadable { path: name.into(), reason: error.to_string() };
        let text = (self.read)(name).map_err(unreadable)?;
        self.left = self
            .left
            .checked_sub(text.len())
            .ok_or(Fault::Limit { what: "bytes in all files together", limit: MAX_TEXT })?;
        let id = FileId(self.files.len());
        self.ids.insert(path, id);
        let (tree, includes) = (tree::File::default(), HashMap::new());
        self.files.push(Loaded { name: name.into(), text: text.into(), tree, includes });
        Ok(id)
    }
}

/// The path of an included file: relative to the file that includes it.
fn joined(including: &str, path: &str) -> Result<String, Fault> {
    if path.is_empty() || path.starts_with('/') {
        return Err(Fault::expected("a path relative to this file", format!("\"{}\"", path.escape_debug())));
    }
    let directory = including.rsplit_once('/').map_or("", |(directory, _)| directory);
    let root = if including.starts_with('/') { "/" } else { "./" };
    let path = normal(&format!("{root}{directory}/{path}"));
    if path.len() > MAX_PATH {
        return Err(Fault::Limit { what: "bytes in the path of a file", limit: MAX_PATH });
    }
    Ok(path)
}

/// A path without `.`, and with `..` only at its beginning.
pub(crate) fn normal(path: &str) -> String {
    let root = if path.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if !root.is_empty() => {}
            other => parts.push(other),
        }
    }
    format!("{root}{}", parts.join("/"))
}
