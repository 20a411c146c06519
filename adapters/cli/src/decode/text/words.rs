//! What stands behind the front of a line.

use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;
use tchannel_capture::wire::{Chunks, Flags, Headers, Message};
use tchannel_capture::{Answer, Argument, Call, Frame, Request};

use crate::decode::View;
use crate::decode::argument::Of;
use crate::decode::paint::Tone;
use crate::print;

/// What a frame says.
pub(super) fn message(view: &View, frame: &Frame, message: &Message) -> String {
    let call = frame.call.as_ref();
    let route = call.and_then(|call| call.route.as_ref());
    let arg1 = call.and_then(|call| call.arg1.as_deref());
    let mut words = Vec::new();
    let asked = |words: &mut Vec<String>| {
        words.extend(frame.latency.map(latency));
        if call.is_some_and(|call| call.late) {
            words.push("late".into());
        }
        if let Some(route) = route {
            let of = format!("{} {}", plain(route.service()), arg1.map(text).unwrap_or_default());
            words.push(view.paint.paint(Tone::Dim, of.trim_end()).to_string());
        }
    };
    match message {
        Message::InitReq(init) | Message::InitRes(init) => {
            words.push(format!("version {}", init.version));
            words.extend(frame.latency.map(latency));
            words.extend(init.headers.iter().map(|(key, value)| format!("{}={}", plain(key), plain(value))));
        }
        Message::CallReq(call) => {
            let headers = call.route.headers();
            words.push(plain(call.route.service()));
            words.push(text(call.chunks.iter_slices().next().unwrap_or_default()));
            words.push(format!("ttl={}ms", call.ttl));
            words.extend(listed(headers));
            let of = Of { scheme: headers.scheme(), arg1, answer: false };
            words.push(first(view, of, call.flags, &call.chunks));
        }
        Message::CallRes(call) => {
            let headers = call.headers.headers();
            words.push(if call.code.is_ok() { "ok".into() } else { format!("not ok ({})", call.code.0) });
            asked(&mut words);
            words.extend(listed(headers));
            let of = Of { scheme: headers.scheme(), arg1, answer: true };
            words.push(first(view, of, call.flags, &call.chunks));
        }
        Message::CallReqContinue(part) => words.push(pieces(part.flags, &part.chunks, 0)),
        Message::CallResContinue(part) => {
            words.push(pieces(part.flags, &part.chunks, 0));
            asked(&mut words);
        }
        Message::Cancel(cancel) => {
            words.push(format!("{:?}", String::from_utf8_lossy(&cancel.why)));
            asked(&mut words);
        }
        Message::Claim(claim) => words.push(format!("trace {:016x}", claim.tracing.trace_id)),
        Message::PingReq => {}
        Message::PingRes => words.extend(frame.latency.map(latency)),
        Message::Error(error) => {
            words.push(format!("{} {:?}", error.code, error.text()));
            asked(&mut words);
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// What was asked, all of it.
pub(super) fn request(view: &View, request: &Request) -> String {
    let headers = request.route.headers();
    let [arg1, arg2, arg3] = &request.args.args;
    let of = Of { scheme: headers.scheme(), arg1: Some(&arg1.bytes), answer: false };
    let mut words = vec![plain(request.route.service()), text(&arg1.bytes)];
    words.extend(arguments(view, of, arg2, arg3));
    words.extend(request.args.torn.then(|| "(frames of it were not captured)".into()));
    words.join(" ")
}

/// What was answered, all of it.
pub(super) fn answer(view: &View, call: &Call, answer: &Answer) -> String {
    let arg1 = call.request.as_ref().map(|request| &request.args.args[0].bytes[..]);
    let [_, arg2, arg3] = &answer.args.args;
    let of = Of { scheme: answer.headers.headers().scheme(), arg1, answer: true };
    let mut words = arguments(view, of, arg2, arg3);
    words.extend(answer.args.torn.then(|| "(frames of it were not captured)".into()));
    words.join(" ")
}

/// Milliseconds to a thousandth.
pub(super) fn latency(latency: Duration) -> String {
    format!("{:.3}ms", latency.as_secs_f64() * 1e3)
}

/// The arguments of a message's first frame.
fn first(view: &View, of: Of<'_>, flags: Flags, chunks: &Chunks) -> String {
    if flags.more() || chunks.count() != 3 {
        return pieces(flags, chunks, 1);
    }
    let mut args =
        chunks.iter().map(|bytes| Argument { len: u64::try_from(bytes.len()).unwrap_or(u64::MAX), bytes });
    let (Some(_), Some(arg2), Some(arg3)) = (args.next(), args.next(), args.next()) else {
        return String::new();
    };
    arguments(view, of, &arg2, &arg3).join(" ")
}

/// The sizes of the chunks behind the first `skip`.
fn pieces(flags: Flags, chunks: &Chunks, skip: usize) -> String {
    let mut words = String::new();
    for chunk in chunks.iter_slices().skip(skip) {
        let _never = write!(words, "+{}", chunk.len());
    }
    format!("{words} bytes{}", if flags.more() { ", more to come" } else { "" })
}

fn arguments(view: &View, of: Of<'_>, arg2: &Argument, arg3: &Argument) -> Vec<String> {
    let shown = &view.shown;
    [("arg2", shown.arg2(of, arg2), arg2), ("arg3", shown.arg3(of, arg3), arg3)]
        .into_iter()
        .filter(|(_, _, arg)| arg.len > 0)
        .map(|(name, value, arg)| format!("{name}={}", argument(view, &value, arg.len)))
        .collect()
}

fn argument(view: &View, value: &Value, len: u64) -> String {
    let cut = usize::try_from(len).map_or(true, |len| len > view.shown.cut);
    let rest = if cut { format!(".. ({len} bytes)") } else { String::new() };
    match value {
        Value::String(text) => format!("{text:?}{rest}"),
        Value::Object(object) if object.len() == 1 && cut => {
            match object.get("hex").and_then(Value::as_str) {
                Some(digits) => format!("0x{digits}{rest}"),
                None => print::json(value),
            }
        }
        Value::Object(object) if object.len() == 1 => match object.get("hex").and_then(Value::as_str) {
            Some(digits) => format!("0x{digits}"),
            None => print::json(value),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            print::json(value)
        }
    }
}

fn listed(headers: Headers<'_>) -> impl Iterator<Item = String> + '_ {
    headers.iter().map(|(key, value)| format!("{}={}", plain(key), plain(value)))
}

/// Bytes that are meant to be a name.
fn text(bytes: &[u8]) -> String {
    plain(&String::from_utf8_lossy(bytes))
}

/// As it is, or in quotes if it could be mistaken for something else.
fn plain(text: &str) -> String {
    let odd = |char: char| char.is_whitespace() || char.is_control() || char == '"';
    if text.is_empty() || text.contains(odd) { format!("{text:?}") } else { text.to_owned() }
}
