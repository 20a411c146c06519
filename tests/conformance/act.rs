//! What the owner of the connection does, written as lines: `respond 2 ok 'h' 'body'`.
//!
//! A call is `2` where only one table can be meant, else `in 2` or `out 2`; `old 2` is the handle of the last call but
//! one of the peer's with that id. The result of an action is a line too, `ok` unless the case says otherwise.

use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ChecksumKind, ErrorCode, ResponseCode, Route, Tracing};
use tchannel_proto::{
    Arg, Args, CallId, Gone, Incoming, Lost, OpenError, Outgoing, Read, Request, RequestHead, Response,
    WriteError,
};

use super::frame::message_id;
use super::hex;
use super::play::Play;
use super::sent::shown;

/// Budget of our calls in cases that say nothing else.
const BUDGET: Duration = Duration::from_secs(3_600);

/// Does what the line says; gives its result.
pub(crate) fn act(play: &mut Play, line: &str) -> String {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let now = play.now;
    match words[..] {
        ["call", arg1, arg2, arg3, ref options @ ..] => {
            let args = Args::new(hex::bytes(arg2), hex::bytes(arg3));
            let request = Request { head: head(play, arg1, options), args };
            let opened = play.connection.call(now, request);
            opened_text(play, opened)
        }
        ["open", arg1, ref options @ ..] => {
            let opened = play.connection.open(now, head(play, arg1, options));
            opened_text(play, opened)
        }
        ["respond", id, code, arg2, arg3] => {
            let args = Args::new(hex::bytes(arg2), hex::bytes(arg3));
            let call = incoming(play, id);
            gone(play.connection.respond(now, call, Response { code: response_code(code), args }))
        }
        ["reply", id, code] => {
            let call = incoming(play, id);
            gone(play.connection.reply(now, call, response_code(code)))
        }
        ["reject", id, code, text] => {
            let call = incoming(play, id);
            gone(play.connection.reject(now, call, error_code(code), text.trim_matches('"')))
        }
        ["cancel", id, why] => {
            let call = outgoing(play, id);
            play.connection.cancel(now, call, why.trim_matches('"'));
            "ok".into()
        }
        ["write", way, id, text] => {
            let call = call(play, way, id);
            match play.connection.write(call, Bytes::from(hex::bytes(text))) {
                Ok(()) => "ok".into(),
                Err(WriteError::Blocked(back)) => format!("blocked {}", shown(&back)),
                Err(WriteError::Gone(_)) => "gone".into(),
            }
        }
        ["flush", way, id] => {
            let call = call(play, way, id);
            gone(play.connection.flush(call))
        }
        ["finish", way, id] => {
            let call = call(play, way, id);
            gone(play.connection.finish_arg(call))
        }
        ["read", way, id] => {
            let call = call(play, way, id);
            match play.connection.read(now, call) {
                Ok(Read::Part { arg: Arg::Two, bytes }) => format!("arg2 {}", shown(&bytes)),
                Ok(Read::Part { arg: Arg::Three, bytes }) => format!("arg3 {}", shown(&bytes)),
                Ok(Read::Blocked) => "blocked".into(),
                Ok(Read::Done) => "done".into(),
                Err(Gone) => "gone".into(),
            }
        }
        ["collect", way, id] => {
            let call = call(play, way, id);
            gone(play.connection.collect(call))
        }
        ["drain", reason, within] => {
            play.connection.drain(now, reason.trim_matches('"'), now + duration(within));
            "ok".into()
        }
        ["close"] => {
            play.connection.close(now);
            "ok".into()
        }
        ["lost", why] => {
            play.connection.handle_lost(now, if why == "eof" { Lost::Eof } else { Lost::Reset });
            "ok".into()
        }
        _ => ask(play, &words),
    }
}

/// Questions, and what the outside world does.
fn ask(play: &mut Play, words: &[&str]) -> String {
    match *words {
        ["hold", "output"] => play.hold_output = true,
        ["hold", "events"] => play.hold_events = true,
        ["release", "output"] => play.hold_output = false,
        ["release", "events"] => play.hold_events = false,
        ["gate"] => return if play.connection.wants_input() == 0 { "shut".into() } else { "open".into() },
        ["held"] => return play.connection.held().to_string(),
        ["live"] => return format!("{:?}", play.connection.live()),
        ["write", "once"] => {
            play.write_once();
        }
        ["stat", name] => return stat(play, name),
        ["remaining", id] => {
            let left = play.connection.remaining(play.now, incoming(play, id));
            return left.map_or("none".into(), |left| format!("{left:?}"));
        }
        ["remote"] => return remote(play),
        ["history"] => {
            let answers = play.connection.ping_history();
            return answers.map(|answered| if answered { '+' } else { '-' }).collect();
        }
        ["longest"] => return play.longest_transmit.to_string(),
        ["left", "over"] => return play.left_over().to_string(),
        ["timer"] => {
            let next = play.connection.poll_timeout();
            return next.map_or("none".into(), |at| format!("{:?}", at.since(play.now)));
        }
        // The clock moves and nobody has told the connection yet.
        ["late", by] => play.now = play.now + duration(by),
        ["tick"] => play.tick(play.now),
        // The clock steps back.
        ["back", by] => {
            let back =
                play.now.as_nanos().saturating_sub(duration(by).as_nanos().try_into().unwrap_or(u64::MAX));
            play.now = tchannel_proto::Timestamp::from_nanos(back);
        }
        _ => panic!("no such action: {words:?}"),
    }
    "ok".into()
}

/// A field of `Stats`.
fn stat(play: &Play, name: &str) -> String {
    let printed = format!("{:?}", play.connection.stats());
    let (_, value) =
        printed.split_once(&format!("{name}: ")).unwrap_or_else(|| panic!("no such count: {name}"));
    value.chars().take_while(char::is_ascii_digit).collect()
}

/// What the peer said of itself.
fn remote(play: &Play) -> String {
    let Some(remote) = play.connection.remote() else { return "none".into() };
    let headers: Vec<_> = remote.headers.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!(
        "{:?} {:?} {:?} {:?} {:?} [{}]",
        remote.host_port,
        remote.process_name,
        remote.language,
        remote.language_version,
        remote.version,
        headers.join(" "),
    )
}

/// A head with the options of the line: `crc32c`, a budget, another service, or the routes and tracing of wire.md.
fn head(play: &Play, arg1: &str, options: &[&str]) -> RequestHead {
    let mut route = Route::encode("echo", [("cn", "probe"), ("as", "raw")]);
    let (mut deadline, mut checksum, mut trace) = (play.now + BUDGET, ChecksumKind::None, 0x1111);
    for option in options {
        match *option {
            "crc32" => checksum = ChecksumKind::Crc32,
            "crc32c" => checksum = ChecksumKind::Crc32c,
            "farmhash" => checksum = ChecksumKind::FarmHash,
            "other" => route = Route::encode("other", [("cn", "probe"), ("as", "raw")]),
            // The worked examples.
            "demo" => {
                route = Route::encode("echo", [("cn", "demo"), ("as", "raw")]);
                trace = 0x1111_1111_1111_1111;
            }
            // The longest route that may be sent.
            "largest" => {
                let pairs = (0..128).map(|at| (format!("{at:015}"), "v".repeat(255)));
                route = Route::encode(&"s".repeat(255), pairs);
            }
            budget => deadline = play.now + duration(budget),
        }
    }
    let tracing = Tracing { span_id: trace, parent_id: 0, trace_id: trace, flags: 0 };
    let route = route.expect("a valid route");
    RequestHead { tracing, checksum, ..RequestHead::new(route, hex::bytes(arg1), deadline) }
}

fn opened_text(play: &mut Play, opened: Result<Outgoing, OpenError>) -> String {
    match opened {
        Ok(call) => {
            play.outgoing.entry(call.id()).or_default().push(call);
            "ok".into()
        }
        Err(OpenError::Full { what, limit }) => format!("full {what} {limit}"),
        Err(OpenError::Draining) => "draining".into(),
        Err(OpenError::Closed) => "closed".into(),
        Err(OpenError::TooLarge { len, limit }) => format!("too large {len} {limit}"),
        Err(error) => format!("{error}"),
    }
}

fn gone(result: Result<(), Gone>) -> String {
    if result.is_ok() { "ok".into() } else { "gone".into() }
}

fn call(play: &Play, way: &str, id: &str) -> CallId {
    match way {
        "in" => incoming(play, id).into(),
        "out" => outgoing(play, id).into(),
        "old" => {
            let handles = &play.incoming[&message_id(id, 0)];
            handles[handles.len() - 2].into()
        }
        _ => panic!("in, out or old, not {way}"),
    }
}

fn incoming(play: &Play, id: &str) -> Incoming {
    let handles = play.incoming.get(&message_id(id, 0)).unwrap_or_else(|| panic!("no request {id} was seen"));
    *handles.last().expect("never empty")
}

fn outgoing(play: &Play, id: &str) -> Outgoing {
    let handles = play.outgoing.get(&message_id(id, 0)).unwrap_or_else(|| panic!("no call {id} was made"));
    *handles.last().expect("never empty")
}

fn response_code(text: &str) -> ResponseCode {
    if text == "ok" { ResponseCode(0) } else { ResponseCode(1) }
}

fn error_code(text: &str) -> ErrorCode {
    match text {
        "timeout" => ErrorCode::Timeout,
        "busy" => ErrorCode::Busy,
        "declined" => ErrorCode::Declined,
        "unexpected" => ErrorCode::Unexpected,
        "fatal" => ErrorCode::Fatal,
        "unknown" => ErrorCode::Unknown(0x42),
        other => panic!("no such code here: {other}"),
    }
}

/// `250us`, `30ms`, `5s`.
pub(crate) fn duration(text: &str) -> Duration {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let amount = u64::try_from(hex::number(digits)).unwrap_or(u64::MAX);
    match &text[digits.len()..] {
        "ns" => Duration::from_nanos(amount),
        "us" => Duration::from_micros(amount),
        "ms" => Duration::from_millis(amount),
        "s" => Duration::from_secs(amount),
        unit => panic!("no such unit: {unit}"),
    }
}

/// Words of a line; what stands in quotes or braces is one word.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut until = None;
    for character in line.chars() {
        if until.is_none() && character == ' ' {
            words.push(String::new());
            continue;
        }
        words.last_mut().expect("never empty").push(character);
        until = match (until, character) {
            (None, '\'') => Some('\''),
            (None, '"') => Some('"'),
            (None, '{') => Some('}'),
            (Some(end), _) if end == character => None,
            (open, _) => open,
        };
    }
    words.retain(|word| !word.is_empty());
    words
}
