//! Requests of the transport document: who is called, and what comes back.

use std::future::Future;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Waker};

use tchannel_proto::Timestamp;
use tchannel_rpc::{Call, ErrorCode, HostPort, Origin, Parent, Peer, Phase, Tracing};

use super::net::{ENDPOINT, LONG, Net, SERVICE, answers, block_on, fails, hangs, refuses, settle};

const TRACED: Tracing = Tracing { span_id: 7, parent_id: 6, trace_id: 5, flags: 1 };

#[test]
fn n1_a_request_of_a_subchannel_reaches_its_service() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[&server]);
        let moe = client.subchannel(SERVICE).build().unwrap();
        let answer = moe.request(ENDPOINT).no_parent().timeout(LONG).send().await.unwrap();
        assert_eq!(answer.body(), "yes");
        assert_eq!(answer.peer(), Some(&server.host_port()));
        assert_eq!(answer.attempts(), 1);
    });
}

/// Polls a call whose end was given.
fn is_over(call: &mut Call) -> bool {
    let again = || Pin::new(call).poll(&mut Context::from_waker(Waker::noop()));
    catch_unwind(AssertUnwindSafe(again)).is_err()
}

#[test]
fn n2_not_ok_is_a_response_and_an_error_is_none() {
    block_on(async {
        let net = Net::new();
        let fine = net.server(answers("fine")).await;
        let not_ok = net.server(fails("no luck")).await;
        let broken = net.server(refuses(ErrorCode::Unexpected)).await;
        let client = net.client(&[]);
        let ask = |at| client.call(SERVICE, ENDPOINT).host(at);

        let response = ask(fine.at).send().await.unwrap();
        assert!(response.ok());
        let response = ask(not_ok.at).send().await.unwrap();
        assert!(!response.ok());
        assert_eq!((response.arg2(), response.body()), (&"why".into(), "no luck".into()));
        let error = ask(broken.at).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Unexpected, Origin::Remote));
    });
}

#[test]
fn n2_a_call_completes_exactly_once() {
    block_on(async {
        let net = Net::new();
        let fine = net.server(answers("fine")).await;
        let broken = net.server(refuses(ErrorCode::Unexpected)).await;
        let client = net.client(&[]);
        for (at, ok) in [(fine.at, true), (broken.at, false)] {
            let mut call = client.call(SERVICE, ENDPOINT).host(at).send();
            assert_eq!((&mut call).await.is_ok(), ok);
            assert!(is_over(&mut call));
        }
        settle().await;
        assert_eq!(
            (net.line.requests().len(), net.line.responses().len(), net.line.errors().len()),
            (2, 1, 1)
        );
    });
}

#[test]
fn n3_parent_or_no_parent_must_be_said_and_not_both() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[&server]);
        let moe = client.service(SERVICE).unwrap();
        let request = || moe.request(ENDPOINT).timeout(LONG);
        let parent = Parent { tracing: TRACED, deadline: Timestamp::MAX };

        let error = request().send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Local));
        assert!(error.message().contains("`parent`") && error.message().contains("`no_parent`"), "{error}");
        let error = request().parent(parent).no_parent().send().await.unwrap_err();
        assert!(error.message().contains("both given"), "{error}");
        assert_eq!(net.line.network().connects(), 0);

        request().no_parent().send().await.unwrap();
        request().parent(parent).send().await.unwrap();
        assert_eq!(net.asked(&server), 2);
    });
}

#[test]
fn n3_a_parent_without_time_left_is_a_timeout_and_no_frame() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[&server]);
        let moe = client.service(SERVICE).unwrap();
        let parent = Parent { tracing: TRACED, deadline: Timestamp::ZERO };
        for call in [moe.request(ENDPOINT), moe.call(ENDPOINT)] {
            let error = call.parent(parent).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Local));
            assert_eq!((error.phase(), error.attempts()), (Phase::Queue, 0), "{error}");
        }
        settle().await;
        assert_eq!(net.line.network().connects(), 0, "no peer is touched");
    });
}

#[test]
fn n9_max_attempts_bounds_the_attempts() {
    block_on(async {
        let net = Net::new();
        let busy = [0; 3].map(|_| net.server(refuses(ErrorCode::Busy)));
        let [one, two, three] = busy;
        let (one, two, three) = (one.await, two.await, three.await);
        let client = net.client(&[&one, &two, &three]);
        let moe = client.service(SERVICE).unwrap();
        for attempts in [1, 2, 3] {
            net.line.forget();
            let request = moe.request(ENDPOINT).no_parent().timeout(LONG);
            let error = request.max_attempts(NonZeroU32::new(attempts).unwrap()).send().await.unwrap_err();
            assert_eq!((error.code(), error.attempts()), (ErrorCode::Busy, attempts));
            assert_eq!(net.line.requests().len(), usize::try_from(attempts).unwrap());
        }
    });
}

#[test]
fn p4_retry_limit_zero_is_one_attempt_and_two_are_three() {
    block_on(async {
        let net = Net::new();
        let mut servers = Vec::new();
        for _ in 0..4 {
            servers.push(net.server(refuses(ErrorCode::Busy)).await);
        }
        let client = net.client(&servers.iter().collect::<Vec<_>>());
        for (retries, attempts) in [(0, 1), (2, 3)] {
            net.line.forget();
            let error = client.call(SERVICE, ENDPOINT).retry_limit(retries).send().await.unwrap_err();
            assert_eq!((error.code(), error.attempts()), (ErrorCode::Busy, attempts));
            assert_eq!(net.line.requests().len(), usize::try_from(attempts).unwrap());
        }
    });
}

#[test]
fn p4_four_retries_are_the_default() {
    block_on(async {
        let net = Net::new();
        let mut servers = Vec::new();
        for _ in 0..6 {
            servers.push(net.server(refuses(ErrorCode::Busy)).await);
        }
        let client = net.client(&servers.iter().collect::<Vec<_>>());
        let moe = client.service(SERVICE).unwrap();
        for call in [moe.call(ENDPOINT), moe.request(ENDPOINT).no_parent().timeout(LONG)] {
            assert_eq!(call.send().await.unwrap_err().attempts(), 5);
        }
        assert_eq!(net.line.requests().len(), 10);
    });
}

#[test]
fn n12_a_call_that_is_not_tracked_does_not_weigh_on_its_peer() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        server.channel.service(SERVICE).unwrap().register("hang", hangs);
        let client = net.client(&[&server]);
        let idle = || client.call(SERVICE, ENDPOINT).peer_score_threshold(1).send();
        idle().await.unwrap();

        let tracked = client.call(SERVICE, "hang").send();
        let error = idle().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Local), "{error}");
        drop(tracked);
        idle().await.unwrap();

        let untracked = client.call(SERVICE, "hang").track_pending(false).send();
        assert!(idle().await.is_ok(), "its peer has no load");
        drop(untracked);
    });
}

#[test]
fn n13_a_host_is_connected_and_called_and_nobody_else_goes_there() {
    block_on(async {
        let net = Net::new();
        let listed = net.server(answers("listed")).await;
        let host = net.server(answers("host")).await;
        let client = net.client(&[&listed]);
        let moe = client.service(SERVICE).unwrap();
        let request = || moe.request(ENDPOINT).no_parent().timeout(LONG);
        assert_eq!(request().host(host.at).send().await.unwrap().body(), "host");
        for _ in 0..20 {
            assert_eq!(request().send().await.unwrap().body(), "listed");
        }
        assert_eq!((net.asked(&listed), net.asked(&host)), (20, 1));
    });
}

#[test]
fn p5_a_call_to_a_host_has_one_attempt() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let listed = net.server(answers("listed")).await;
        let client = net.client(&[&listed]);
        let call = client.call(SERVICE, ENDPOINT).host(busy.at).allow_same_peer(true);
        let error = call.send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Busy, 1));
        let error = client.call(SERVICE, ENDPOINT).host("127.0.0.1:65000").send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Network, 1));
        assert_eq!((net.asked(&busy), net.asked(&listed)), (1, 0));
    });
}

#[test]
fn p5_a_host_is_chosen_by_others_once_it_is_listed() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[]);
        client.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
        let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Local));
        client.peers().add(&server.at.to_string()).unwrap();
        client.call(SERVICE, ENDPOINT).send().await.unwrap();
        assert_eq!(net.line.network().connects(), 1, "over the connection that is there");
    });
}

#[test]
fn n14_a_call_to_a_peer_goes_to_that_peer_only() {
    block_on(async {
        let net = Net::new();
        let other = net.server(answers("other")).await;
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let chosen = net.server(answers("chosen")).await;
        let client = net.client(&[&other, &busy]);
        let peer = client.peers().add(&chosen.at.to_string()).unwrap();
        assert_eq!(peer.host_port(), &chosen.host_port());
        for _ in 0..20 {
            assert_eq!(client.call(SERVICE, ENDPOINT).peer(&peer).send().await.unwrap().body(), "chosen");
        }
        assert_eq!((net.asked(&other), net.asked(&busy), net.asked(&chosen)), (0, 0, 20));

        let is_busy = |peer: &&Peer| *peer.host_port() == HostPort::try_from(busy.at).unwrap();
        let listed = client.peers().list();
        let peer = listed.iter().find(is_busy).unwrap();
        let error = client.call(SERVICE, ENDPOINT).peer(peer).send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Busy, 1));
    });
}
