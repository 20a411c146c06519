use std::io;
use std::path::{Path, PathBuf};

use super::Peer;

/// Why a peer could not be installed or did not do its part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something that installing needs is not on this machine.
    #[error("the {peer} peer needs {what}: {remedy}")]
    Missing {
        /// The peer.
        peer: Peer,
        /// The program or file, with the reason if there is one.
        what: String,
        /// How to get it.
        remedy: &'static str,
    },
    /// A step of the installation failed or took too long; the next use starts over.
    #[error("installing the {peer} peer: `{step}` {ending}; {remedy}\n{output}")]
    Install {
        /// The peer.
        peer: Peer,
        /// The command.
        step: String,
        /// How it ended.
        ending: String,
        /// What helps most often.
        remedy: &'static str,
        /// All that the command wrote.
        output: String,
    },
    /// A file below `target/peers` or `tests/peers` could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Files {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A peer's process did not start, ended too early, was too slow or wrote something unexpected.
    #[error("{script} of the {peer} peer {problem}; its stderr:\n{stderr}")]
    Process {
        /// The peer.
        peer: Peer,
        /// The script, `server`, `client` or `cassette`.
        script: &'static str,
        /// What went wrong.
        problem: String,
        /// All that the process wrote to stderr.
        stderr: String,
    },
}

impl Error {
    pub(super) fn files(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Error::Files { action, path, source }
    }
}
