//! Failures as JSON, with the names that tchannel-node has for them: those that scripts around tcurl look at.

use serde_json::{Map, Value, json};
use tchannel_rpc::{CallError, ErrorCode, Origin, Phase};

/// A call without an answer.
pub(super) fn failed(error: &CallError) -> Map<String, Value> {
    let (name, kind) = names(error.code(), error.origin());
    let mut line = line(name, kind, error.message(), error.origin() == Origin::Remote);
    line.insert("errorCode".into(), error.code().byte().into());
    line.insert("phase".into(), phase(error).into());
    line
}

/// An answer that cannot be read.
pub(super) fn unreadable(words: &str) -> Map<String, Value> {
    line("TchannelUnreadableError", "tchannel.unreadable", words, false)
}

fn line(name: &str, kind: &str, message: &str, is_frame: bool) -> Map<String, Value> {
    let line = json!({
        "ok": false,
        "name": name,
        "message": message,
        "isError": true,
        "isErrorFrame": is_frame,
        "type": kind,
        "fullType": kind,
    });
    match line {
        Value::Object(line) => line,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn names(code: ErrorCode, origin: Origin) -> (&'static str, &'static str) {
    match (code, origin) {
        (ErrorCode::Timeout, Origin::Remote) => ("TchannelTimeoutError", "tchannel.timeout"),
        (ErrorCode::Timeout, Origin::Local) => ("TchannelRequestTimeoutError", "tchannel.request.timeout"),
        (ErrorCode::Cancelled, _) => ("TchannelCancelledError", "tchannel.cancelled"),
        (ErrorCode::Busy, _) => ("TchannelBusyError", "tchannel.busy"),
        (ErrorCode::Declined, _) => ("TchannelDeclinedError", "tchannel.declined"),
        (ErrorCode::Unexpected | ErrorCode::Unknown(_), _) => {
            ("TchannelUnexpectedError", "tchannel.unexpected")
        }
        (ErrorCode::BadRequest, _) => ("TchannelBadRequestError", "tchannel.bad-request"),
        (ErrorCode::Network, Origin::Remote) => ("TchannelNetworkError", "tchannel.network"),
        (ErrorCode::Network, Origin::Local) => ("TchannelSocketError", "tchannel.socket"),
        (ErrorCode::Unhealthy, _) => ("TchannelUnhealthyError", "tchannel.unhealthy"),
        (ErrorCode::Fatal, _) => ("TchannelProtocolError", "tchannel.protocol"),
    }
}

fn phase(error: &CallError) -> &'static str {
    match error.phase() {
        Phase::Queue => "queue",
        // Names are looked up in that phase, too.
        Phase::Connect if error.to_string().contains("cannot look up") => "resolve",
        Phase::Connect => "connect",
        Phase::Handshake => "handshake",
        Phase::Waiting => "answer",
    }
}
