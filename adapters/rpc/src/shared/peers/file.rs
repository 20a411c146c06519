//! A peer list that a file decides.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tchannel_mesh::HostPort;
use tchannel_mesh::hyperbahn::{Routers, RoutersError};
use thiserror::Error;

use super::Peers;
use crate::shared::hub::Hub;
use crate::shared::notice::Notice;
use crate::shared::race::race;

/// Why a file gives no peers.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PeerFileError {
    /// It cannot be read.
    #[error("cannot read the peer file {path}: {error}", path = .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is no JSON array of `host:port` texts, or an empty one.
    #[error("the peer file {path} is no list of peers: {error}", path = .path.display())]
    Parse {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: RoutersError,
    },
}

impl Peers {
    /// Makes the list what a file says that it is, a JSON array of `host:port` texts, now and whenever the file changes:
    /// it is read again every 5 s or so, until the channel drains.
    ///
    /// Peers that are not in the file any more are removed as by [`remove`](Self::remove). A file that cannot be read,
    /// or has no peers in it, is an error now; later it leaves the list as it is, and is a [`Notice::PeerFile`].
    pub fn watch_file(&self, path: impl Into<PathBuf>) -> Result<(), PeerFileError> {
        let path = path.into();
        self.put(&read(&path)?);
        let (hub, peers) = (self.hub.clone(), self.clone());
        self.hub.driver.spawn(Box::pin(async move { watch(&hub, &peers, &path).await }));
        Ok(())
    }

    fn put(&self, list: &[HostPort]) {
        self.hub.change(|mesh, now| mesh.handle_peer_list(now, self.service.as_deref(), list));
    }
}

async fn watch(hub: &Arc<Hub>, peers: &Peers, path: &Path) {
    let mut over = pin!(hub.stopped_listening());
    let mut failing = false;
    while race(hub.driver.sleep_until(Instant::now() + EVERY), over.as_mut()).await.is_some() {
        match read(path) {
            Ok(list) => {
                peers.put(&list);
                failing = false;
            }
            // Told once, not every time.
            Err(error) if !failing => {
                hub.notice(&Notice::PeerFile { error: &error });
                failing = true;
            }
            Err(_) => {}
        }
    }
}

fn read(path: &Path) -> Result<Vec<HostPort>, PeerFileError> {
    Ok(read_routers_file(path)?.iter().cloned().collect())
}

pub(crate) fn read_routers_file(path: &Path) -> Result<Routers, PeerFileError> {
    let text =
        fs::read_to_string(path).map_err(|error| PeerFileError::Read { path: path.to_owned(), error })?;
    Routers::from_json(&text).map_err(|error| PeerFileError::Parse { path: path.to_owned(), error })
}

/// Not a round number, so that many processes do not read a shared file at the same moment: as node has it.
const EVERY: Duration = Duration::from_millis(5_007);
