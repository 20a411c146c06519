//! Where a mesh begins, from a file.

use std::path::Path;

use tchannel_mesh::hyperbahn::Routers;

use crate::shared::peers::{PeerFileError, read_routers_file};

/// The routers of a file: a JSON array of `host:port` texts.
pub fn read_routers(path: impl AsRef<Path>) -> Result<Routers, PeerFileError> {
    read_routers_file(path.as_ref())
}
