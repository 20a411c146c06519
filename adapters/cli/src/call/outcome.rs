//! What came of a call, and how it is told.

mod error;
mod hint;

use std::time::Duration;

use serde_json::{Map, Value};
use tchannel_rpc::{CallError, Response, Tracing};

use super::codec::{Answer, Codec, Shown};
use super::options::Output;
use crate::exit::Exit;
use crate::print;
use crate::reach::Reach;

/// What came of a call.
pub(super) struct Outcome {
    pub(super) result: Result<Response, CallError>,
    /// From the first attempt to the end of the last.
    pub(super) took: Duration,
}

/// Prints outcomes.
pub(super) struct Printer {
    pub(super) codec: Codec,
    pub(super) output: Output,
    pub(super) reach: Reach,
    /// Whose answer it is has to be told.
    pub(super) peers: bool,
}

impl Printer {
    /// Prints a line, and says what to end with.
    pub(super) fn print(&self, outcome: Outcome) -> Exit {
        let Outcome { result, took } = outcome;
        match result {
            Ok(response) => {
                let around = Around::answer(&response, took);
                match self.codec.answer(&response) {
                    Ok(answer) => self.answer(&response, answer, &around),
                    Err(words) => self.unreadable(&words, &around),
                }
            }
            Err(error) => self.failed(&error, &Around::failure(&error, took)),
        }
    }

    fn answer(&self, response: &Response, answer: Answer, around: &Around) -> Exit {
        let Answer { exit, head, body, exception } = answer;
        if let Some(exception) = &exception {
            print::complain(&format!("{exception}: {body}"));
        } else if exit == Exit::Unhealthy {
            print::complain(&format!(
                "not healthy: {}",
                body["message"].as_str().unwrap_or("it does not say why")
            ));
        }
        if self.output.body_only {
            self.body(response, &body);
            return exit;
        }
        let mut line = Map::new();
        line.insert("ok".into(), (exit == Exit::Ok).into());
        line.insert("head".into(), head);
        line.insert("body".into(), body);
        let headers = response.headers().iter().map(|(key, value)| (key.to_owned(), value.into()));
        line.insert("headers".into(), headers.collect::<Map<_, _>>().into());
        if let Some(exception) = exception {
            line.insert("typeName".into(), exception.into());
        }
        self.line(line, around);
        exit
    }

    fn body(&self, response: &Response, body: &Value) {
        match self.codec {
            Codec::Raw(Shown::Text) => print::bytes(&response.body()),
            Codec::Raw(Shown::Hex) => print::line(body.as_str().unwrap_or_default()),
            Codec::Json | Codec::Thrift(_) | Codec::Health(_) => print::value(body),
        }
    }

    fn unreadable(&self, words: &str, around: &Around) -> Exit {
        print::complain(&match &around.peer {
            Some(peer) => format!("{words}; peer {peer}"),
            None => words.to_owned(),
        });
        self.no_answer(error::unreadable(words), around);
        Exit::Local
    }

    fn failed(&self, error: &CallError, around: &Around) -> Exit {
        print::complain(&error.to_string());
        if let Some(hint) = hint::of(error, &self.reach) {
            print::complain(&hint);
        }
        self.no_answer(error::failed(error), around);
        Exit::of(error)
    }

    /// Who wants a body alone gets none.
    fn no_answer(&self, line: Map<String, Value>, around: &Around) {
        if !self.output.body_only {
            self.line(line, around);
        }
    }

    fn line(&self, mut line: Map<String, Value>, around: &Around) {
        if self.peers || self.output.verbose {
            line.insert("peer".into(), around.peer.clone().into());
        }
        if self.output.verbose {
            line.insert("attempts".into(), around.attempts.into());
            line.insert("latency_ms".into(), millis(around.took).into());
            line.insert("trace_id".into(), format!("{:016x}", around.tracing.trace_id).into());
        }
        print::value(&line.into());
    }
}

/// What there is to tell of every call.
struct Around {
    peer: Option<String>,
    attempts: u32,
    tracing: Tracing,
    took: Duration,
}

impl Around {
    fn answer(response: &Response, took: Duration) -> Self {
        let peer = response.peer().map(ToString::to_string);
        Around { peer, attempts: response.attempts(), tracing: response.tracing(), took }
    }

    fn failure(error: &CallError, took: Duration) -> Self {
        Around { peer: error.peer(), attempts: error.attempts(), tracing: error.tracing(), took }
    }
}

/// Milliseconds, to the microsecond.
fn millis(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)) / 1_000.0
}
