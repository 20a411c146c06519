//! Where a mesh begins: the addresses of its routers, as a list or as a JSON text.

use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

use thiserror::Error;

use super::json::{self, Entry, JsonError};
use crate::host_port::{HostPort, HostPortError};

/// The addresses of a mesh's routers: at least one, each once, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routers(Vec<HostPort>);

impl Routers {
    /// Takes a list of addresses; further ones of the same are left out.
    pub fn new(list: impl IntoIterator<Item = HostPort>) -> Result<Self, RoutersError> {
        let mut routers = Vec::new();
        for router in list {
            if !routers.contains(&router) {
                routers.push(router);
            }
        }
        if routers.is_empty() { Err(RoutersError::Empty) } else { Ok(Routers(routers)) }
    }

    /// Reads a list of `host:port` texts.
    pub fn from_texts<T: AsRef<str>>(list: impl IntoIterator<Item = T>) -> Result<Self, RoutersError> {
        let read = |(at, text): (usize, T)| {
            HostPort::from_str(text.as_ref()).map_err(|error| RoutersError::Entry { number: at + 1, error })
        };
        Routers::new(list.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?)
    }

    /// Reads a JSON array of `host:port` texts, as router files hold it.
    pub fn from_json(document: &str) -> Result<Self, RoutersError> {
        let text = |(at, entry)| match entry {
            Entry::Text(text) => Ok(text),
            Entry::Other(other) => {
                let written = other.chars().take(SHOWN).collect();
                Err(RoutersError::NotText { number: at + 1, written })
            }
        };
        let entries = json::entries(document).map_err(RoutersError::NotAList)?;
        Routers::from_texts(entries.into_iter().enumerate().map(text).collect::<Result<Vec<_>, _>>()?)
    }

    /// Takes whichever was given: a list, or the content of a router file. Both at once are an error.
    pub fn given<T: AsRef<str>>(list: &[T], file: Option<&str>) -> Result<Self, RoutersError> {
        match file {
            Some(_) if !list.is_empty() => Err(RoutersError::Both),
            Some(document) => Routers::from_json(document),
            None => Routers::from_texts(list),
        }
    }

    /// Each router, to be added to the root peer list and to that of [`HYPERBAHN`](super::HYPERBAHN). There is at least
    /// one.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &HostPort> {
        self.0.iter()
    }
}

/// Why a list of routers cannot be used. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RoutersError {
    /// There is none in it.
    #[error("no routers are given: at least one host:port is needed to find the mesh")]
    Empty,
    /// A list and a file.
    #[error("routers are given as a list and as a file: leave one out")]
    Both,
    /// The text is not a JSON array.
    #[error("not a list of routers, write it as [\"host:port\", ..]: {0}")]
    NotAList(JsonError),
    /// An entry of the array is not a text.
    #[error("router {number} is {written}, not a text: write it as \"host:port\"")]
    NotText {
        /// Which entry, from 1.
        number: usize,
        /// The beginning of it.
        written: String,
    },
    /// An entry names no peer.
    #[error("router {number}: {error}")]
    Entry {
        /// Which entry, from 1.
        number: usize,
        /// What is wrong with it.
        error: HostPortError,
    },
}

/// Characters of a refused entry that a message shows.
const SHOWN: usize = 100;

#[cfg(test)]
mod tests;
