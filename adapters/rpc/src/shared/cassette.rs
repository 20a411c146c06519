//! Recordings of a channel's calls, in a file that answers them ever after.

mod error;
mod file;
mod tape;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tchannel_cassette::{Cassette, Interaction, Matchers, RecordMode};

use super::channel::Channel;
use super::hub::Hub;
use super::notice::Notice;
use file::CassetteFile;

pub use error::CassetteError;
pub(crate) use tape::{Asked, Slot, Tape, Taping, Verdict};

/// Calls go through the cassette of this file, once it is put [on](UseCassette::on) a channel.
pub fn use_cassette(path: impl Into<PathBuf>) -> UseCassette {
    UseCassette { path: path.into(), mode: RecordMode::default(), matchers: Matchers::default() }
}

/// A cassette that is not in use yet.
#[derive(Clone, Debug)]
#[must_use = "nothing is recorded or replayed until it is on a channel"]
pub struct UseCassette {
    path: PathBuf,
    mode: RecordMode,
    matchers: Matchers,
}

impl UseCassette {
    /// What it may do. Default: record into a file that is not there yet, and replay one that is.
    pub fn mode(mut self, mode: RecordMode) -> Self {
        self.mode = mode;
        self
    }

    /// What a call has to have in common with a recording. Default: service, endpoint, arg scheme, headers and body.
    pub fn matchers(mut self, matchers: impl IntoIterator<Item = tchannel_cassette::Matcher>) -> Self {
        self.matchers = matchers.into_iter().collect();
        self
    }

    /// Reads the file, and sends all calls of the channel through it until the recorder is finished or dropped.
    ///
    /// A call that is replayed, or refused, touches no socket. Streamed calls are not recorded; they are refused where
    /// nothing may be recorded. Spans on their way to `TCollector` pass by.
    pub fn on(self, channel: &Channel) -> Result<Recorder, CassetteError> {
        let UseCassette { path, mode, matchers } = self;
        let file = CassetteFile::read(path)?;
        let path = file.path().display().to_string();
        let cassette = read(&file)?.mode(mode).matchers(matchers).path(path);
        let mut recorder = Recorder { tape: Arc::new(Tape::new(cassette, file)), hubs: Vec::new() };
        recorder.also_on(channel)?;
        Ok(recorder)
    }

    /// The same around some code: the file is saved when that is done.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the code where it is, and saves what was recorded until then.
    pub async fn around<T>(
        self,
        channel: &Channel,
        code: impl AsyncFnOnce(&Recorder) -> T,
    ) -> Result<T, CassetteError> {
        let recorder = self.on(channel)?;
        let done = code(&recorder).await;
        recorder.finish()?;
        Ok(done)
    }
}

/// A cassette in use. [`finish`](Recorder::finish) it, to know that the file is saved; when it is dropped it is saved,
/// too, and a failure is a [`Notice::CassetteNotSaved`].
#[must_use = "dropping it takes the cassette off its channel"]
pub struct Recorder {
    tape: Arc<Tape>,
    hubs: Vec<Arc<Hub>>,
}

impl Recorder {
    /// Sends all calls of another channel through the same file.
    pub fn also_on(&mut self, channel: &Channel) -> Result<(), CassetteError> {
        if !channel.hub().cassette.put(&self.tape) {
            return Err(CassetteError::InUse { channel: channel.name().to_owned() });
        }
        self.hubs.push(channel.hub().clone());
        Ok(())
    }

    /// Takes the cassette off, and saves the file if something was recorded: all of it or nothing. Calls that are still
    /// on their way are not recorded. A file that was written since it was read is left alone, which is an error.
    pub fn finish(mut self) -> Result<(), CassetteError> {
        self.end()
    }

    /// How many calls were answered from the file.
    pub fn play_count(&self) -> usize {
        self.tape.with(Cassette::play_count)
    }

    /// What was recorded, in the order of the answers.
    pub fn recorded(&self) -> Vec<Interaction> {
        self.tape.with(|cassette| cassette.recorded().to_vec())
    }

    /// Whether it records nothing.
    pub fn write_protected(&self) -> bool {
        self.tape.with(Cassette::write_protected)
    }

    fn end(&mut self) -> Result<(), CassetteError> {
        for hub in self.hubs.drain(..) {
            hub.cassette.take(&self.tape);
        }
        self.tape.save()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tape.with(|cassette| f.debug_tuple("Recorder").field(cassette).finish())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let first = self.hubs.first().cloned();
        if let (Err(error), Some(hub)) = (self.end(), first) {
            hub.notice(&Notice::CassetteNotSaved { error: &error });
        }
    }
}

fn read(file: &CassetteFile) -> Result<Cassette, CassetteError> {
    let Some(text) = file.text() else { return Ok(Cassette::missing()) };
    Cassette::parse(text).map_err(|error| CassetteError::Parse { path: file.path().to_owned(), error })
}
