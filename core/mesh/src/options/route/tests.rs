use alloc::string::String;
use alloc::vec::Vec;

use tchannel_wire::RetryFlags;

use super::*;
use crate::options::testing::Options;

fn headers(options: &Options) -> Vec<(String, String)> {
    let route = options.python().route().expect("may be sent");
    route.headers().iter().map(|(key, value)| (key.into(), value.into())).collect()
}

#[track_caller]
fn assert_headers(options: &Options, expected: &[(&str, &str)]) {
    let headers = headers(options);
    let headers: Vec<_> = headers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(headers, expected);
}

const DEFAULTS: [(&str, &str); 3] = [("cn", "curly"), ("as", "raw"), ("re", "c")];

#[test]
fn p1_frame_has_exactly_cn_as_and_re() {
    assert_headers(&Options::default(), &DEFAULTS);
    let encoded = Options::default().python().route().map(Route::into_bytes);
    assert_eq!(encoded.expect("may be sent"), &b"\x03moe\x03\x02cn\x05curly\x02as\x03raw\x02re\x01c"[..]);
}

#[test]
fn others_follow_in_the_order_given() {
    let mut options = Options::call(CallOptions::new().header("z", "1").header("a", "2"));
    options.call.failure_domain = Setting::Is("f".into());
    options.call.shard_key = Setting::Is("s".into());
    options.call.routing_delegate = Setting::Is("d".into());
    options.call.routing_key = Setting::Is("k".into());
    let fields = [("sk", "s"), ("rd", "d"), ("rk", "k"), ("fd", "f")];
    assert_headers(&options, &[&DEFAULTS[..], &fields, &[("z", "1"), ("a", "2")]].concat());
}

#[test]
fn n5_fields_win_over_headers() {
    let mut options = Options::call(CallOptions::new().header("cn", "x").header("sk", "x").header("as", "x"));
    options.call.caller = Some("larry".into());
    options.call.scheme = Some("json".into());
    options.call.shard_key = Setting::Is("7".into());
    assert_headers(&options, &[("cn", "larry"), ("as", "json"), ("re", "c"), ("sk", "7")]);
}

#[test]
fn n5_headers_stand_for_fields_that_are_not_given() {
    let options =
        CallOptions::new().header("x", "1").header("as", "thrift").header("sk", "7").header("cn", "shemp");
    let expected = [("cn", "shemp"), ("as", "thrift"), ("re", "c"), ("x", "1"), ("sk", "7")];
    assert_headers(&Options::call(options), &expected);
}

#[test]
fn n5_empty_caller_or_scheme_is_refused() {
    for (key, options) in [
        ("cn", CallOptions { caller: Some("".into()), ..CallOptions::new() }),
        ("as", CallOptions { scheme: Some("".into()), ..CallOptions::new() }),
        ("cn", CallOptions::new().header("cn", "")),
        ("as", CallOptions::new().header("as", "")),
    ] {
        let route = Options::call(options).python().route();
        assert_eq!(route, Err(OpenError::EmptyHeader { key }));
    }
}

#[test]
fn headers_merge_key_by_key_and_the_call_wins() {
    let options = Options {
        call: CallOptions::new().header("a", "call").header("b", "call"),
        subchannel: CallOptions::new().header("b", "sub").header("c", "sub"),
        channel: CallOptions::new().header("d", "root").header("c", "root").header("a", "root"),
    };
    let expected = [("a", "call"), ("b", "call"), ("c", "sub"), ("d", "root")];
    assert_headers(&options, &[&DEFAULTS[..], &expected].concat());
}

#[test]
fn call_beats_defaults_whether_as_field_or_as_header() {
    let mut options = Options::call(CallOptions::new().header("sk", "call"));
    options.subchannel.shard_key = Setting::Is("sub".into());
    assert_headers(&options, &[&DEFAULTS[..], &[("sk", "call")]].concat());
    options.call = CallOptions { shard_key: Setting::Is("field".into()), ..CallOptions::new() };
    options.subchannel = CallOptions::new().header("sk", "sub");
    assert_headers(&options, &[&DEFAULTS[..], &[("sk", "field")]].concat());
}

#[test]
fn none_of_the_call_undoes_a_default() {
    let mut options = Options::default();
    options.subchannel.shard_key = Setting::Is("sub".into());
    options.channel = CallOptions::new().header("sk", "root");
    options.call.shard_key = Setting::Off;
    assert_headers(&options, &DEFAULTS);
}

#[test]
fn n10_retry_flags_are_sent_as_re() {
    for text in ["n", "c", "t", "ct"] {
        let mut options = Options::default();
        options.call.retry_flags = Some(RetryFlags::parse(text));
        assert_headers(&options, &[DEFAULTS[0], DEFAULTS[1], ("re", text)]);
    }
}

#[test]
fn re_given_as_a_header_is_sent_as_it_is() {
    let mut options = Options::call(CallOptions::new().header("re", "tc"));
    options.call.retry_flags = Some(RetryFlags::NEVER);
    assert_headers(&options, &[DEFAULTS[0], DEFAULTS[1], ("re", "tc")]);
    options.subchannel = CallOptions::new().header("re", "t");
    options.call = CallOptions { retry_flags: Some(RetryFlags::NEVER), ..CallOptions::new() };
    assert_headers(&options, &[DEFAULTS[0], DEFAULTS[1], ("re", "n")]);
}

#[test]
fn limits_of_the_protocol_are_kept() {
    let refused = |options| match Options::call(options).python().route() {
        Err(OpenError::Header(why)) => why,
        other => panic!("{other:?}"),
    };
    let long = "x".repeat(256);
    assert!(matches!(refused(CallOptions::new().header("k", long.clone())), HeaderError::ValueLength { .. }));
    assert!(matches!(refused(CallOptions::new().header("", "v")), HeaderError::KeyLength { .. }));
    assert!(matches!(
        refused(CallOptions::new().header("0123456789abcdef", "v")),
        HeaderError::KeyLength { .. }
    ));
    let service = CallOptions { service: Some(long.into()), ..CallOptions::new() };
    assert!(matches!(refused(service), HeaderError::ServiceTooLong { len: 256 }));
    let many = |n: u32| (0..n).fold(CallOptions::new(), |options, n| options.header(n.to_string(), ""));
    assert!(matches!(refused(many(126)), HeaderError::TooMany { .. }));
    assert_eq!(headers(&Options::call(many(125))).len(), 128);
}

#[test]
fn key_given_twice_is_refused_also_where_a_field_wins() {
    for key in ["x", "cn", "re"] {
        let options = Options::call(CallOptions::new().header(key, "1").header(key, "2"));
        let why = HeaderError::Duplicate { key: key.into() };
        assert_eq!(options.python().route(), Err(OpenError::Header(why)));
    }
}
