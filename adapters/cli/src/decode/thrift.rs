//! arg3 by a Thrift file.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tchannel_rpc::Bytes;
use tchannel_rpc::idl::Idl;
use tchannel_rpc::idl::dynamic::Method;

use crate::exit::Failure;

/// The methods of all files that were given.
pub(super) struct Methods {
    idls: Vec<Idl>,
}

impl Methods {
    /// Reads files, and those of directories.
    pub(super) fn load(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                files.extend(directory(path)?);
            } else {
                files.push(path.clone());
            }
        }
        let load = |file: &PathBuf| Idl::load(file).map_err(|error| Failure::local(error.to_string()));
        Ok(Self { idls: files.iter().map(load).collect::<Result<_, _>>()? })
    }

    /// Arguments of a request, if the method is known and they are its.
    pub(super) fn arguments(&self, arg1: &[u8], arg3: &Bytes) -> Option<Value> {
        self.find(arg1)?.decode_args(arg3).ok()
    }

    /// What was answered: the value, or the exception under its name.
    pub(super) fn result(&self, arg1: &[u8], arg3: &Bytes) -> Option<Value> {
        Some(match self.find(arg1)?.decode_result(arg3).ok()? {
            Ok(value) => json!({ "success": value }),
            Err(thrown) => {
                let mut object = serde_json::Map::new();
                object.insert(thrown.name, thrown.value);
                Value::Object(object)
            }
        })
    }

    fn find(&self, arg1: &[u8]) -> Option<Method> {
        let endpoint = std::str::from_utf8(arg1).ok()?;
        self.idls.iter().find_map(|idl| idl.method(endpoint).ok()).map(Method::lenient)
    }
}

fn directory(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::local(format!("cannot read {}: {error}", path.display()));
    let mut files = Vec::new();
    for entry in path.read_dir().map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|extension| extension == "thrift") {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(Failure::local(format!("{} has no .thrift files", path.display())));
    }
    files.sort();
    Ok(files)
}
