//! Time: of a call, of its attempts, of its parent, and what of it the wire tells.

use std::time::Duration;

use tchannel_rpc::{
    ErrorCode, Origin, Reject, Reply, Request, Responder, RetryFlags, StreamedRequest, SubChannel,
};

use super::net::{ENDPOINT, LONG, Net, SERVICE, SHORT, Server, answers, block_on, echoes, hangs, refuses};

/// Milliseconds.
fn whole(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap()
}

#[test]
fn n7_a_request_has_100_ms_unless_it_says_otherwise() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let moe = client.service(SERVICE).unwrap();
        moe.request(ENDPOINT).no_parent().timeout(LONG).send().await.unwrap();
        // On a busy machine it may be too late for an answer, but not for the frame.
        let _ = moe.request(ENDPOINT).no_parent().send().await;
        let ttl = net.line.request().ttl;
        assert!((1..=100).contains(&ttl), "{ttl} ms");
    });
}

#[test]
fn p2_a_call_has_30_s_unless_it_says_otherwise() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let moe = client.service(SERVICE).unwrap();
        for call in [client.call(SERVICE, ENDPOINT), moe.call(ENDPOINT)] {
            call.send().await.unwrap();
            let ttl = net.line.request().ttl;
            assert!((10_000..=30_000).contains(&ttl), "{ttl} ms");
        }
    });
}

#[test]
fn n7_the_timeout_of_a_request_is_on_the_wire() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let moe = client.service(SERVICE).unwrap();
        for timeout in [LONG, LONG * 10] {
            moe.request(ENDPOINT).no_parent().timeout(timeout).send().await.unwrap();
            let ttl = net.line.request().ttl;
            assert!(ttl <= whole(timeout) && ttl > whole(timeout / 2), "{ttl} ms of {timeout:?}");
        }
    });
}

#[test]
fn n7_the_timeout_is_for_all_attempts_together() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let silent = net.server(hangs).await;
        let client = net.ordered(&[&busy, &silent]);
        let moe = client.service(SERVICE).unwrap();
        net.line.mute(ErrorCode::Timeout);
        let error = moe.request(ENDPOINT).no_parent().timeout(SHORT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Local));
        assert_eq!((error.attempts(), error.timeout()), (2, SHORT));
        let ttl = |at| net.line.requests_to(at)[0].ttl;
        assert!(ttl(silent.at) <= ttl(busy.at) && ttl(busy.at) <= whole(SHORT));
    });
}

#[test]
fn n7_a_timeout_of_zero_is_refused() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        let client = net.client(&[&server]);
        let moe = client.service(SERVICE).unwrap();
        let zero = Duration::ZERO;
        let calls = [
            (client.call(SERVICE, ENDPOINT).timeout(zero), "`timeout` is 0"),
            (moe.request(ENDPOINT).no_parent().timeout(zero), "`timeout` is 0"),
            (client.call(SERVICE, ENDPOINT).timeout_per_attempt(zero), "`timeout_per_attempt` is 0"),
        ];
        for (call, text) in calls {
            let error = call.send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
            assert!(error.message().contains(text), "{error}");
        }
        assert_eq!(net.line.network().connects(), 0);
    });
}

#[test]
fn n8_an_attempt_times_out_and_the_next_peer_answers() {
    block_on(async {
        let net = Net::new();
        let silent = net.server(hangs).await;
        let server = net.server(answers("second")).await;
        let client = net.ordered(&[&silent, &server]);
        let moe = client.service(SERVICE).unwrap();
        let request = moe.request(ENDPOINT).no_parent().timeout(LONG).timeout_per_attempt(SHORT);
        let answer = request.send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("second".into(), 2));
        for server in [&silent, &server] {
            let ttl = net.line.requests_to(server.at)[0].ttl;
            assert!(ttl <= whole(SHORT), "{ttl} ms");
        }
    });
}

#[test]
fn n8_retries_that_are_off_stay_off() {
    block_on(async {
        let net = Net::new();
        let silent = net.server(hangs).await;
        let server = net.server(answers("second")).await;
        let client = net.ordered(&[&silent, &server]);
        let call = client.call(SERVICE, ENDPOINT).timeout_per_attempt(SHORT).retry(RetryFlags::NEVER);
        let error = call.send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Timeout, 1));
        assert_eq!(net.asked(&server), 0);
    });
}

/// A server that gives up its requests after a short time, and one that answers.
async fn impatient(net: &Net) -> (Server, Server) {
    let builder = net.builder("server").config(|config| config.max_ttl = SHORT);
    let impatient = builder.build().unwrap();
    impatient.service(SERVICE).unwrap().register(ENDPOINT, hangs);
    (super::net::Server::listening(impatient).await, net.server(answers("second")).await)
}

#[test]
fn c22_flag_t_retries_a_timeout_that_the_peer_tells() {
    block_on(async {
        let net = Net::new();
        let (impatient, server) = impatient(&net).await;
        let client = net.ordered(&[&impatient, &server]);
        let call = || client.call(SERVICE, ENDPOINT).timeout(LONG);
        let error = call().send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Remote));
        assert_eq!((error.attempts(), net.asked(&server)), (1, 0), "the default is c");
        let flags = RetryFlags { connection: false, timeout: true };
        let answer = call().retry(flags).send().await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("second".into(), 2));
    });
}

#[test]
fn c22_a_local_timeout_of_an_attempt_is_retried_by_the_flag_that_it_adds() {
    block_on(async {
        let net = Net::new();
        let silent = net.server(hangs).await;
        let server = net.server(answers("second")).await;
        let client = net.ordered(&[&silent, &server]);
        net.line.mute(ErrorCode::Timeout);
        let connection = RetryFlags { connection: true, timeout: false };
        let call = client.call(SERVICE, ENDPOINT).retry(connection).timeout_per_attempt(SHORT);
        assert_eq!(call.send().await.unwrap().body(), "second");
        assert_eq!(net.line.request().route.headers().get("re"), Some("ct"), "and is sent");
    });
}

#[test]
fn e3_local_and_remote_timeouts_are_told_apart() {
    block_on(async {
        let net = Net::new();
        let (impatient, _) = impatient(&net).await;
        let says = net.server(refuses(ErrorCode::Timeout)).await;
        let silent = net.server(hangs).await;
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let client = net.client(&[]);
        let call = |at| client.call(SERVICE, ENDPOINT).host(at);
        for at in [impatient.at, says.at] {
            let error = call(at).timeout(LONG).send().await.unwrap_err();
            assert!(error.is_timeout());
            assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Remote), "{error}");
        }
        net.line.mute(ErrorCode::Timeout);
        let error = call(silent.at).timeout(SHORT).send().await.unwrap_err();
        assert!(error.is_timeout());
        assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Local), "{error}");
        assert!(!call(busy.at).send().await.unwrap_err().is_timeout());
    });
}

/// Begins its answer at once, and ends it when the caller's time is over.
async fn dribbles(mut request: StreamedRequest, responder: Responder) -> Result<(), Reject> {
    while request.body().next().await?.is_some() {}
    let mut answer = responder.ok()?;
    answer.next_arg()?;
    answer.write("first ").await?;
    answer.flush()?;
    tokio::time::sleep(request.ttl() + Duration::from_millis(50)).await;
    answer.write("last").await?;
    Ok(answer.finish()?)
}

async fn with_dribbling(net: &Net) -> (Server, SubChannel) {
    let server = net.server(hangs).await;
    server.channel.service(SERVICE).unwrap().register_streamed("dribble", dribbles);
    let moe = net.client(&[&server]).service(SERVICE).unwrap();
    (server, moe)
}

#[test]
fn n11_a_streamed_response_may_go_on_past_the_timeout() {
    block_on(async {
        let net = Net::new();
        let (_server, moe) = with_dribbling(&net).await;
        let (writer, call) = moe.request("dribble").no_parent().timeout(SHORT).open();
        writer.finish().unwrap();
        let mut response = call.await.unwrap();
        let mut body = Vec::new();
        while let Some(chunk) = response.body().chunk().await.unwrap() {
            body.extend_from_slice(&chunk);
        }
        assert_eq!(body, b"first last");
    });
}

#[test]
fn n11_a_whole_response_may_not() {
    block_on(async {
        let net = Net::new();
        let (_server, moe) = with_dribbling(&net).await;
        net.line.mute(ErrorCode::Timeout);
        let error = moe.request("dribble").no_parent().timeout(SHORT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Local));
        assert_eq!(net.line.responses().len(), 1, "its first frame came in time");
    });
}

#[test]
fn n11_a_streamed_response_that_does_not_begin_times_out() {
    block_on(async {
        let net = Net::new();
        let (_server, moe) = with_dribbling(&net).await;
        net.line.mute(ErrorCode::Timeout);
        let (writer, call) = moe.request(ENDPOINT).no_parent().timeout(SHORT).open();
        writer.finish().unwrap();
        let error = call.await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Local));
    });
}

#[test]
fn g9_a_handler_sees_flags_time_left_and_headers() {
    block_on(async {
        let net = Net::new();
        let server = net.server(|request: Request| async move {
            let headers: Vec<_> =
                request.headers().iter().map(|(key, value)| format!("{key}={value}")).collect();
            let ttl = u64::try_from(request.ttl().as_millis())?;
            let head = format!("{} {} {ttl}", request.flags().0, request.flags().more());
            Ok(Reply::ok(head, headers.join(" ")))
        });
        let server = server.await;
        let client = net.client(&[&server]);
        for size in [0, 100_000] {
            let call = client.call(SERVICE, ENDPOINT).timeout(LONG).shard_key("s").header("own", "x");
            let answer = call.arg3(vec![0; size]).send().await.unwrap();
            assert_eq!(answer.body(), "cn=client as=raw re=c sk=s own=x");
            let head = String::from_utf8(answer.arg2().to_vec()).unwrap();
            let [flags, more, ttl] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
            let sent = net.line.request();
            assert_eq!((flags, more), (&*sent.flags.0.to_string(), &*sent.flags.more().to_string()));
            let ttl: u32 = ttl.parse().unwrap();
            assert!(ttl <= sent.ttl && ttl > sent.ttl / 2, "{ttl} of {} ms", sent.ttl);
        }
    });
}
