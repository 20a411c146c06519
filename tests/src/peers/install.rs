//! Installing a peer once, whoever comes first.

mod node;
mod python;
mod stamp;
mod step;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use self::step::Steps;
use super::{Error, Peer, installations, sources};

/// Installs the peer unless that was done from the same inputs before; returns its directory.
///
/// One process at a time does this. The stamp is written last, so that half an installation is started over.
pub(super) fn installed(peer: Peer) -> Result<PathBuf, Error> {
    let all = installations();
    fs::create_dir_all(&all).map_err(Error::files("create", &all))?;
    let lock_file = all.join(format!("{peer}.lock"));
    let lock = File::create(&lock_file).map_err(Error::files("create", &lock_file))?;
    lock.lock().map_err(Error::files("lock", &lock_file))?;
    let steps = Steps { peer, lock };

    let directory = all.join(peer.to_string());
    let stamp_file = directory.join("stamp");
    let stamp = match peer {
        Peer::Node => node::stamp(&steps, &node::CLIENT)?,
        Peer::Hyperbahn => node::stamp(&steps, &node::ROUTER)?,
        Peer::Python => python::stamp(&steps)?,
    };
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(directory);
    }
    empty(&directory)?;
    match peer {
        Peer::Node => node::install(&steps, &node::CLIENT, &directory)?,
        Peer::Hyperbahn => node::install(&steps, &node::ROUTER, &directory)?,
        Peer::Python => python::install(&steps, &directory)?,
    }
    fs::write(&stamp_file, stamp).map_err(Error::files("write", &stamp_file))?;
    Ok(directory)
}

fn empty(directory: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::files("remove", directory)(error));
        }
        Ok(()) | Err(_) => {}
    }
    fs::create_dir_all(directory).map_err(Error::files("create", directory))
}

fn source(peer: Peer, file: &str) -> PathBuf {
    sources().join(peer.to_string()).join(file)
}
