//! Records for programs: a line of JSON each.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tchannel_capture::wire::{
    Checksum, ChecksumKind, Chunks, Flags, FrameHeader, FrameType, Headers, Malformed, Message, Tracing,
};
use tchannel_capture::{
    Argument, Arguments, Call, Connection, Direction, End, Event, Frame, Outcome, Record, Stream, Unanswered,
    explain,
};
use tchannel_rpc::Bytes;

use crate::print;

use super::argument::{Of, hex};
use super::{View, moment};

type Object = Map<String, Value>;

pub(super) fn tell(view: &View, record: &Record, out: &mut impl Write) -> io::Result<()> {
    let object = match record {
        Record::Frame(frame) => of_frame(view, frame),
        Record::Call(call) => of_call(view, call),
        Record::Stream(stream) => of_stream(view, stream),
        Record::Damaged(_) => return Ok(()),
    };
    writeln!(out, "{}", print::json(&Value::Object(object)))
}

/// Adds fields, those that are not there left out.
fn put<const N: usize>(object: &mut Object, fields: [(&str, Value); N]) {
    for (name, value) in fields {
        if !value.is_null() {
            object.insert(name.into(), value);
        }
    }
}

fn of_frame(view: &View, frame: &Frame) -> Object {
    let mut object = Object::new();
    put(&mut object, [("frame", frame.number.into())]);
    put_place(&mut object, frame.place.connection, frame.place.direction, frame.place.at);
    put(&mut object, [("offset", frame.place.offset.into()), ("type", kind(frame.header.kind))]);
    put(&mut object, [("id", frame.header.id.into()), ("size", frame.header.size.into())]);
    if let Some(call) = &frame.call {
        put(
            &mut object,
            [("call", call.number.into()), ("late", if call.late { true.into() } else { Value::Null })],
        );
    }
    if let Ok(Some(message)) = &frame.message {
        put_message(view, &mut object, frame, message);
    }
    put(&mut object, [("latency_ms", millis(frame.latency)), ("malformed", malformed(frame))]);
    if view.explain {
        put(&mut object, [("fields", fields(&frame.bytes))]);
    }
    object
}

fn malformed(frame: &Frame) -> Value {
    match (&frame.message, &frame.fault) {
        (Err(fault), _) | (Ok(_), Some(fault)) => fault.to_string().into(),
        (Ok(None), None) => "unknown frame type".into(),
        (Ok(Some(_)), None) => Value::Null,
    }
}

fn put_message(view: &View, object: &mut Object, frame: &Frame, message: &Message) {
    let arg1 = frame.call.as_ref().and_then(|call| call.arg1.as_deref());
    match message {
        Message::InitReq(init) | Message::InitRes(init) => {
            let headers: Object =
                init.headers.iter().map(|(key, value)| (key.into(), value.into())).collect();
            put(object, [("version", init.version.into()), ("headers", headers.into())]);
        }
        Message::CallReq(call) => {
            put(
                object,
                [
                    ("flags", call.flags.0.into()),
                    ("ttl", call.ttl.into()),
                    ("tracing", tracing(&call.tracing)),
                ],
            );
            put(
                object,
                [("service", call.route.service().into()), ("headers", headers(call.route.headers()))],
            );
            let of = Of { scheme: call.route.headers().scheme(), arg1, answer: false };
            put_chunks(view, object, Some(of), call.flags, call.checksum, &call.chunks);
        }
        Message::CallRes(call) => {
            put(
                object,
                [
                    ("flags", call.flags.0.into()),
                    ("code", call.code.0.into()),
                    ("ok", call.code.is_ok().into()),
                ],
            );
            put(object, [("tracing", tracing(&call.tracing)), ("headers", headers(call.headers.headers()))]);
            let of = Of { scheme: call.headers.headers().scheme(), arg1, answer: true };
            put_chunks(view, object, Some(of), call.flags, call.checksum, &call.chunks);
        }
        Message::CallReqContinue(part) | Message::CallResContinue(part) => {
            put(object, [("flags", part.flags.0.into())]);
            put_chunks(view, object, None, part.flags, part.checksum, &part.chunks);
        }
        Message::Cancel(cancel) => {
            let why = String::from_utf8_lossy(&cancel.why);
            put(
                object,
                [("ttl", cancel.ttl.into()), ("tracing", tracing(&cancel.tracing)), ("why", why.into())],
            );
        }
        Message::Claim(claim) => {
            put(object, [("ttl", claim.ttl.into()), ("tracing", tracing(&claim.tracing))]);
        }
        Message::PingReq | Message::PingRes => {}
        Message::Error(error) => {
            put(object, [("code", error.code.byte().into()), ("error", error.code.to_string().into())]);
            put(object, [("tracing", tracing(&error.tracing)), ("message", error.text().into())]);
        }
    }
}

/// The sizes of chunks; and the arguments, if the frame is a whole message.
fn put_chunks(
    view: &View,
    object: &mut Object,
    of: Option<Of<'_>>,
    flags: Flags,
    checksum: Checksum,
    chunks: &Chunks,
) {
    let value = if checksum.kind == ChecksumKind::None { Value::Null } else { checksum.value.into() };
    put(object, [("checksum", checksum_name(checksum.kind)), ("checksum_value", value)]);
    let args: Vec<Argument> = chunks
        .iter()
        .map(|bytes| Argument { len: u64::try_from(bytes.len()).unwrap_or(u64::MAX), bytes })
        .collect();
    match (of, <[Argument; 3]>::try_from(args)) {
        (Some(of), Ok(args)) if !flags.more() => {
            view.shown.put(object, of, &Arguments { args, ended: true, ..Arguments::default() });
        }
        (_, _) => {
            let sizes: Vec<usize> = chunks.iter_slices().map(<[u8]>::len).collect();
            put(object, [("chunks", sizes.into())]);
        }
    }
}

fn of_call(view: &View, call: &Call) -> Object {
    let mut object = Object::new();
    put(&mut object, [("call", call.number.into())]);
    put_place(&mut object, call.connection, call.direction, call.began);
    put(&mut object, [("id", call.id.into()), ("outcome", outcome(&call.outcome).into())]);
    put(&mut object, [("latency_ms", millis(call.latency))]);
    let arg1 = call.request.as_ref().map(|request| &request.args.args[0].bytes[..]);
    if let Some(request) = &call.request {
        let headers_there = request.route.headers();
        put(&mut object, [("service", request.route.service().into()), ("ttl", request.ttl.into())]);
        let mut inner = Object::new();
        put(&mut inner, [("tracing", tracing(&request.tracing)), ("headers", headers(headers_there))]);
        put_args(view, &mut inner, Of { scheme: headers_there.scheme(), arg1, answer: false }, &request.args);
        put(&mut object, [("request", inner.into())]);
    }
    match &call.outcome {
        Outcome::Answered(answer) => {
            let headers_there = answer.headers.headers();
            let mut inner = Object::new();
            put(&mut inner, [("code", answer.code.0.into()), ("headers", headers(headers_there))]);
            put_args(
                view,
                &mut inner,
                Of { scheme: headers_there.scheme(), arg1, answer: true },
                &answer.args,
            );
            put(&mut object, [("answer", inner.into())]);
        }
        Outcome::Failed { code, message } => {
            let message = String::from_utf8_lossy(message);
            let error = json!({ "code": code.byte(), "name": code.to_string(), "message": message });
            put(&mut object, [("error", error)]);
        }
        Outcome::Cancelled { why } => put(&mut object, [("why", String::from_utf8_lossy(why).into())]),
        Outcome::Unanswered(why) => put(&mut object, [("why", unanswered(*why).into())]),
    }
    object
}

fn put_args(view: &View, object: &mut Object, of: Of<'_>, args: &Arguments) {
    view.shown.put(object, of, args);
    put(object, [("frames", args.frames.into()), ("checksum", checksum_name(args.checksum))]);
    put(object, [("whole", args.is_whole().into())]);
    put(object, [("malformed", args.fault.map_or(Value::Null, |fault| fault.to_string().into()))]);
}

fn of_stream(view: &View, stream: &Stream) -> Object {
    let (name, place) = (event_name(&stream.event), &stream.place);
    let mut object = Object::new();
    put(&mut object, [("event", name.into())]);
    put_place(&mut object, place.connection, place.direction, place.at);
    put(&mut object, [("offset", place.offset.into())]);
    match &stream.event {
        Event::Resync { skipped } => put(&mut object, [("skipped", (*skipped).into())]),
        Event::Gap { missing, torn } => {
            let of = |header: &FrameHeader| json!({ "type": kind(header.kind), "id": header.id, "size": header.size });
            let torn = torn.as_ref().map_or(Value::Null, of);
            put(&mut object, [("missing", (*missing).into()), ("torn", torn)]);
        }
        Event::Broken { bytes, why } => put_bytes(view, &mut object, bytes, Some(why)),
        Event::Foreign { bytes } | Event::Cut { bytes, .. } => put_bytes(view, &mut object, bytes, None),
    }
    if let Event::Cut { end, .. } = &stream.event {
        put(&mut object, [("end", end_name(*end).into())]);
    }
    object
}

fn put_bytes(view: &View, object: &mut Object, bytes: &Bytes, why: Option<&Malformed>) {
    put(object, [("bytes", bytes.len().into()), ("begin", view.shown.bytes(bytes))]);
    put(object, [("malformed", why.map_or(Value::Null, |why| why.to_string().into()))]);
    if view.explain {
        put(object, [("fields", fields(bytes))]);
    }
}

fn put_place(object: &mut Object, connection: Connection, direction: Direction, at: Option<Duration>) {
    put(object, [("at", at.map_or(Value::Null, |at| moment::date_time(at).into()))]);
    if let Some((from, to)) = connection.from_to(direction) {
        put(object, [("connection", connection.number.into())]);
        put(object, [("from", from.to_string().into()), ("to", to.to_string().into())]);
    }
}

fn fields(bytes: &Bytes) -> Value {
    let (fields, fault) = explain(bytes);
    let mut all: Vec<Value> = fields
        .into_iter()
        .map(|field| {
            let digits = hex(&bytes[field.at..field.at + field.len]);
            json!({ "at": field.at, "name": field.name, "bytes": digits, "value": field.value })
        })
        .collect();
    all.extend(fault.map(|fault| json!({ "malformed": fault.to_string() })));
    all.into()
}

fn kind(byte: u8) -> Value {
    FrameType::from_byte(byte).map_or_else(|| byte.into(), |kind| kind.to_string().into())
}

fn headers(headers: Headers<'_>) -> Value {
    headers.iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect::<Object>().into()
}

fn tracing(tracing: &Tracing) -> Value {
    let id = |id: u64| format!("{id:016x}");
    json!({
        "span": id(tracing.span_id),
        "parent": id(tracing.parent_id),
        "trace": id(tracing.trace_id),
        "sampled": tracing.is_sampled(),
    })
}

fn checksum_name(kind: ChecksumKind) -> Value {
    match kind {
        ChecksumKind::None => "none",
        ChecksumKind::Crc32 => "crc32",
        ChecksumKind::FarmHash => "farmhash",
        ChecksumKind::Crc32c => "crc32c",
    }
    .into()
}

fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered(answer) if answer.code.is_ok() => "ok",
        Outcome::Answered(_) => "not ok",
        Outcome::Failed { .. } => "error",
        Outcome::Cancelled { .. } => "cancelled",
        Outcome::Unanswered(_) => "unanswered",
    }
}

fn unanswered(why: Unanswered) -> &'static str {
    match why {
        Unanswered::Ended(end) => end_name(end),
        Unanswered::Replaced => "replaced",
        Unanswered::Dropped => "dropped",
    }
}

fn end_name(end: End) -> &'static str {
    match end {
        End::Finished => "closed",
        End::Reset => "reset",
        End::Unseen => "capture ended",
    }
}

fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Resync { .. } => "resync",
        Event::Gap { .. } => "gap",
        Event::Broken { .. } => "broken",
        Event::Foreign { .. } => "foreign",
        Event::Cut { .. } => "cut",
    }
}

fn millis(latency: Option<Duration>) -> Value {
    latency.map_or(Value::Null, |latency| (latency.as_secs_f64() * 1e3).into())
}
