//! Application headers, without what tracing adds to them.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::Value;

use crate::{ArgScheme, Request};

/// Headers that their arg scheme gives a meaning.
#[derive(Debug, PartialEq)]
enum Headers<'a> {
    Json(Value),
    Thrift(BTreeMap<&'a [u8], &'a [u8]>),
}

/// Whether two calls have the same headers. Those that are not understood on both sides are compared as bytes.
pub(super) fn same(recorded: &Request, asked: &Request) -> bool {
    recorded.headers == asked.headers || both(recorded, asked).is_some_and(|[one, other]| one == other)
}

/// Headers as a message shows them: without what does not count, where that is known.
pub(super) fn shown<'a>(recorded: &'a Request, asked: &'a Request) -> [Cow<'a, [u8]>; 2] {
    match both(recorded, asked) {
        Some(both) => both.map(|headers| Cow::Owned(headers.render())),
        None => [Cow::Borrowed(&recorded.headers), Cow::Borrowed(&asked.headers)],
    }
}

fn both<'a>(recorded: &'a Request, asked: &'a Request) -> Option<[Headers<'a>; 2]> {
    if recorded.scheme != asked.scheme {
        return None;
    }
    Some([Headers::read(recorded)?, Headers::read(asked)?])
}

impl<'a> Headers<'a> {
    fn read(request: &'a Request) -> Option<Self> {
        match request.scheme {
            ArgScheme::Raw => None,
            ArgScheme::Json => {
                let mut value = serde_json::from_slice(&request.headers).ok()?;
                if let Value::Object(headers) = &mut value {
                    headers.retain(|key, _| !key.starts_with(TRACING));
                }
                Some(Headers::Json(value))
            }
            ArgScheme::Thrift => {
                let mut headers = pairs(&request.headers)?;
                headers.retain(|key, _| !key.starts_with(TRACING.as_bytes()));
                Some(Headers::Thrift(headers))
            }
        }
    }

    fn render(self) -> Vec<u8> {
        match self {
            Headers::Json(value) => value.to_string().into_bytes(),
            Headers::Thrift(headers) => {
                let lines = headers.iter().map(|(key, value)| [*key, b": ", *value].concat());
                lines.collect::<Vec<_>>().join(&b", "[..])
            }
        }
    }
}

/// Thrift headers, `nh:2 (key~2 value~2){nh}`. No bytes at all are no headers.
fn pairs(bytes: &[u8]) -> Option<BTreeMap<&[u8], &[u8]>> {
    if bytes.is_empty() {
        return Some(BTreeMap::new());
    }
    let (count, mut rest) = number(bytes)?;
    let mut pairs = BTreeMap::new();
    for _ in 0..count {
        let (len, after) = number(rest)?;
        let (key, after) = after.split_at_checked(len)?;
        let (len, after) = number(after)?;
        let (value, after) = after.split_at_checked(len)?;
        pairs.insert(key, value);
        rest = after;
    }
    rest.is_empty().then_some(pairs)
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<2>()?;
    Some((usize::from(u16::from_be_bytes(*number)), rest))
}

/// Begins the keys that tracing adds; they differ from run to run.
const TRACING: &str = "$tracing$";
