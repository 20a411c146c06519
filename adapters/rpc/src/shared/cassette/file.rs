//! The file of a cassette: read once, and replaced as a whole.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;

use super::CassetteError;
use crate::shared::lock;

/// A file, and what was in it when it was read.
#[derive(Debug)]
pub(super) struct CassetteFile {
    path: PathBuf,
    /// `None`: there was no file.
    text: Option<String>,
}

impl CassetteFile {
    pub(super) fn read(path: PathBuf) -> Result<Self, CassetteError> {
        match text_of(&path) {
            Ok(text) => Ok(CassetteFile { path, text }),
            Err(error) => Err(CassetteError::Read { path, error }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Puts another text into it: all of it, or nothing. Leaves a file alone that was written since it was read.
    pub(super) fn replace(&self, text: &str) -> Result<(), CassetteError> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = lock(&ONE_AT_A_TIME);
        let failed = |error| CassetteError::Write { path: self.path.clone(), error };
        let now = text_of(&self.path).map_err(failed)?;
        if now.is_some() && now != self.text {
            return Err(CassetteError::Changed { path: self.path.clone() });
        }
        replace(&self.path, text).map_err(failed)
    }
}

fn text_of(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes beside the file first: whoever looks, or goes on after a crash, finds the old text or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one, and what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let permissions = fs::metadata(&path).ok().map(|metadata| metadata.permissions());
    if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
    }
    let mut beside = OsString::from(&path);
    beside.push(format!(".{}.new", process::id()));
    let written = fs::write(&beside, text)
        .and_then(|()| permissions.map_or(Ok(()), |permissions| fs::set_permissions(&beside, permissions)))
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // Whether it is there or not, the first error is the one that matters.
        let _ = fs::remove_file(&beside);
    }
    written
}
