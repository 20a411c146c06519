//! How arguments are shown: as what they are, and cut.

use serde_json::{Map, Value, json};
use tchannel_capture::wire::Scheme;
use tchannel_capture::{Argument, Arguments};
use tchannel_rpc::Bytes;
use tchannel_rpc::thrift::Headers;

use super::thrift::Methods;

/// What to show of arguments.
pub(super) struct Shown {
    /// Most bytes of each.
    pub(super) cut: usize,
    pub(super) methods: Methods,
}

/// The message that an argument is of.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) scheme: Option<Scheme<'a>>,
    /// The endpoint, if it is known.
    pub(super) arg1: Option<&'a [u8]>,
    pub(super) answer: bool,
}

impl Shown {
    /// arg2: the headers of Thrift and JSON calls as such.
    pub(super) fn arg2(&self, of: Of<'_>, arg2: &Argument) -> Value {
        let whole = arg2.is_kept() && arg2.bytes.len() <= self.cut;
        let structured = match of.scheme {
            Some(Scheme::Json) if whole => parsed(&arg2.bytes),
            Some(Scheme::Thrift) if whole => headers(&arg2.bytes),
            Some(
                Scheme::Json
                | Scheme::Thrift
                | Scheme::Raw
                | Scheme::Sthrift
                | Scheme::Http
                | Scheme::Other(_),
            )
            | None => None,
        };
        structured.unwrap_or_else(|| self.bytes(&arg2.bytes))
    }

    /// arg3: JSON, and Thrift where its method is known, as values.
    pub(super) fn arg3(&self, of: Of<'_>, arg3: &Argument) -> Value {
        let structured = match (of.scheme, of.arg1) {
            (Some(Scheme::Json), _) if arg3.is_kept() && arg3.bytes.len() <= self.cut => parsed(&arg3.bytes),
            // What it says is longer than its bytes, but all of it or nothing makes sense.
            (Some(Scheme::Thrift), Some(arg1)) if arg3.is_kept() => {
                if of.answer {
                    self.methods.result(arg1, &arg3.bytes)
                } else {
                    self.methods.arguments(arg1, &arg3.bytes)
                }
            }
            (_, _) => None,
        };
        structured.unwrap_or_else(|| self.bytes(&arg3.bytes))
    }

    /// Text as text, other bytes as `{"hex": ".."}`; the first of them.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Value {
        let first = &bytes[..bytes.len().min(self.cut)];
        let text = match std::str::from_utf8(first) {
            Ok(text) => Some(text),
            // A character that the cut goes through is not at fault.
            Err(error) if error.error_len().is_none() && first.len() < bytes.len() => {
                std::str::from_utf8(&first[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        };
        match text {
            Some(text) if !text.chars().any(|char| char.is_control() && !char.is_whitespace()) => text.into(),
            Some(_) | None => json!({ "hex": hex(first) }),
        }
    }

    /// All arguments of a message as fields of an object.
    pub(super) fn put(&self, object: &mut Map<String, Value>, of: Of<'_>, args: &Arguments) {
        let [arg1, arg2, arg3] = &args.args;
        if !of.answer {
            object.insert("arg1".into(), self.bytes(&arg1.bytes));
        }
        object.insert("arg2".into(), self.arg2(of, arg2));
        object.insert("arg3".into(), self.arg3(of, arg3));
        object.insert("bytes".into(), json!([arg1.len, arg2.len, arg3.len]));
    }
}

fn parsed(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

fn headers(arg2: &Bytes) -> Option<Value> {
    let headers = Headers::decode(arg2).ok()?;
    let mut object = Map::new();
    for (name, value) in headers.iter() {
        object.insert(name.into(), value.into());
    }
    Some(Value::Object(object))
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _never = write!(text, "{byte:02x}");
        text
    })
}
