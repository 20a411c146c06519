//! The frames of a call, each written as a sender does and read as a receiver does.

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{
    CallReqView, CallResView, ChecksumKind, ContinueView, FRAME_HEADER, Fragment, FrameHeader, HeaderBlock,
    MAX_FRAME, ResponseCode, Route, Tracing, WholeArgs, put_call_req, put_call_res,
};

use crate::scenario::Scenario;

/// How a frame begins, and what a receiver gets from its body.
#[derive(Clone, Copy)]
enum Kind {
    Req,
    Res,
    ReqContinue,
    ResContinue,
}

pub(crate) fn all() -> Vec<Scenario> {
    const FULL: usize = MAX_FRAME - 100;
    const FRAMES: [(&str, &str, Kind, usize); 6] = [
        ("write-call-req-16b", "read-call-req-16b", Kind::Req, 16),
        ("write-call-res-16b", "read-call-res-16b", Kind::Res, 16),
        ("write-call-req-1kib", "read-call-req-1kib", Kind::Req, 1 << 10),
        ("write-call-res-1kib", "read-call-res-1kib", Kind::Res, 1 << 10),
        ("write-req-continue-64kib", "read-req-continue-64kib", Kind::ReqContinue, FULL),
        ("write-res-continue-64kib", "read-res-continue-64kib", Kind::ResContinue, FULL),
    ];
    let mut all = Vec::new();
    for (writing, reading, kind, len) in FRAMES {
        all.push(Scenario::new(writing, move || {
            let (writer, mut out) = (Writer::new(kind, len), BytesMut::new());
            move || {
                out.clear();
                writer.write(&mut out);
            }
        }));
        all.push(Scenario::new(reading, move || {
            let mut out = BytesMut::new();
            Writer::new(kind, len).write(&mut out);
            let frame = out.freeze();
            move || read(kind, &frame, len)
        }));
    }
    all
}

struct Writer {
    kind: Kind,
    route: Route,
    answer: HeaderBlock,
    body: Vec<u8>,
}

const CHECKSUM: ChecksumKind = ChecksumKind::Crc32c;

impl Writer {
    fn new(kind: Kind, len: usize) -> Self {
        Writer {
            kind,
            route: Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers"),
            answer: HeaderBlock::encode([("as", "raw")]).expect("short headers"),
            body: vec![7; len],
        }
    }

    fn write(&self, out: &mut BytesMut) {
        let (id, tracing) = (7, Tracing::default());
        match self.kind {
            Kind::Req => {
                put_call_req(out, id, 1_000, &tracing, &self.route, &self.args(b"endpoint"));
            }
            Kind::Res => {
                put_call_res(out, id, ResponseCode::OK, &tracing, &self.answer, &self.args(b""));
            }
            Kind::ReqContinue => self.put_continue(Fragment::call_req_continue(out, id, CHECKSUM), out),
            Kind::ResContinue => self.put_continue(Fragment::call_res_continue(out, id, CHECKSUM), out),
        }
    }

    fn args<'a>(&'a self, arg1: &'a [u8]) -> WholeArgs<'a> {
        WholeArgs { args: [arg1, b"", &self.body], checksum: CHECKSUM, arg3_beside: false }
    }

    fn put_continue(&self, mut frame: Fragment, out: &mut BytesMut) {
        frame.chunk(out, &self.body);
        frame.finish(out, true, CHECKSUM.update(0, &self.body));
    }
}

fn read(kind: Kind, frame: &Bytes, len: usize) {
    let header = FrameHeader::peek(frame).expect("a header is good").expect("it is there");
    assert_eq!(usize::from(header.size), frame.len());
    let body = &frame[FRAME_HEADER..];
    let (checksum, chunks) = match kind {
        Kind::Req => CallReqView::decode(body).map(|call| (call.checksum, call.chunks)),
        Kind::Res => CallResView::decode(body).map(|call| (call.checksum, call.chunks)),
        Kind::ReqContinue | Kind::ResContinue => {
            ContinueView::decode(body).map(|part| (part.checksum, part.chunks))
        }
    }
    .expect("a good frame");
    checksum.verify(chunks, 0).expect("a good checksum");
    assert_eq!(chunks.iter().last().map(<[u8]>::len), Some(len));
}
