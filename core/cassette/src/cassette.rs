//! The recordings of one file, and what becomes of a call.

mod refused;

pub use refused::CannotRecord;

use alloc::string::String;
use alloc::vec::Vec;

use crate::matching::{self, Matchers};
use crate::read::{self, ParseError};
use crate::{Interaction, RecordMode, Request, Response, write};

/// What to do with a call that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the cassette counts the recording as played"]
pub enum OnCall {
    /// Give the caller this answer, and send nothing.
    Replay(Response),
    /// Make the call, with its own timeout, and tell [`Cassette::on_response`] how it was answered.
    Forward,
    /// Fail the call with this error, and send nothing.
    Refuse(CannotRecord),
}

/// Recorded calls, each to be played once, and those that are being recorded.
#[derive(Clone, Debug)]
pub struct Cassette {
    mode: RecordMode,
    matchers: Matchers,
    path: String,
    /// There was a file.
    existed: bool,
    /// What the file had.
    entries: Vec<Entry>,
    /// Indexes of entries, as they were played.
    played: Vec<usize>,
    recorded: Vec<Interaction>,
    /// How many of `recorded` are in the file.
    saved: usize,
}

/// A recording of the file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) interaction: Interaction,
    pub(crate) is_played: bool,
}

impl Cassette {
    /// A cassette whose file is not there yet.
    pub fn missing() -> Self {
        Cassette {
            mode: RecordMode::default(),
            matchers: Matchers::default(),
            path: String::new(),
            existed: false,
            entries: Vec::new(),
            played: Vec::new(),
            recorded: Vec::new(),
            saved: 0,
        }
    }

    /// Reads a file. An empty one is a cassette without recordings, and one that existed.
    ///
    /// Any text gives a cassette or an error: nesting and size are bounded, and aliases are refused.
    pub fn parse(file: &str) -> Result<Self, ParseError> {
        let entry = |interaction| Entry { interaction, is_played: false };
        let entries = read::interactions(file)?.into_iter().map(entry).collect();
        Ok(Cassette { existed: true, entries, ..Cassette::missing() })
    }

    /// What it may do; [`RecordMode::Once`] unless set.
    #[must_use = "the cassette is returned, not changed in place"]
    pub fn mode(self, mode: RecordMode) -> Self {
        Cassette { mode, ..self }
    }

    /// What a call has to have in common with a recording; service, endpoint, headers, body and arg scheme unless set.
    #[must_use = "the cassette is returned, not changed in place"]
    pub fn matchers(self, matchers: Matchers) -> Self {
        Cassette { matchers, ..self }
    }

    /// Where the file is, for errors to say.
    #[must_use = "the cassette is returned, not changed in place"]
    pub fn path(self, path: impl Into<String>) -> Self {
        Cassette { path: path.into(), ..self }
    }

    /// Decides what becomes of a call. A recording that is replayed is used up by it.
    ///
    /// Costs grow with the number of recordings that are left, and with that of all if it refuses.
    pub fn on_call(&mut self, request: &Request) -> OnCall {
        if let Some(response) = self.replay(request) {
            return OnCall::Replay(response);
        }
        if !self.write_protected() {
            return OnCall::Forward;
        }
        OnCall::Refuse(CannotRecord {
            mode: self.mode,
            path: self.path.clone(),
            service: request.service.clone(),
            endpoint: request.endpoint.clone(),
            nearest: matching::nearest(&self.entries, request, self.matchers),
        })
    }

    /// Records the answer of a call that was forwarded. One that ended in an error leaves nothing: do not tell it.
    ///
    /// A write-protected cassette forwards no call, and takes no answer.
    pub fn on_response(&mut self, request: Request, response: Response) {
        if !self.write_protected() {
            self.recorded.push(Interaction { request, response });
        }
    }

    fn replay(&mut self, request: &Request) -> Option<Response> {
        if !self.mode.replays() {
            return None;
        }
        let matches =
            |entry: &Entry| !entry.is_played && self.matchers.accept(&entry.interaction.request, request);
        let index = self.entries.iter().position(matches)?;
        let entry = &mut self.entries[index];
        entry.is_played = true;
        self.played.push(index);
        Some(entry.interaction.response.clone())
    }

    /// The file: what was played, in that order, what was not, unless the mode forgets it, and what was recorded.
    ///
    /// Of a cassette that was only read this is the text that was read, if tchannel-python or this crate wrote it.
    pub fn to_yaml(&self) -> String {
        let played = self.played.iter().map(|index| &self.entries[*index]);
        let unplayed = self.entries.iter().filter(|entry| self.mode.keeps_unplayed() && !entry.is_played);
        let known = played.chain(unplayed).map(|entry| &entry.interaction);
        write::file(known.chain(&self.recorded))
    }

    /// Whether something was recorded that the file does not have. If not, leave the file as it is, in every mode.
    pub fn is_unsaved(&self) -> bool {
        self.recorded.len() > self.saved
    }

    /// The text that [`to_yaml`](Self::to_yaml) gives now is in the file.
    pub fn handle_saved(&mut self) {
        self.saved = self.recorded.len();
    }

    /// How many calls were answered from the file.
    pub fn play_count(&self) -> usize {
        self.played.len()
    }

    /// What was recorded, in the order of the answers.
    pub fn recorded(&self) -> &[Interaction] {
        &self.recorded
    }

    /// Whether it records nothing.
    pub fn write_protected(&self) -> bool {
        !self.mode.records(self.existed)
    }

    /// What it may do.
    pub fn record_mode(&self) -> RecordMode {
        self.mode
    }
}

#[cfg(test)]
mod tests;
