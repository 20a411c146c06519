//! What a request says before its arguments: service, transport headers, endpoint, checksum.

use tchannel_rpc::testing::pattern;
use tchannel_rpc::wire::CallReq;
use tchannel_rpc::{ChecksumKind, ErrorCode, Origin, Outbound, Phase, Reply, Request, RetryFlags};

use super::net::{ENDPOINT, LONG, Net, SERVICE, answers, block_on, echoes, settle};

fn headers(call: &CallReq) -> Vec<(&str, &str)> {
    call.route.headers().iter().collect()
}

/// The frame of a call without a failure.
fn sent(change: impl FnOnce(Outbound) -> Outbound) -> CallReq {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        change(client.call(SERVICE, ENDPOINT)).send().await.unwrap();
        net.line.request()
    })
}

/// A call that must not leave, and what is said about it.
fn refused(change: impl FnOnce(Outbound) -> Outbound) -> String {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let error = change(client.call(SERVICE, ENDPOINT)).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local), "{error}");
        assert_eq!((error.phase(), error.attempts()), (Phase::Queue, 0), "{error}");
        settle().await;
        assert_eq!(net.line.network().connects(), 0, "{error}");
        error.message().to_owned()
    })
}

#[test]
fn p1_a_call_has_exactly_cn_as_and_re_and_absent_arguments_are_empty() {
    let call = sent(|call| call);
    assert_eq!(call.route.service(), SERVICE);
    assert_eq!(headers(&call), [("cn", "client"), ("as", "raw"), ("re", "c")]);
    let chunks: Vec<_> = call.chunks.iter().collect();
    assert_eq!(chunks, [ENDPOINT, "", ""]);
    assert!(!call.flags.more());
}

#[test]
fn n4_service_says_what_is_called_instead_of_the_subchannels_name() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[&server]);
        let larry = client.service("larry").unwrap();
        for call in [larry.call(ENDPOINT), larry.request(ENDPOINT).no_parent().timeout(LONG)] {
            assert_eq!(call.service(SERVICE).send().await.unwrap().body(), "yes");
            assert_eq!(net.line.request().route.service(), SERVICE);
        }
    });
}

#[test]
fn n4_an_empty_service_is_refused_here() {
    let text = refused(|call| call.service(""));
    assert!(text.contains("the service name is empty"), "{text}");
}

#[test]
fn n5_typed_headers_leave_under_their_keys() {
    let call = sent(|call| {
        let call = call.caller("curly").scheme("json").shard_key("shard").routing_delegate("delegate");
        call.routing_key("group").failure_domain("domain")
    });
    let expected = [
        ("cn", "curly"),
        ("as", "json"),
        ("re", "c"),
        ("sk", "shard"),
        ("rd", "delegate"),
        ("rk", "group"),
        ("fd", "domain"),
    ];
    assert_eq!(headers(&call), expected);
}

#[test]
fn n5_further_headers_follow_in_their_order() {
    let call = sent(|call| call.headers([("zed", "1"), ("any", "2")]).header("mid", "3").header("any", "4"));
    assert_eq!(headers(&call)[3..], [("zed", "1"), ("any", "4"), ("mid", "3")]);
}

#[test]
fn n5_cn_and_as_may_be_given_as_headers() {
    let call = sent(|call| call.headers([("cn", "curly"), ("as", "thrift")]));
    assert_eq!(headers(&call), [("cn", "curly"), ("as", "thrift"), ("re", "c")]);
}

#[test]
fn n5_a_typed_header_wins_over_one_of_its_key() {
    let call = sent(|call| call.header("sk", "weak").shard_key("strong"));
    assert_eq!(headers(&call)[3..], [("sk", "strong")]);
}

#[test]
fn n5_empty_cn_and_as_fail_with_nothing_written() {
    assert!(refused(|call| call.caller("")).contains("`cn` is empty"));
    assert!(refused(|call| call.scheme("")).contains("`as` is empty"));
    assert!(refused(|call| call.header("cn", "")).contains("`cn` is empty"));
    assert!(refused(|call| call.header("as", "")).contains("`as` is empty"));
}

#[test]
fn n5_headers_past_the_protocols_limits_are_refused_here() {
    refused(|call| call.header("", "x"));
    refused(|call| call.header("sixteen-bytes-ab", "x"));
    refused(|call| call.header("key", "x".repeat(256)));
    refused(|call| call.headers((0..126).map(|n| (format!("key-{n}"), "x"))));
    let most = sent(|call| {
        let most = call.headers((0..124).map(|n| (format!("key-{n}"), "x")));
        most.header("fifteen-bytes-a", "x".repeat(255))
    });
    assert_eq!(headers(&most).len(), 128);
}

#[test]
fn n10_retry_flags_are_sent_and_read_as_they_are_meant() {
    for (connection, timeout, text) in
        [(false, false, "n"), (true, false, "c"), (false, true, "t"), (true, true, "ct")]
    {
        let flags = RetryFlags { connection, timeout };
        let call = sent(|call| call.retry(flags));
        assert_eq!(headers(&call)[2], ("re", text));
        assert_eq!(call.route.headers().retry(), flags, "{text}");
    }
}

#[test]
fn n10_flags_given_as_the_header_are_sent_as_they_are() {
    for (text, flags) in [
        ("n", RetryFlags::NEVER),
        ("nc", RetryFlags::NEVER),
        ("nt", RetryFlags::NEVER),
        ("nct", RetryFlags::NEVER),
        ("c", RetryFlags { connection: true, timeout: false }),
        ("t", RetryFlags { connection: false, timeout: true }),
        ("ct", RetryFlags { connection: true, timeout: true }),
        ("tc", RetryFlags { connection: true, timeout: true }),
    ] {
        let call = sent(|call| call.header("re", text));
        assert_eq!(headers(&call)[2], ("re", text));
        assert_eq!(call.route.headers().retry(), flags, "{text}");
    }
}

#[test]
fn n15_checksum_kinds_are_honoured_also_none() {
    for (kind, byte) in [(ChecksumKind::None, 0), (ChecksumKind::Crc32, 1), (ChecksumKind::Crc32c, 3)] {
        assert_eq!(sent(|call| call.checksum(kind).arg3("body")).checksum.kind.byte(), byte);
    }
    assert_eq!(sent(|call| call).checksum.kind.byte(), 3, "the default");
    assert!(refused(|call| call.checksum(ChecksumKind::FarmHash)).contains("farmhash"));
}

#[test]
fn n16_a_call_that_is_passed_on_keeps_its_checksum_kind_and_verifies() {
    block_on(async {
        let net = Net::new();
        let back = net.server(echoes).await;
        let onward = net.client(&[&back]);
        let front = net.server(move |request: Request| {
            let call = onward.call(request.service(), request.arg1()).checksum(request.checksum());
            async move {
                let args = request.into_args();
                let answer = call.arg2(args.arg2).arg3_pieces(args.arg3).send().await?.into_args();
                Ok(tchannel_rpc::Reply::pieces(answer.arg2, answer.arg3))
            }
        });
        let front = front.await;
        let client = net.client(&[&front]);
        for kind in [ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::Crc32c] {
            let body = pattern(200_000);
            let answer = client.call(SERVICE, ENDPOINT).checksum(kind).arg3(body.clone()).send().await;
            let answer = answer.unwrap();
            assert_eq!((answer.body(), answer.checksum()), (body, kind));
            assert_eq!(net.line.requests_to(back.at).pop().unwrap().checksum.kind, kind);
        }
    });
}

#[test]
fn n20_endpoints_are_bytes_or_text_up_to_16384_bytes() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("known")).await;
        server.channel.fallback(|request: Request| async move {
            Ok(tchannel_rpc::Reply::ok("", request.arg1().clone()))
        });
        let client = net.client(&[&server]);
        for endpoint in [&b""[..], &b"\0\xFF\x80"[..], &[b'e'; 16_384]] {
            let answer = client.call(SERVICE, endpoint).send().await.unwrap();
            assert_eq!(answer.body(), endpoint);
        }
        assert_eq!(client.call(SERVICE, ENDPOINT).send().await.unwrap().body(), "known");
        net.line.forget();
        let error = client.call(SERVICE, "e".repeat(16_385)).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
        assert!(error.message().contains("16385 bytes"), "{error}");
        settle().await;
        assert!(net.line.frames().is_empty());
    });
}

#[test]
fn p3_flags_are_read_in_any_order_and_n_cancels_the_rest() {
    let parse = RetryFlags::parse;
    assert_eq!(parse("c"), RetryFlags { connection: true, timeout: false });
    assert_eq!(parse("t"), RetryFlags { connection: false, timeout: true });
    assert_eq!(parse("n"), RetryFlags::NEVER);
    assert_eq!(parse("ct"), parse("tc"));
    assert_eq!(parse("ctn"), RetryFlags::NEVER);
}

#[test]
fn children_of_a_request_go_its_way_if_asked() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let inner = net.client(&[&server]);
        let middle = net
            .server(move |request: Request| {
                let call = inner.call(SERVICE, ENDPOINT).parent(request.child()).shard_key("own");
                async move {
                    call.routed_as(request.headers()).send().await?;
                    Ok(Reply::ok("", ""))
                }
            })
            .await;
        let client = net.client(&[&middle]);
        let call = client.call(SERVICE, ENDPOINT).routing_delegate("delegate").routing_key("key");
        call.send().await.unwrap();
        let children = net.line.requests_to(server.at);
        let headers = children[0].route.headers();
        assert_eq!(headers.routing_delegate(), Some("delegate"));
        assert_eq!((headers.routing_key(), headers.shard_key()), (Some("key"), Some("own")));
    });
}
