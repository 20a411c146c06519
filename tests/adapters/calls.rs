//! Calls that are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tchannel_rpc::testing::{Shape, echo, pattern};
use tchannel_rpc::{Bytes, ChecksumKind, Reject, Reply, Request, ResponseCode, RetryFlags, Tracing};

use super::{Pair, block_on, block_on_threads};

/// Around every boundary that matters: nothing, one byte, the pin threshold, a frame, several frames, a MiB.
fn sizes() -> Vec<usize> {
    let mut sizes = vec![0, 1, 2, 3, 100, 1 << 20];
    for edge in [1 << 10, 4 << 10, 16 << 10, 65_535 - 200, 65_535, 2 * 65_535, 256 << 10] {
        sizes.extend([edge - 1, edge, edge + 1]);
    }
    sizes.extend(65_200..65_215);
    sizes
}

#[test]
fn echo_returns_bodies_of_every_size() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for size in sizes() {
            let body = pattern(size);
            let response = pair.call("echo").arg2("head").arg3(body.clone()).send().await.unwrap();
            assert!(response.ok(), "{size} bytes");
            assert_eq!(response.arg2(), "head");
            assert_eq!(response.body(), body, "{size} bytes");
        }
        assert_eq!(pair.network.connects(), 1, "one connection serves all calls");
    });
}

#[test]
fn streams_in_awkward_pieces_carry_the_same_calls() {
    let shape = Shape { capacity: 1_000, reads: vec![1, 7, 64, 3], writes: vec![5, 1, 300] };
    block_on(async {
        let pair = Pair::new(shape).await;
        for size in [0, 1, 1_000, 70_000] {
            let body = pattern(size);
            let response = pair.call("echo").arg3(body.clone()).send().await.unwrap();
            assert_eq!(response.body(), body, "{size} bytes");
        }
    });
}

#[test]
fn large_arg2_comes_back_whole() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for size in [65_000, 65_535, 300_000] {
            let response = pair.call("echo").arg2(pattern(size)).arg3("tail").send().await.unwrap();
            assert_eq!(*response.arg2(), pattern(size));
            assert_eq!(response.body(), "tail");
        }
    });
}

#[test]
fn many_concurrent_calls_are_each_answered_with_their_own() {
    block_on_threads(async {
        let pair = Arc::new(Pair::new(Shape::default()).await);
        let calls = (0..500).map(|n: usize| {
            let pair = pair.clone();
            tokio::spawn(async move {
                let body = pattern(if n.is_multiple_of(50) { 200_000 + n } else { n });
                let endpoint = if n.is_multiple_of(7) { "sha256" } else { "echo" };
                let response = pair.call(endpoint).arg3(body.clone()).send().await.unwrap();
                if endpoint == "echo" {
                    assert_eq!(response.body(), body);
                } else {
                    assert_eq!(response.body().len(), 64);
                }
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        assert_eq!(pair.network.connects(), 1);
    });
}

#[test]
fn first_calls_share_one_connection_attempt() {
    block_on_threads(async {
        let pair = Arc::new(Pair::new(Shape::default()).await);
        let calls: Vec<_> = (0..1_000)
            .map(|n| {
                let pair = pair.clone();
                tokio::spawn(async move { pair.call("echo").arg3(n.to_string()).send().await })
            })
            .collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap().unwrap().body(), n.to_string());
        }
        assert_eq!(pair.network.connects(), 1);
    });
}

#[test]
fn application_errors_are_responses() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let response = pair.call("app-error").arg2("h").arg3("it failed").send().await.unwrap();
        assert!(!response.ok());
        assert_eq!(response.code(), ResponseCode::NOT_OK);
        assert_eq!(response.body(), "it failed");
    });
}

#[test]
fn all_other_response_codes_are_sent_as_application_errors() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.server
            .service("codes")
            .unwrap()
            .register("two", |_: Request| async { Ok(Reply::ok("", "").with_code(ResponseCode(2))) });
        let response = pair.client.call("codes", "two").host(pair.at).send().await.unwrap();
        assert_eq!(response.code(), ResponseCode::NOT_OK, "peers know no other");
        assert!(!response.ok());
    });
}

#[test]
fn handlers_see_what_the_caller_said() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let tracing = Tracing { span_id: 1, parent_id: 2, trace_id: 3, flags: 1 };
        let call =
            pair.call("inspect").arg2("x").arg3("yy").shard_key("shard-7").routing_delegate("delegate");
        let call = call
            .forward_tracing(tracing)
            .checksum(ChecksumKind::Crc32)
            .caller("someone")
            .header("fd", "domain");
        let response = call.retry(RetryFlags { connection: true, timeout: true }).send().await.unwrap();
        assert_eq!(response.headers().get("as"), Some("raw"));
        assert_eq!(response.tracing(), tracing);
        assert_eq!(response.checksum(), ChecksumKind::Crc32);
        let seen: serde_json::Value = serde_json::from_slice(&response.body()).unwrap();
        assert_eq!(seen["service"], "echo");
        let headers = serde_json::json!({
            "cn": "someone", "as": "raw", "re": "ct", "sk": "shard-7", "rd": "delegate", "fd": "domain",
        });
        assert_eq!(seen["headers"], headers);
        assert_eq!(seen["checksumType"], 1);
        assert_eq!(seen["arg2"], 1);
        assert_eq!(seen["arg3"], 2);
        assert_eq!(seen["tracing"]["traceid"], serde_json::json!([0, 3]));
        let ttl = seen["ttl"].as_u64().unwrap();
        assert!((1..=30_000).contains(&ttl), "{ttl}");
    });
}

#[test]
fn a_call_can_be_sent_many_times() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let call = pair.call("echo").arg3("again");
        for _ in 0..3 {
            assert_eq!(call.clone().send().await.unwrap().body(), "again");
        }
    });
}

#[test]
fn bodies_in_pieces_arrive_joined_in_order() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let pieces: Vec<Bytes> = (0..50).map(|n| pattern(n * 100)).collect();
        let response = pair.call("echo").arg3_pieces(pieces.clone()).send().await.unwrap();
        assert_eq!(response.body(), pieces.concat());
    });
}

#[test]
fn a_handler_calls_its_caller_back_on_the_same_connection() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.client.service("client").unwrap().register("echo", |request: Request| async move {
            Ok(Reply::ok(request.arg2().clone(), [b"back: ", &request.body()[..]].concat()))
        });
        let response = pair.call("reverse").arg3("there").send().await.unwrap();
        assert_eq!(response.body(), "back: there");
        assert_eq!(response.arg2(), "from-server");
        assert_eq!(pair.network.connects(), 1);
    });
}

#[test]
fn both_sides_know_each_other() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.server.service("who").unwrap().register("are-you", |request: Request| async move {
            let remote =
                request.remote().ok_or_else(|| Reject::new(tchannel_rpc::ErrorCode::Busy, "none"))?;
            Ok(Reply::ok(remote.language.clone(), remote.process_name.clone()))
        });
        let response = pair.client.call("who", "are-you").host(pair.at).send().await.unwrap();
        assert_eq!(response.arg2(), "rust");
        let name = String::from_utf8(response.body().to_vec()).unwrap();
        assert!(name.ends_with(&format!("[{}]", std::process::id())), "{name}");
    });
}

#[test]
fn json_and_thrift_endpoints_answer_known_bytes() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let json = pair.call("json-echo").scheme("json").arg3("{\"q\": 1}").send().await.unwrap();
        assert_eq!((json.arg2().as_ref(), json.body().as_ref()), (&b"{}"[..], &b"{\"q\":1}"[..]));
        let error = pair.call("json-error").scheme("json").arg3("[1]").send().await.unwrap();
        assert!(!error.ok());
        let thrift = |endpoint, body: &'static [u8]| {
            pair.call(endpoint).scheme("thrift").arg2(&[0_u8, 0][..]).arg3(body).send()
        };
        let set =
            thrift("KeyValue::setValue", b"\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0").await.unwrap();
        assert_eq!(set.body(), &b"\0"[..]);
        let get = thrift("KeyValue::getValue", b"\x0b\0\x01\0\0\0\x01k\0").await.unwrap();
        assert_eq!(get.body(), &b"\x0b\0\0\0\0\0\x01v\0"[..]);
        let missing = thrift("KeyValue::getValue", b"\x0b\0\x01\0\0\0\x01x\0").await.unwrap();
        assert!(!missing.ok());
        assert_eq!(missing.body(), &b"\x0c\0\x01\x0b\0\x01\0\0\0\x01x\0\0"[..]);
        assert!(thrift("Meta::health", b"\0").await.unwrap().ok());
    });
}

#[test]
fn a_handler_that_was_quick_may_turn_slow() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let count = runs.clone();
        pair.server.service("moody").unwrap().register("serve", move |request: Request| {
            let slow = count.fetch_add(1, Ordering::Relaxed) >= 100;
            async move {
                if slow {
                    // Needs the reading task to answer: it must not be what this runs on.
                    let back = request.connection().call("client", "echo").arg3(request.body());
                    return Ok(Reply::ok("", back.send().await.map_err(Reject::from)?.body()));
                }
                Ok(Reply::ok("", request.body()))
            }
        });
        echo(&pair.client, "client", pair.network.clone());
        for n in 0..200 {
            let call = pair.client.call("moody", "serve").host(pair.at).arg3(n.to_string());
            assert_eq!(call.send().await.unwrap().body(), n.to_string());
        }
        assert_eq!(runs.load(Ordering::Relaxed), 200);
    });
}
