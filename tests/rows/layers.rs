//! Defaults of channels and sub-channels under the options of a call.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use tchannel_proto::Timestamp;
use tchannel_rpc::wire::CallReq;
use tchannel_rpc::{
    CallOptions, ChecksumKind, ErrorCode, Origin, Outbound, Parent, RetryFlags, RetryPolicy, Setting,
    SubChannel, Tracing,
};

use super::net::{
    ENDPOINT, LONG, Net, SERVICE, SHORT, Server, answers, block_on, echoes, hangs, knowing, refuses,
};

const SECOND: Duration = Duration::from_secs(1);

/// A service whose channel and sub-channel have these defaults.
fn with_defaults(
    net: &Net,
    servers: &[&Server],
    channel: impl FnOnce(&mut CallOptions),
    subchannel: impl FnOnce(&mut CallOptions),
) -> SubChannel {
    let client = knowing(net.ordering(servers).defaults(channel), servers);
    client.subchannel(SERVICE).defaults(subchannel).build().unwrap()
}

/// The frame of a call with these defaults.
fn sent(
    channel: impl FnOnce(&mut CallOptions),
    subchannel: impl FnOnce(&mut CallOptions),
    call: impl FnOnce(Outbound) -> Outbound,
) -> CallReq {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let moe = with_defaults(&net, &[&server], channel, subchannel);
        call(moe.call(ENDPOINT)).send().await.unwrap();
        net.line.request()
    })
}

fn scheme(scheme: &'static str) -> impl FnOnce(&mut CallOptions) {
    move |defaults| defaults.scheme = Some(scheme.into())
}

fn nothing(_: &mut CallOptions) {}

fn plain(call: Outbound) -> Outbound {
    call
}

#[test]
fn s4_the_service_defaults_to_the_subchannels_name() {
    assert_eq!(sent(nothing, nothing, plain).route.service(), SERVICE);
    let named = sent(nothing, |defaults| defaults.service = Some(SERVICE.into()), plain);
    assert_eq!(named.route.service(), SERVICE);
}

#[test]
fn s4_a_call_beats_its_subchannel_which_beats_the_channel() {
    let scheme_of = |call: &CallReq| call.route.headers().get("as").map(String::from);
    assert_eq!(scheme_of(&sent(nothing, nothing, plain)).as_deref(), Some("raw"));
    assert_eq!(scheme_of(&sent(scheme("json"), nothing, plain)).as_deref(), Some("json"));
    assert_eq!(scheme_of(&sent(scheme("json"), scheme("thrift"), plain)).as_deref(), Some("thrift"));
    let all = sent(scheme("json"), scheme("thrift"), |call| call.scheme("http"));
    assert_eq!(scheme_of(&all).as_deref(), Some("http"));
    let raw = sent(scheme("json"), scheme("thrift"), |call| call.scheme("raw"));
    assert_eq!(scheme_of(&raw).as_deref(), Some("raw"));
}

#[test]
fn s4_headers_merge_key_by_key() {
    let call = sent(
        |defaults| defaults.headers = vec![("a".into(), "channel".into()), ("b".into(), "channel".into())],
        |defaults| defaults.headers = vec![("b".into(), "sub".into()), ("c".into(), "sub".into())],
        |call| call.header("c", "call").header("d", "call"),
    );
    let get = |key| call.route.headers().get(key);
    assert_eq!((get("a"), get("b")), (Some("channel"), Some("sub")));
    assert_eq!((get("c"), get("d")), (Some("call"), Some("call")));
}

#[test]
fn s4_every_option_of_the_wire_can_be_a_default() {
    let call = sent(
        |defaults| {
            defaults.caller = Some("curly".into());
            defaults.shard_key = Setting::Is("shard".into());
            defaults.routing_delegate = Setting::Is("delegate".into());
            defaults.trace = Some(false);
        },
        |defaults| {
            defaults.routing_key = Setting::Is("group".into());
            defaults.failure_domain = Setting::Is("domain".into());
            defaults.checksum = Some(ChecksumKind::Crc32);
            defaults.retry_flags = Some(RetryFlags::NEVER);
            defaults.timeout = Some(SECOND * 7);
        },
        plain,
    );
    let headers: Vec<_> = call.route.headers().iter().collect();
    let expected = [
        ("cn", "curly"),
        ("as", "raw"),
        ("re", "n"),
        ("sk", "shard"),
        ("rd", "delegate"),
        ("rk", "group"),
        ("fd", "domain"),
    ];
    assert_eq!(headers, expected);
    assert_eq!((call.checksum.kind, call.tracing), (ChecksumKind::Crc32, Tracing::ZERO));
    assert!((1..=7_000).contains(&call.ttl), "{} ms", call.ttl);
}

#[test]
fn s4_zero_none_and_false_of_a_call_undo_defaults() {
    let call = sent(
        |defaults| {
            defaults.shard_key = Setting::Is("shard".into());
            defaults.trace = Some(false);
            defaults.checksum = Some(ChecksumKind::Crc32);
        },
        nothing,
        |call| call.with(|options| options.shard_key = Setting::Off).trace(true).checksum(ChecksumKind::None),
    );
    assert_eq!(call.route.headers().shard_key(), None);
    assert_ne!(call.tracing.trace_id, 0);
    assert_eq!(call.checksum.kind, ChecksumKind::None);
}

#[test]
fn s4_attempts_and_flags_can_be_defaults() {
    block_on(async {
        let net = Net::new();
        let busy = [net.server(refuses(ErrorCode::Busy)).await, net.server(refuses(ErrorCode::Busy)).await];
        let unexpected = net.server(refuses(ErrorCode::Unexpected)).await;
        let good = net.server(answers("good")).await;
        let servers = [&busy[0], &busy[1], &good];

        let two = |defaults: &mut CallOptions| defaults.max_attempts = NonZeroU32::new(2);
        let moe = with_defaults(&net, &servers, two, nothing);
        assert_eq!(moe.call(ENDPOINT).send().await.unwrap_err().attempts(), 2);
        assert_eq!(moe.call(ENDPOINT).retry_limit(2).send().await.unwrap().attempts(), 3);

        let moe = with_defaults(&net, &servers, nothing, |defaults| {
            defaults.retry_flags = Some(RetryFlags::NEVER);
        });
        assert_eq!(moe.call(ENDPOINT).send().await.unwrap_err().attempts(), 1);
        assert_eq!(moe.call(ENDPOINT).retry(RetryFlags::default()).send().await.unwrap().attempts(), 3);

        let strict = |defaults: &mut CallOptions| defaults.retry_policy = Some(RetryPolicy::Strict);
        let moe = with_defaults(&net, &[&unexpected, &good], strict, nothing);
        assert_eq!(moe.call(ENDPOINT).send().await.unwrap_err().attempts(), 1);
        let bold = moe.call(ENDPOINT).retry_policy(RetryPolicy::Documented);
        assert_eq!(bold.send().await.unwrap().attempts(), 2);
    });
}

#[test]
fn s4_times_can_be_defaults() {
    block_on(async {
        let net = Net::new();
        let silent = net.server(hangs).await;
        let good = net.server(answers("good")).await;
        let per_attempt = |defaults: &mut CallOptions| defaults.timeout_per_attempt = Setting::Is(SHORT);
        let moe = with_defaults(&net, &[&silent, &good], per_attempt, nothing);
        assert_eq!(moe.call(ENDPOINT).send().await.unwrap().attempts(), 2);
        net.line.forget();
        let off = moe.call(ENDPOINT).with(|options| options.timeout_per_attempt = Setting::Off);
        let error = off.timeout(SHORT).send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Timeout, 1));

        let short = net.builder("client").timeout(SECOND * 9).build().unwrap();
        short.call(SERVICE, ENDPOINT).host(good.at).send().await.unwrap();
        let ttl = net.line.request().ttl;
        assert!((1..=9_000).contains(&ttl), "{ttl} ms");
    });
}

#[test]
fn s4_a_default_can_say_that_there_is_no_parent() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let no_parent = |defaults: &mut CallOptions| {
            defaults.no_parent = Some(true);
            defaults.timeout = Some(LONG);
        };
        let moe = with_defaults(&net, &[&server], nothing, no_parent);
        moe.request(ENDPOINT).send().await.unwrap();
        let tracing = Tracing { span_id: 7, parent_id: 6, trace_id: 5, flags: 0 };
        moe.request(ENDPOINT).parent(Parent { tracing, deadline: Timestamp::MAX }).send().await.unwrap();
        assert_eq!(net.line.request().tracing.trace_id, 5);
    });
}

#[test]
fn s4_a_parent_can_be_a_default() {
    let parent = |span_id| {
        let tracing = Tracing { span_id, parent_id: 6, trace_id: 5, flags: 0 };
        Some(Parent { tracing, deadline: Timestamp::MAX })
    };
    let channel = |defaults: &mut CallOptions| defaults.parent = parent(7);
    let parent_of = |sent: &CallReq| (sent.tracing.trace_id == 5).then_some(sent.tracing.parent_id);
    assert_eq!(parent_of(&sent(channel, nothing, plain)), Some(7));
    assert_eq!(parent_of(&sent(channel, |defaults| defaults.parent = parent(8), plain)), Some(8));
    assert_eq!(parent_of(&sent(channel, |defaults| defaults.no_parent = Some(true), plain)), None);
    assert_eq!(parent_of(&sent(channel, nothing, |call| call.parent(parent(9).unwrap()))), Some(9));
    assert_eq!(parent_of(&sent(channel, nothing, Outbound::no_parent)), None);
}

#[test]
fn table_2_options_without_a_method_are_set_by_with() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let moe = with_defaults(&net, &[&server], nothing, nothing);
        let tracing = Tracing { span_id: 7, parent_id: 6, trace_id: 5, flags: 0 };
        let parent = Parent { tracing, deadline: Timestamp::MAX };
        let call = moe.request(ENDPOINT).with(|options| {
            options.parent = Some(parent);
            options.timeout = Some(LONG);
            options.scheme = Some("json".into());
        });
        call.send().await.unwrap();
        let sent = net.line.request();
        assert_eq!((sent.tracing.trace_id, sent.tracing.parent_id), (5, 7));
        assert_eq!(sent.route.headers().get("as"), Some("json"));
        moe.request(ENDPOINT)
            .with(|options| options.no_parent = Some(true))
            .timeout(LONG)
            .send()
            .await
            .unwrap();
    });
}

#[test]
fn table_2_a_body_over_max_message_is_refused_here() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let small =
            net.builder("client").config(|config| config.max_message = NonZeroUsize::new(1_000).unwrap());
        let client = knowing(small, &[&server]);
        let call = |len| client.call(SERVICE, ENDPOINT).arg2("head").arg3(vec![0; len]).send();
        assert!(call(1_000 - 3 - 4).await.is_ok());
        net.line.forget();
        let error = call(1_000 - 3 - 4 + 1).await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
        assert!(error.message().contains("1001 bytes, at most 1000"), "{error}");
        assert!(net.line.frames().is_empty());
    });
}

#[test]
fn table_2_a_request_is_a_value_that_may_be_sent_many_times() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let moe = with_defaults(&net, &[&server], nothing, nothing);
        let request = moe.request(ENDPOINT).no_parent().timeout(LONG).arg3("again").shard_key("s");
        assert_eq!(net.line.network().connects(), 0, "building does nothing");
        for _ in 0..3 {
            assert_eq!(request.clone().send().await.unwrap().body(), "again");
        }
        assert_eq!(net.asked(&server), 3);
    });
}
