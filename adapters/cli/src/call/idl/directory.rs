//! A directory of IDL files, of which one has the method.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tchannel_rpc::idl::Idl;
use tchannel_rpc::idl::dynamic::Method;

use crate::exit::Failure;

/// Looks into `SERVICE.thrift` first, then into the others in the order of their names.
pub(super) fn find(directory: &Path, service: &str, endpoint: &str) -> Result<Method, Failure> {
    let files = files(directory, &format!("{service}.thrift"))
        .map_err(|error| Failure::local(format!("cannot read {}: {error}", directory.display())))?;
    if files.is_empty() {
        return Err(Failure::local(format!("{} has no file *.thrift", directory.display())));
    }
    let mut nearest: Option<Miss> = None;
    for file in &files {
        match look(file, endpoint) {
            Ok(method) => return Ok(method),
            Err(miss) if nearest.as_ref().is_none_or(|nearest| miss.near > nearest.near) => {
                nearest = Some(miss);
            }
            Err(_) => {}
        }
    }
    let words = nearest.map_or_else(String::new, |miss| miss.words);
    let others = files.len() - 1;
    let others = if others == 0 { String::new() } else { format!(" (and not in {others} other files)") };
    Err(Failure::local(format!("{words}{others}")))
}

/// Why a file does not have the method.
struct Miss {
    near: Near,
    words: String,
}

/// How much a miss says about what is wrong, from little to much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    /// The file has other services.
    Elsewhere,
    /// It cannot be read.
    Unreadable,
    /// It has the service, but not the method.
    Service,
}

fn look(file: &Path, endpoint: &str) -> Result<Method, Miss> {
    let idl = Idl::load(file).map_err(|error| Miss { near: Near::Unreadable, words: error.to_string() })?;
    idl.method(endpoint).map_err(|error| {
        let service = endpoint.split_once("::").map(|(service, _)| service);
        let has_service = service.is_some_and(|name| idl.service(name).is_ok());
        let near = if has_service { Near::Service } else { Near::Elsewhere };
        Miss { near, words: format!("{}: {error}", file.display()) }
    })
}

fn files(directory: &Path, first: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "thrift") && path.is_file() {
            files.push(path);
        }
    }
    files.sort_by_key(|path| (path.file_name().is_none_or(|name| name != first), path.clone()));
    Ok(files)
}
