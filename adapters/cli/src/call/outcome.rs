//! What came of a call, and how it is told.

mod error;
mod hint;

use std::time::Duration;

use serde_json::{Map, Value, json};
use tchannel_rpc::{CallError, Response};

use super::codec::{Answer, Codec};
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
            Ok(response) => match self.codec.answer(&response) {
                Ok(answer) => self.answer(&response, answer, took),
                Err(words) => {
                    print::complain(&words);
                    let peer = response.peer().map(ToString::to_string);
                    self.line(error::unreadable(&words), peer, response.attempts(), took);
                    Exit::Local
                }
            },
            Err(error) => {
                print::complain(&error.to_string());
                if let Some(hint) = hint::of(&error, &self.reach) {
                    print::complain(&hint);
                }
                self.line(error::failed(&error), error.peer(), error.attempts(), took);
                Exit::of(&error)
            }
        }
    }

    fn answer(&self, response: &Response, answer: Answer, took: Duration) -> Exit {
        let Answer { exit, head, body, exception } = answer;
        if let Some(exception) = &exception {
            print::complain(&format!("{exception}: {body}"));
        }
        if self.output.body_only {
            match self.codec {
                Codec::Raw(super::codec::Shown::Text) => print::bytes(&response.body()),
                Codec::Raw(_) => print::line(body.as_str().unwrap_or_default()),
                Codec::Json | Codec::Thrift(_) | Codec::Health(_) => print::value(&body),
            }
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
        self.line(line, response.peer().map(ToString::to_string), response.attempts(), took);
        exit
    }

    fn line(&self, mut line: Map<String, Value>, peer: Option<String>, attempts: u32, took: Duration) {
        if self.peers || self.output.verbose {
            line.insert("peer".into(), peer.into());
        }
        if self.output.verbose {
            line.insert("attempts".into(), attempts.into());
            line.insert("latency_ms".into(), json!(took.as_secs_f64() * 1_000.0));
        }
        print::value(&line.into());
    }
}
