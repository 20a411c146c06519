//! Which ends of an attempt lead to another, and what its caller gets in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tchannel_rpc::testing::pattern;
use tchannel_rpc::{
    CallError, Channel, ErrorCode, Origin, Reject, Reply, Request, Response, RetryFlags, RetryPolicy, Verdict,
};

use super::net::{
    ENDPOINT, LONG, Net, SERVICE, SHORT, Server, answers, block_on, echoes, fails, hangs, refuses, settle,
};

const N: RetryFlags = RetryFlags::NEVER;
const C: RetryFlags = RetryFlags { connection: true, timeout: false };
const T: RetryFlags = RetryFlags { connection: false, timeout: true };
const CT: RetryFlags = RetryFlags { connection: true, timeout: true };

#[test]
fn n6_the_application_may_have_a_response_retried() {
    block_on(async {
        let net = Net::new();
        let not_ok = net.server(fails("no luck")).await;
        let server = net.server(answers("fine")).await;
        let client = net.ordered(&[&not_ok, &server]);
        let asked = Arc::<AtomicUsize>::default();
        let count = asked.clone();
        let moe = client.service(SERVICE).unwrap();
        let request = moe.request(ENDPOINT).no_parent().timeout(LONG).retry(N).retry_if(move |response| {
            assert!(!response.ok());
            assert_eq!((response.arg2(), response.body()), (&"why".into(), "no luck".into()));
            count.fetch_add(1, Ordering::Relaxed);
            Verdict::Retry
        });
        let answer = request.send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("fine".into(), 2), "flags do not stop it");
        assert_eq!(asked.load(Ordering::Relaxed), 1, "it is not asked about what is ok");
    });
}

#[test]
fn n6_out_of_attempts_the_last_response_is_given() {
    block_on(async {
        let net = Net::new();
        let one = net.server(fails("one")).await;
        let two = net.server(fails("two")).await;
        let three = net.server(fails("three")).await;
        let client = net.ordered(&[&one, &two, &three]);
        let call = client.call(SERVICE, ENDPOINT).retry_if(|_| Verdict::Retry);
        let answer = call.clone().retry_limit(1).send().await.unwrap();
        assert!(!answer.ok());
        assert_eq!((answer.body(), answer.attempts()), ("two".into(), 2));
        let answer = call.send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("three".into(), 3), "there are no more peers");
    });
}

#[test]
fn n6_the_application_may_accept_or_fail() {
    block_on(async {
        let net = Net::new();
        let not_ok = net.server(fails("no luck")).await;
        let other = net.server(answers("fine")).await;
        let client = net.ordered(&[&not_ok, &other]);
        let call = client.call(SERVICE, ENDPOINT);
        let answer = call.clone().retry_if(|_| Verdict::Accept).send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("no luck".into(), 1));
        let fails = |_: &Response| Verdict::fail(ErrorCode::Unexpected, "as the application says");
        let error = call.clone().retry_if(fails).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Unexpected, Origin::Local));
        assert_eq!((error.message(), error.attempts()), ("as the application says", 1));
        assert!(!call.send().await.unwrap().ok(), "nobody is asked who was not named");
        assert_eq!(net.asked(&other), 0);
    });
}

/// A way for an attempt to end badly.
struct Failing {
    name: &'static str,
    /// Whether flags n, c, t and ct allow another, and whether c does with the strict policy.
    retried: [bool; 5],
}

const TABLE: [Failing; 12] = [
    Failing { name: "busy", retried: [false, true, true, true, true] },
    Failing { name: "declined", retried: [false, true, true, true, true] },
    Failing { name: "timeout", retried: [false, false, true, true, false] },
    Failing { name: "network error", retried: [false, true, false, true, true] },
    Failing { name: "fatal protocol error", retried: [false, true, false, true, false] },
    Failing { name: "unexpected error", retried: [false, true, false, true, false] },
    Failing { name: "bad request", retried: [false; 5] },
    Failing { name: "cancelled", retried: [false; 5] },
    Failing { name: "unhealthy", retried: [false; 5] },
    Failing { name: "refused", retried: [false, true, false, true, true] },
    Failing { name: "cut", retried: [false, true, false, true, true] },
    Failing { name: "attempt timeout", retried: [false, true, true, true, true] },
];

/// A first peer that fails so, and a second that answers.
async fn failing(net: &Net, name: &str) -> (Channel, Server, Server) {
    let first = match name {
        "cut" => {
            net.server(|request: Request| {
                request.connection().close();
                hangs(request)
            })
            .await
        }
        "attempt timeout" => net.server(hangs).await,
        "refused" => {
            let gone = net.server(hangs).await;
            gone.channel.close().await;
            gone
        }
        code => net.server(refuses(code.parse().unwrap())).await,
    };
    let second = net.server(answers("second")).await;
    (net.ordered(&[&first, &second]), first, second)
}

#[test]
fn table_6_what_is_retried() {
    for row in TABLE {
        let policies = [
            (N, RetryPolicy::Documented),
            (C, RetryPolicy::Documented),
            (T, RetryPolicy::Documented),
            (CT, RetryPolicy::Documented),
            (C, RetryPolicy::Strict),
        ];
        for ((flags, policy), retried) in policies.into_iter().zip(row.retried) {
            block_on(async {
                let net = Net::new();
                let (client, _first, second) = failing(&net, row.name).await;
                let call = client.call(SERVICE, ENDPOINT).retry(flags).retry_policy(policy);
                let call = if row.name == "attempt timeout" {
                    net.line.mute(ErrorCode::Timeout);
                    call.timeout_per_attempt(SHORT)
                } else {
                    call
                };
                let result = call.send().await;
                let seen = format!("{} with {flags:?}, {policy:?}: {result:?}", row.name);
                assert_eq!(net.asked(&second), usize::from(retried), "{seen}");
                match result {
                    Ok(answer) => {
                        assert_eq!((answer.body(), answer.attempts()), ("second".into(), 2), "{seen}");
                    }
                    Err(error) => assert_eq!(error.attempts(), 1, "{seen}"),
                }
            });
        }
    }
}

#[test]
fn n10_flags_given_as_the_header_are_kept_to() {
    block_on(async {
        let net = Net::new();
        let unexpected = net.server(refuses(ErrorCode::Unexpected)).await;
        let second = net.server(answers("second")).await;
        let client = net.ordered(&[&unexpected, &second]);
        for (flags, retried) in [("n", false), ("nc", false), ("c", true), ("t", false), ("tc", true)] {
            let result = client.call(SERVICE, ENDPOINT).header("re", flags).send().await;
            assert_eq!(result.is_ok(), retried, "{flags}: {result:?}");
        }
    });
}

#[test]
fn p11_the_application_may_ask_the_table_itself() {
    for row in TABLE.iter().filter(|row| row.name != "attempt timeout") {
        block_on(async {
            let net = Net::new();
            let (_client, first, _second) = failing(&net, row.name).await;
            let client = net.client(&[]);
            let call = client.call(SERVICE, ENDPOINT);
            let error = call.clone().host(first.at).send().await.unwrap_err();
            let judged = [N, C, T, CT].map(|flags| call.clone().retry(flags).should_retry(&error));
            assert_eq!(judged, row.retried[..4], "{error}");
            let strict = call.clone().retry_policy(RetryPolicy::Strict);
            assert_eq!(strict.should_retry(&error), row.retried[4], "{error}");
            assert_eq!(call.should_retry(&error), row.retried[1], "c is the default");
        });
    }
}

#[test]
fn p11_what_was_never_sent_to_anybody_is_not_worth_a_retry() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[]);
        let call = client.call(SERVICE, ENDPOINT).retry(CT);
        let no_peer = call.clone().send().await.unwrap_err();
        let invalid = call.clone().host(server.at).service("").send().await.unwrap_err();
        client.close().await;
        let closed = call.clone().host(server.at).send().await.unwrap_err();
        for error in [no_peer, invalid, closed] {
            assert!(!call.should_retry(&error), "{error}");
        }
    });
}

/// A server that fails as often as is said, and then answers.
async fn moody(net: &Net, failures: usize, code: ErrorCode) -> Server {
    let calls = AtomicUsize::new(0);
    net.server(move |_: Request| {
        let fails = calls.fetch_add(1, Ordering::Relaxed) < failures;
        async move { if fails { Err(Reject::new(code, "not yet")) } else { Ok(Reply::ok("", "at last")) } }
    })
    .await
}

#[test]
fn table_5_a_peer_that_was_tried_is_not_tried_again() {
    block_on(async {
        let net = Net::new();
        let server = moody(&net, 1, ErrorCode::Busy).await;
        let client = net.client(&[&server]);
        let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Busy, 1));
    });
}

#[test]
fn table_5_the_same_peer_may_be_tried_again_if_the_call_allows_it() {
    block_on(async {
        let net = Net::new();
        let server = moody(&net, 2, ErrorCode::Busy).await;
        let client = net.client(&[&server]);
        let answer = client.call(SERVICE, ENDPOINT).allow_same_peer(true).send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("at last".into(), 3));
    });
}

#[test]
fn table_5_without_more_peers_the_last_error_is_given() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let declined = net.server(refuses(ErrorCode::Declined)).await;
        for (servers, last) in
            [([&busy, &declined], ErrorCode::Declined), ([&declined, &busy], ErrorCode::Busy)]
        {
            let error = net.ordered(&servers).call(SERVICE, ENDPOINT).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin(), error.attempts()), (last, Origin::Remote, 2));
            assert_eq!(error.peer(), Some(servers[1].at.to_string()));
        }
    });
}

#[test]
fn table_5_a_connect_that_fails_is_an_attempt() {
    block_on(async {
        let net = Net::new();
        let gone = net.server(hangs).await;
        gone.channel.close().await;
        let server = net.server(answers("second")).await;
        let client = net.ordered(&[&gone, &server]);
        let answer = client.call(SERVICE, ENDPOINT).send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("second".into(), 2));
        assert_eq!(answer.peer(), Some(&server.host_port()));
    });
}

#[test]
fn table_5_arguments_are_kept_for_every_attempt() {
    block_on(async {
        let net = Net::new();
        let drops = net.server(|request: Request| async move {
            drop(request.into_args());
            Err::<Reply, _>(Reject::new(ErrorCode::Busy, "after all of it was read"))
        });
        let drops = drops.await;
        let server = net.server(echoes).await;
        let client = net.ordered(&[&drops, &server]);
        let body = pattern(300_000);
        let call = client.call(SERVICE, ENDPOINT).arg2("head").arg3(body.clone());
        let answer = call.send().await.unwrap();
        assert_eq!((answer.arg2(), answer.body()), (&"head".into(), body));
        assert_eq!(answer.attempts(), 2);
    });
}

#[test]
fn table_5_a_dropped_call_makes_no_more_attempts() {
    block_on(async {
        let net = Net::new();
        let silent = net.server(hangs).await;
        let server = net.server(answers("second")).await;
        let client = net.ordered(&[&silent, &server]);
        let call = client.call(SERVICE, ENDPOINT).send();
        settle().await;
        assert_eq!(net.asked(&silent), 1);
        drop(call);
        settle().await;
        assert_eq!(net.asked(&server), 0);
    });
}

#[test]
fn e11_no_peer_is_told_only_when_nobody_was_tried() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        let no_peer = |error: &CallError| {
            assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Local), "{error}");
            assert!(error.message().contains("no peer for service \"moe\""), "{error}");
            assert_eq!((error.attempts(), error.peer()), (0, None), "{error}");
        };
        no_peer(&client.call(SERVICE, ENDPOINT).send().await.unwrap_err());
        let moe = client.service(SERVICE).unwrap();
        no_peer(&moe.request(ENDPOINT).no_parent().timeout(LONG).send().await.unwrap_err());

        let busy = net.server(refuses(ErrorCode::Busy)).await;
        client.peers().add(&busy.at.to_string()).unwrap();
        let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Busy, Origin::Remote), "{error}");
    });
}
