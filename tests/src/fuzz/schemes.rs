//! Any bytes as the arguments of each scheme: a value or an error, and what was read is read again when written.

use std::collections::BTreeMap;
use std::fmt::Debug;

use bytes::Bytes;
use tchannel_schemes::http::{LengthOrder, Request, Response};
use tchannel_schemes::json::{self, NotOk};
use tchannel_schemes::sthrift::Chunks;
use tchannel_schemes::thrift::meta::{HealthArgs, HealthStatus, ThriftIdls, VersionInfo};
use tchannel_schemes::thrift::{self, Fields, Headers, Reader, Struct, Type, Value};

/// Arguments of `json`.
pub fn scheme_json(data: &[u8]) {
    if let Ok(value) = json::decode::<json::Value>(data) {
        let written = json::encode(&value).expect("law 7: what was read can be written");
        let again: json::Value = json::decode(&written).expect("law 7: what was written can be read");
        assert_eq!(again, value, "law 7: json body");
        assert_eq!(NotOk::decode(data).is_ok(), NotOk::decode(&written).is_ok(), "law 7: json error");
    }
    if let Ok(NotOk::Error(error)) = NotOk::decode(data) {
        let written = error.encode().expect("law 7: an error can be written");
        assert_eq!(NotOk::decode(&written), Ok(NotOk::Error(error)), "law 7: json error");
    }
    // A typed body is one as a value, too.
    if json::decode::<BTreeMap<String, Vec<Option<f64>>>>(data).is_ok() {
        assert!(json::decode::<json::Value>(data).is_ok(), "law 7: typed only");
    }
    if let Ok(mut headers) = json::Headers::decode(data) {
        if let Ok(written) = headers.encode() {
            assert_eq!(json::Headers::decode(&written).as_ref(), Ok(&headers), "law 7: json headers");
        }
        headers.strip_tracing();
        assert_eq!(headers.tracing().count(), 0, "a trace was left");
    }
}

/// Arguments of `thrift` and `sthrift`. The first byte cuts the stream.
pub fn scheme_thrift(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else { return };
    let bytes = Bytes::copy_from_slice(bytes);
    for kind in (0..=u8::MAX).filter_map(Type::from_byte) {
        let (mut read, mut skip) = (Reader::new(&bytes), Reader::new(&bytes));
        let value = Value::read(&mut read, kind);
        assert_eq!(value.is_ok(), skip.skip(kind).is_ok(), "law 7: {kind} skipped differently");
        if value.is_ok() {
            assert_eq!(read.at(), skip.at(), "law 7: {kind} ends differently");
        }
    }
    // Compared as bytes: NaN is in there, too.
    if let Ok(fields) = thrift::decode::<Fields>(&bytes) {
        let written = thrift::encode(&fields).expect("law 7: what was read can be written");
        assert_eq!(written.len(), bytes.len(), "law 7: a struct has one size");
        let again = thrift::decode::<Fields>(&written).expect("law 7: what was written can be read");
        assert_eq!(thrift::encode(&again), Ok(written), "law 7: thrift struct");
    }
    typed::<HealthArgs>(&bytes);
    typed::<HealthStatus>(&bytes);
    typed::<ThriftIdls>(&bytes);
    typed::<VersionInfo>(&bytes);
    if let Ok(headers) = Headers::decode(&bytes)
        && !bytes.is_empty()
    {
        assert_eq!(headers.encode(), Ok(bytes.clone()), "law 7: thrift headers");
    }
    chunks(&bytes, usize::from(*cut));
}

fn typed<T: Struct + PartialEq + Debug>(bytes: &Bytes) {
    if let Ok(value) = thrift::decode::<T>(bytes) {
        let written = thrift::encode(&value).expect("law 7: what was read can be written");
        assert_eq!(thrift::decode::<T>(&written).as_ref(), Ok(&value), "law 7: {}", T::NAME);
    }
}

fn chunks(bytes: &Bytes, cut: usize) {
    let read = |parts: &mut dyn Iterator<Item = Bytes>| {
        let (mut all, mut chunks) = (Vec::new(), Chunks::new());
        for mut part in parts {
            while let Some(chunk) = chunks.take(&mut part)? {
                all.push(chunk);
            }
        }
        chunks.end().map(|()| all)
    };
    let whole = read(&mut std::iter::once(bytes.clone()));
    let size = cut.max(1);
    let mut parts = bytes.chunks(size).map(|part| bytes.slice_ref(part));
    let cut = read(&mut parts);
    assert_eq!(whole.is_ok(), cut.is_ok(), "law 1: {whole:?} {cut:?}");
    if let (Ok(whole), Ok(cut)) = (whole, cut) {
        assert_eq!(whole, cut, "law 1: other chunks in parts of {size}");
    }
}

/// Request and response lines of `http`.
pub fn scheme_http(data: &[u8]) {
    let arg2 = Bytes::copy_from_slice(data);
    if let Ok(request) = Request::decode(&arg2) {
        let written = request.encode(LengthOrder::MostSignificantFirst).expect("law 7: it can be written");
        assert_eq!(Request::decode(&written).as_ref(), Ok(&request), "law 7: http request");
        let other = request.encode(LengthOrder::LeastSignificantFirst).expect("law 7: it can be written");
        assert_eq!(other.len(), written.len(), "law 7: one size in both orders");
        Request::decode(&other).expect("law 7: it can be read");
        for (name, _) in request.headers.iter() {
            assert!(request.headers.get(&name.to_ascii_uppercase()).is_some(), "{name} is not found");
        }
    }
    if let Ok(response) = Response::decode(&arg2) {
        let written = response.encode(LengthOrder::MostSignificantFirst).expect("law 7: it can be written");
        assert_eq!(Response::decode(&written), Ok(response), "law 7: http response");
    }
}

/// Inputs to begin with: a message of each kind, by the name of the target.
pub(super) fn samples(target: &str) -> Vec<Vec<u8>> {
    let texts: &[&[u8]] = match target {
        "scheme_json" => &[
            b"",
            b"null",
            br#"{"q":1}"#,
            br#"{"who":"me","$tracing$id":"1"}"#,
            br#"{"n":1,"list":[1,"two",null],"text":"h\u00e9llo"}"#,
            br#"{"type":"t","message":"m","extra":[1e3,-0.5,18446744073709551615]}"#,
            br#"{"a":[1,null,2.5],"a":[]}"#,
        ],
        "scheme_thrift" => &[
            b"\0\x0b\0\x01\0\0\0\x03foo\0",
            b"\0\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0",
            b"\0\x0c\0\x01\x0b\0\x01\0\0\0\x01x\0\0",
            b"\0\x0c\0\0\x02\0\x01\x01\x0b\0\x02\0\0\0\x02no\x08\0\x03\0\0\0\x02\0\0",
            b"\0\x0d\0\x01\x0b\x0b\0\0\0\x01\0\0\0\x01a\0\0\0\x01b\x0b\0\x02\0\0\0\x01a\0",
            b"\0\x0f\0\x01\x0e\0\0\0\x02\x04\0\0\0\x01\x7f\xf8\0\0\0\0\0\0\x06\0\0\0\0\0",
            b"\0\0\x02\0\x01a\0\x01b\0\0\0\0",
            b"\x03\0\0\0\x01\0\0\0\0\x0b\x0b\0\x01\0\0\0\x03foo\0",
        ],
        "scheme_http" => &[
            b"\x03GET\x02/a\0\0",
            b"\0\xc8\x02OK\0\0",
            b"\x04POST\x01/\0\x02\0\x04Host\0\x01h\0\x06Cookie\0\x03a=1",
            b"\x01\xf4\x03Odd\0\x02\0\x0aSet-Cookie\0\x01a\0\x0aset-cookie\0\x01b",
        ],
        _ => &[],
    };
    let mut samples: Vec<Vec<u8>> = texts.iter().map(|text| text.to_vec()).collect();
    if target == "scheme_http" {
        let url = "/u".repeat(150);
        let request = Request { method: "GET".into(), url, ..Request::default() };
        for order in [LengthOrder::MostSignificantFirst, LengthOrder::LeastSignificantFirst] {
            samples.push(request.encode(order).expect("it can be written").to_vec());
        }
    }
    samples
}
