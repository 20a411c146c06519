//! Records for people: a line each.

mod words;

use std::io::{self, Write};

use tchannel_capture::wire::{FrameType, Malformed, Message};
use tchannel_capture::{Call, Direction, Event, Frame, Outcome, Place, Record, Stream, Unanswered, explain};
use tchannel_rpc::Bytes;

use super::argument::hex;
use super::paint::Tone;
use super::{View, moment};

pub(super) fn tell(view: &View, record: &Record, out: &mut impl Write) -> io::Result<()> {
    match record {
        Record::Frame(frame) => tell_frame(view, frame, out),
        Record::Call(call) => tell_call(view, call, out),
        Record::Stream(stream) => tell_stream(view, stream, out),
        Record::Damaged(_) => Ok(()),
    }
}

fn tell_frame(view: &View, frame: &Frame, out: &mut impl Write) -> io::Result<()> {
    let paint = view.paint;
    let name = match FrameType::from_byte(frame.header.kind) {
        Some(kind) => kind.to_string(),
        None => format!("type 0x{:02x}", frame.header.kind),
    };
    write!(
        out,
        "{} {} {:>6}  ",
        front(view, &frame.place),
        paint.paint(tone(frame), format_args!("{name:<17}")),
        frame.header.id
    )?;
    match &frame.message {
        Ok(Some(message)) => write!(out, "{}", words::message(view, frame, message))?,
        Ok(None) => write!(out, "{}", paint.paint(Tone::Fault, "! unknown frame type"))?,
        Err(fault) => write!(out, "{}", wrong(view, fault))?,
    }
    if let Some(fault) = &frame.fault {
        write!(out, "  {}", wrong(view, fault))?;
    }
    writeln!(out)?;
    if view.explain { tell_fields(view, &frame.bytes, out) } else { Ok(()) }
}

fn tell_call(view: &View, call: &Call, out: &mut impl Write) -> io::Result<()> {
    let place = Place { connection: call.connection, direction: call.direction, offset: 0, at: call.began };
    let (tone, ended) = match &call.outcome {
        Outcome::Answered(answer) if !answer.args.ended => (Tone::Failed, "cut off".to_owned()),
        Outcome::Answered(answer) if answer.code.is_ok() => (Tone::Good, "ok".to_owned()),
        Outcome::Answered(_) => (Tone::Bad, "not ok".to_owned()),
        Outcome::Failed { code, .. } => (Tone::Failed, code.to_string()),
        Outcome::Cancelled { .. } => (Tone::Failed, "cancelled".to_owned()),
        Outcome::Unanswered(_) => (Tone::Failed, "no answer".to_owned()),
    };
    let latency = call.latency.map(words::latency).unwrap_or_default();
    write!(
        out,
        "{} {:>6}  {} {latency:>11}  ",
        front(view, &place),
        call.id,
        view.paint.paint(tone, format_args!("{ended:<16}"))
    )?;
    match &call.request {
        Some(request) => write!(out, "{}", words::request(view, request))?,
        None => write!(out, "{}", view.paint.paint(Tone::Dim, "a request that was not seen"))?,
    }
    match &call.outcome {
        Outcome::Answered(answer) => write!(out, "  => {}", words::answer(view, call, answer))?,
        Outcome::Failed { message, .. } => write!(out, "  => {:?}", String::from_utf8_lossy(message))?,
        Outcome::Cancelled { why } => write!(out, "  => {:?}", String::from_utf8_lossy(why))?,
        Outcome::Unanswered(why) => {
            let why = match why {
                Unanswered::Ended(_) => "the connection or the capture ended before",
                Unanswered::Replaced => "another call took its id",
                Unanswered::Dropped => "too many calls are open",
            };
            write!(out, "  {}", view.paint.paint(Tone::Dim, why))?;
        }
    }
    if let Some(fault) = call.fault() {
        write!(out, "  {}", wrong(view, &fault))?;
    }
    writeln!(out)
}

fn tell_stream(view: &View, stream: &Stream, out: &mut impl Write) -> io::Result<()> {
    let paint = view.paint;
    write!(out, "{} {:17} {:6}  ", front(view, &stream.place), "", "")?;
    let bytes = match &stream.event {
        Event::Resync { skipped } => {
            let words = match (skipped, stream.place.offset) {
                (0, 0) => "joined midway".to_owned(),
                (0, _) => "frames go on here".to_owned(),
                (skipped, _) => format!("frames go on here, behind {skipped} bytes of none that is whole"),
            };
            return writeln!(out, "{}", paint.paint(Tone::Bold, words));
        }
        Event::Gap { missing, torn } => {
            let of = match torn {
                Some(header) => format!(", of a frame of {} bytes with id {}", header.size, header.id),
                None => String::new(),
            };
            return writeln!(
                out,
                "{}",
                paint.paint(Tone::Bold, format!("{missing} bytes were not captured{of}"))
            );
        }
        Event::Broken { bytes, why } => {
            writeln!(out, "{}", wrong(view, why))?;
            bytes
        }
        Event::Foreign { bytes } => {
            let begin = String::from_utf8_lossy(bytes);
            let words = format!("! this side does not speak TChannel, it began with {begin:?}");
            return writeln!(out, "{}", paint.paint(Tone::Fault, words));
        }
        Event::Cut { bytes, .. } => {
            let words = format!("ends within a frame, of which {} bytes are here", bytes.len());
            if stream.event.is_fault() {
                writeln!(out, "{}", paint.paint(Tone::Fault, format!("! {words}")))?;
            } else {
                writeln!(out, "{}", paint.paint(Tone::Bold, words))?;
            }
            bytes
        }
    };
    if view.explain { tell_fields(view, bytes, out) } else { Ok(()) }
}

/// Each field: where it is, its bytes, and what they mean.
fn tell_fields(view: &View, bytes: &Bytes, out: &mut impl Write) -> io::Result<()> {
    const BYTES: usize = 8;
    let (fields, fault) = explain(bytes);
    for field in fields {
        let all = &bytes[field.at..field.at + field.len];
        let (first, more) = if all.len() > BYTES { (&all[..BYTES], "..") } else { (all, "") };
        let digits = format!("{}{more}", hex(first));
        let name = view.paint.paint(Tone::Asked, field.name);
        writeln!(out, "{:>8}  {digits:<18}  {name:<13}  {}", field.at, field.value)?;
    }
    match fault {
        Some(fault) => writeln!(out, "{:>8}  {}", "", wrong(view, &fault)),
        None => Ok(()),
    }
}

/// Time, connection and direction.
fn front(view: &View, place: &Place) -> String {
    let at = match place.at {
        Some(at) => moment::time(at),
        None => format!("@{}", place.offset),
    };
    let arrow = match place.direction {
        Direction::Forward => "->",
        Direction::Back => "<-",
    };
    let at = view.paint.paint(Tone::Dim, at);
    match place.connection.ends {
        Some((from, to)) => format!("{at:<15} {from} {arrow} {to}"),
        None => format!("{at:<15} {arrow}"),
    }
}

fn wrong(view: &View, fault: &Malformed) -> String {
    view.paint.paint(Tone::Fault, format_args!("! {fault}")).to_string()
}

fn tone(frame: &Frame) -> Tone {
    match &frame.message {
        Ok(Some(message)) => match message {
            Message::CallReq(_) => Tone::Asked,
            Message::CallRes(call) if call.code.is_ok() => Tone::Good,
            Message::CallRes(_) => Tone::Bad,
            Message::Error(_) | Message::Cancel(_) => Tone::Failed,
            Message::InitReq(_)
            | Message::InitRes(_)
            | Message::CallReqContinue(_)
            | Message::CallResContinue(_)
            | Message::Claim(_)
            | Message::PingReq
            | Message::PingRes => Tone::Dim,
        },
        Ok(None) | Err(_) => Tone::Fault,
    }
}
