//! One question to all.

use std::time::{Duration, Instant};

use serde_json::Value;
use tchannel_rpc::{Channel, Response, json};

use crate::exit::Exit;

/// What came of asking a peer.
pub(super) struct Answer<T> {
    pub(super) peer: String,
    pub(super) said: Result<T, Trouble>,
}

/// What a peer answered.
pub(super) struct Said {
    pub(super) body: Value,
    pub(super) took: Duration,
}

/// Why a peer said nothing that helps.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) words: String,
    pub(super) exit: Exit,
}

impl Trouble {
    pub(super) fn unreadable(words: impl Into<String>) -> Self {
        Trouble { words: format!("the answer cannot be read: {}", words.into()), exit: Exit::Local }
    }
}

impl<T> Answer<T> {
    pub(super) fn and_then<U>(self, read: impl FnOnce(T) -> Result<U, Trouble>) -> Answer<U> {
        Answer { peer: self.peer, said: self.said.and_then(read) }
    }
}

/// Asks all peers at once. The answers are in their order.
pub(super) async fn ask_all(
    channel: &Channel,
    peers: &[String],
    endpoint: &str,
    question: impl Fn(&str) -> Option<Value>,
) -> Vec<Answer<Said>> {
    let ask = |peer: &String| {
        let question = question(peer).map(|question| question.to_string()).unwrap_or_default();
        let call = channel.call(SERVICE, endpoint).host(peer).scheme("json").arg2("{}").arg3(question);
        let begun = Instant::now();
        tokio::spawn(async move {
            let answer = call.send().await;
            (answer, begun.elapsed())
        })
    };
    let asked: Vec<_> = peers.iter().map(ask).collect();
    let mut answers = Vec::with_capacity(peers.len());
    for (peer, asked) in peers.iter().zip(asked) {
        let said = match asked.await {
            Ok((Ok(answer), took)) => read(&answer).map(|body| Said { body, took }),
            Ok((Err(error), _)) => Err(Trouble { words: error.to_string(), exit: Exit::of(&error) }),
            Err(error) => Err(Trouble { words: error.to_string(), exit: Exit::Local }),
        };
        answers.push(Answer { peer: peer.clone(), said });
    }
    answers
}

/// Ringpop answers in JSON, whatever it says that the scheme is.
fn read(answer: &Response) -> Result<Value, Trouble> {
    let body: Result<Value, _> = json::decode(&answer.body());
    if answer.ok() {
        return body.map_err(|error| Trouble::unreadable(error.to_string()));
    }
    let body = body.unwrap_or_default();
    let words = body.get("message").and_then(Value::as_str).unwrap_or("it does not say why");
    Err(Trouble { words: format!("not ok: {words}"), exit: Exit::NotOk })
}

/// The name under which members of a ring speak with each other.
const SERVICE: &str = "ringpop";
