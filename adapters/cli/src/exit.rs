//! What the program ends with.

use std::process::ExitCode;

use tchannel_rpc::{CallError, ErrorCode, Origin};
use thiserror::Error;

/// How it went: the table of `tchannel --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// An error frame of this code came instead of an answer.
    Frame(ErrorCode),
    /// The health check says not ok, or a ring does not agree.
    Unhealthy,
    /// What was to be decoded is malformed.
    Malformed,
    /// Wrong words on the command line, an IDL that cannot be used, no connection, no time left on this side.
    Local,
    /// The answer is not ok.
    NotOk,
}

/// For the end of `--help`.
pub(crate) const TABLE: &str = "\
Exit codes:
  0      the answer is ok
  1..8   the peer's error frame: 1 timeout, 2 cancelled, 3 busy, 4 declined, 5 unexpected, 6 bad request,
         7 network, 8 unhealthy; of decode: 1 something is malformed
  124    the health check says not ok, or a ring does not agree
  125    local error: usage, IDL, connection, local timeout
  126    the answer is not ok: an application error, a declared exception
  127    the peer's error frame: fatal protocol error
Of several results the first that is not 0 decides.";

impl Exit {
    /// How a call went that has no answer.
    pub(crate) fn of(error: &CallError) -> Self {
        match error.origin() {
            Origin::Remote => Exit::Frame(error.code()),
            Origin::Local => Exit::Local,
        }
    }

    /// This one, or the later one if this is well.
    #[must_use = "gives the exit of both"]
    pub(crate) fn and(self, later: Exit) -> Exit {
        if self == Exit::Ok { later } else { self }
    }

    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Frame(ErrorCode::Fatal) => 127,
            // As the protocol has it for codes that it does not name.
            Exit::Frame(ErrorCode::Unknown(_)) => ErrorCode::Unexpected.byte(),
            Exit::Frame(code) => code.byte(),
            Exit::Unhealthy => 124,
            Exit::Malformed => 1,
            Exit::Local => 125,
            Exit::NotOk => 126,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Why a verb could not do its work: a sentence for people, and what to end with.
#[derive(Debug, Error)]
#[error("{words}")]
pub(crate) struct Failure {
    words: String,
    exit: Exit,
}

impl Failure {
    /// A sentence, and what to end with.
    pub(crate) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Failure { words: words.into(), exit }
    }

    /// A fault on this side.
    pub(crate) fn local(words: impl Into<String>) -> Self {
        Failure::new(Exit::Local, words)
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}
