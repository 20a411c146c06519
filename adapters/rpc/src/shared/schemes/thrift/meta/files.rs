//! Which Thrift files are told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tchannel_mesh::BUILT_IN;
use tchannel_schemes::thrift::meta::ThriftIdls;

use crate::shared::lock;
use crate::shared::subchannel::SubChannel;

impl SubChannel {
    /// Has `Meta::thriftIDL` answer with these Thrift files, by their names; `entry` is the one to begin with. Again:
    /// replaces them.
    ///
    /// Generated handlers bring the files that they are from, those of the first one that is registered to begin with.
    /// What is said here counts instead, whenever it is said.
    pub fn thrift_idl<N, T>(&self, entry: impl Into<String>, files: impl IntoIterator<Item = (N, T)>) -> &Self
    where
        N: Into<String>,
        T: Into<String>,
    {
        let idls = files.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        let told = Arc::new(ThriftIdls { idls, entry_point: entry.into() });
        self.channel().hub.idls.put(self.name(), Known::Said(told));
        self
    }

    /// Has `Meta::thriftIDL` answer that there are no files, whatever generated handlers bring: for a service whose IDL is
    /// not for everybody who can call it.
    pub fn hide_thrift_idl(&self) -> &Self {
        self.channel().hub.idls.put(self.name(), Known::Hidden);
        self
    }
}

/// Thrift files by the service that they are of.
#[derive(Default)]
pub(crate) struct Idls(Mutex<BTreeMap<String, Known>>);

/// What is known of a service's files.
enum Known {
    /// Said by the server's owner.
    Said(Arc<ThriftIdls>),
    /// Brought by generated handlers.
    Brought(Arc<ThriftIdls>),
    /// Nobody is told.
    Hidden,
}

impl Idls {
    fn put(&self, service: &str, known: Known) {
        lock(&self.0).insert(service.to_owned(), known);
    }

    /// Takes files that a generated handler brings, the first one to begin with. They join those of other handlers, but
    /// for a file that is another one than theirs of that name.
    pub(crate) fn bring(&self, service: &str, files: &[(&str, &str)]) {
        let mut all = lock(&self.0);
        match all.get_mut(service) {
            Some(Known::Said(_) | Known::Hidden) => {}
            Some(Known::Brought(known)) => {
                let idls = &mut Arc::make_mut(known).idls;
                for (name, text) in files {
                    idls.entry((*name).to_owned()).or_insert_with(|| (*text).to_owned());
                }
            }
            None => {
                let entry_point = files.first().map_or_else(String::new, |(name, _)| (*name).to_owned());
                let idls =
                    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
                all.insert(service.to_owned(), Known::Brought(Arc::new(ThriftIdls { idls, entry_point })));
            }
        }
    }

    /// The files of a service. Under the name that every channel has, those of the service that is called as the channel
    /// is, or of the first one that tells them.
    pub(super) fn of(&self, service: &str, channel: &str) -> Option<Arc<ThriftIdls>> {
        let known = lock(&self.0);
        let told = match (known.get(service), service) {
            (Some(own), _) => own.told(),
            (None, BUILT_IN) => {
                let same = known.get(channel).and_then(Known::told);
                same.or_else(|| known.values().find_map(Known::told))
            }
            (None, _) => known.get(WILDCARD).and_then(Known::told),
        };
        told.cloned()
    }
}

impl Known {
    fn told(&self) -> Option<&Arc<ThriftIdls>> {
        match self {
            Known::Said(files) | Known::Brought(files) => Some(files),
            Known::Hidden => None,
        }
    }
}

const WILDCARD: &str = "*";
