//! From trees to definitions: files are found, names are looked up, constants are worked out.
//!
//! ```text
//!  load: files ──→ names: what each file defines ──→ types, services ──→ constants and defaults ──→ order
//! ```

mod files;
mod fold;
mod names;
mod services;
mod types;

use std::io;
use std::sync::Arc;

use crate::model::{Definitions, File, FileId};
use crate::syntax::tree::{self, Body};
use crate::{Error, Fault, Position};

use self::files::Loaded;
use self::names::Names;

pub(crate) use files::MAX_TEXT;
#[cfg(feature = "generate")]
pub(crate) use files::normal;

/// Reads a file and all that it includes, and resolves every name in them. `read` gives the text of a path.
pub(crate) fn resolve(
    entry: &str,
    read: &mut dyn FnMut(&str) -> io::Result<String>,
) -> Result<Definitions, Error> {
    let loaded = files::load(entry, read)?;
    let mut known = Definitions::default();
    let mut names = Names::default();
    for (at, file) in loaded.iter().enumerate() {
        names.declare(FileId(at), file)?;
    }
    for file in &loaded {
        known.files.push(File {
            name: Arc::clone(&file.name),
            text: Arc::clone(&file.text),
            items: Vec::new(),
        });
    }
    types::define(&loaded, &names, &mut known)?;
    services::define(&loaded, &names, &mut known)?;
    fold::define(&loaded, &names, &mut known)?;
    known.find_order();
    Ok(known)
}
